"""Large-sample standard errors of statistics that are functions of sums, by linearisation over clusters.

The influence of a cluster is the gradient of the statistic at the total, times the sums of the cluster. For
Fleiss' kappa, AC1, Brennan–Prediger and percent agreement over single units this is the design-based variance
that Gwet derives by hand.

References
----------
Gwet KL. Computing inter-rater reliability and its variance in the presence of high agreement.
Br J Math Stat Psychol 61:29-48, 2008. doi:10.1348/000711006X126600

Binder DA. On the variances of asymptotically normal estimators from complex surveys. Int Stat Rev 51:279-292,
1983. doi:10.2307/1402588
"""

import numpy as np
from scipy import stats

from qc.agreement._bootstrap import LINEARISED_ARCTANH, Bounds, FinishParts, Plan, Sample
from qc.agreement.base import DEGENERATE, TOO_FEW, ZERO_VARIANCE
from qc.readings.base import FloatArray

# Relative step of the central difference: its error and the rounding error are both near 1e-10 here.
_STEP = 1e-5
# A standard error below this is the rounding of 0.
_ZERO = 1e-9


def standard_errors(sample: Sample, finish: FinishParts) -> list[float | None]:
    """Return the standard error of each part; None where it does not exist.

    Parameters
    ----------
    sample : Sample
        The clusters; at least two, else every error is None.
    finish : callable
        Sums (replicates, features) → values (replicates, parts); unchanged when all sums are multiplied by
        one number.
    """
    n_parts = finish(sample.total).shape[1]
    if sample.n_clusters < 2:
        return [None] * n_parts
    influence = sample.sums @ gradient(sample, finish)
    weights = sample.multiplicity.astype(np.float64)
    centred = influence - weights @ influence / sample.n_clusters
    variance = sample.n_clusters / (sample.n_clusters - 1) * (weights @ centred**2)
    errors = np.sqrt(variance).tolist()
    return [None if np.isnan(error) else 0.0 if error < _ZERO else float(error) for error in errors]


def gradient(sample: Sample, finish: FinishParts) -> FloatArray:
    """Return the derivatives of each part by each sum (features, parts), by central differences."""
    size = sample.multiplicity.astype(np.float64) @ np.abs(sample.sums)
    moved = np.flatnonzero(size > 0)
    steps = np.zeros((len(moved), sample.sums.shape[1]))
    steps[np.arange(len(moved)), moved] = _STEP * size[moved]
    change = finish(sample.total + steps) - finish(sample.total - steps)
    slopes = np.zeros((sample.sums.shape[1], change.shape[1]))
    slopes[moved] = change / (2 * _STEP * size[moved])[:, None]
    return slopes


def linearised_bounds(value: float, error: float | None, n_clusters: int, plan: Plan) -> Bounds:
    """Return value ± t · error with n − 1 degrees of freedom, never above 1: for coefficients.

    Parameters
    ----------
    value : float
        The coefficient.
    error : float or None
        Its standard error.
    n_clusters : int
        Clusters that it rests on.
    plan : Plan
        Level, and whether the bounds are made on the arctanh scale where 0 < value < 1.
    """
    if n_clusters < 2:
        return Bounds(None, None, TOO_FEW)
    if error is None:
        return Bounds(None, None, DEGENERATE)
    if error == 0.0:
        return Bounds(None, None, ZERO_VARIANCE)
    margin = float(stats.t.ppf((1 + plan.level) / 2, n_clusters - 1)) * error
    if plan.interval == LINEARISED_ARCTANH and 0 < value < 1:
        centre, margin = float(np.arctanh(value)), margin / (1 - value**2)
        return Bounds(float(np.tanh(centre - margin)), float(np.tanh(centre + margin)), None)
    return Bounds(value - margin, min(value + margin, max(1.0, value)), None)
