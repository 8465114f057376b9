"""ICC(1,1) and ICC(1,k): reliability of raters who may differ from unit to unit."""

import math

import numpy as np

from qc.agreement._anova import centred, f_bounds, number_facts
from qc.agreement._bootstrap import Bounds, Plan
from qc.agreement._icc import analysed
from qc.agreement._kernel import ratio
from qc.agreement.base import DEGENERATE, ZERO_VARIANCE, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.number_table import NumberTable

_ROUNDING = 1e-13


def icc_oneway(
    reading: NumberTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> dict[str, Estimate]:
    """Return (MSB − MSW) / (MSB + (k₀ − 1) MSW) of one rater and (MSB − MSW) / MSB of the mean.

    k₀ = (N − Σ n_i² / N) / (n − 1) is the number of measurements a unit where it is equal, and an average of it
    where it is not.

    Parameters
    ----------
    reading : NumberTable
        Raters taken as exchangeable; units with fewer than two measurements are dropped.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients, used where units have unequal numbers of measurements or patients several units;
        otherwise the bounds are exact for normal measurements.

    Returns
    -------
    dict of str to Estimate
        ``single`` and ``mean``; negative values stand as they are. Undefined with ``no_overlap``,
        ``too_few_items`` (one unit) or ``undefined_single_category`` (one value throughout). No bounds without
        spread within units (``zero_variance``).

    References
    ----------
    Shrout PE, Fleiss JL. Intraclass correlations: uses in assessing rater reliability. Psychol Bull 86:420-428, 1979.
    doi:10.1037/0033-2909.86.2.420

    Donner A. A review of inference procedures for the intraclass correlation coefficient in the one-way random effects
    model. Int Stat Rev 54:67-82, 1986. doi:10.2307/1403259

    Examples
    --------
    >>> table = NumberTable.from_values([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9],
    ...     [6, 2, 4, 7]], raters=["a", "b", "c", "d"])
    >>> round(icc_oneway(table)["single"].value, 2)
    0.17
    """
    used = reading.rated(2)
    facts = number_facts(reading, used, "fewer than two measurements")
    x, counts = centred(used), np.maximum(used.ratings, 1).astype(np.float64)
    total = x.sum(axis=1)
    features = np.column_stack([np.ones(len(x)), counts, counts**2, total, (x**2).sum(axis=1), total**2 / counts])
    exact = _bounds if len(set(used.ratings.tolist())) == 1 else None
    return analysed(used, features, _coefficients, exact, (facts, Plan(level, seed, replicates)))


def _squares(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the mean squares between and within units and k₀, each (replicates,)."""
    n, ratings, squared, total, squares, of_units = sums.T
    correction = ratio(total**2, ratings)
    least = _ROUNDING * squares
    between, within = of_units - correction, squares - of_units
    return (
        ratio(np.where(between > least, between, 0.0), n - 1),
        ratio(np.where(within > least, within, 0.0), ratings - n),
        ratio(ratings - ratio(squared, ratings), n - 1),
    )


def _coefficients(sums: FloatArray) -> FloatArray:
    between, within, k = _squares(sums)
    gain = between - within
    single = ratio(gain, between + (k - 1) * within)
    # Without spread between units the mean of k raters has no reliability that could be named.
    return np.column_stack([single, ratio(gain, between)])


def _bounds(total: FloatArray, level: float) -> tuple[Bounds, Bounds]:
    """Return exact bounds of both for k measurements a unit (normal measurements)."""
    between, within, k = (float(part[0]) for part in _squares(total))
    if within == 0:
        return Bounds(None, None, ZERO_VARIANCE), Bounds(None, None, ZERO_VARIANCE)
    n = float(total[0, 0])
    low, high = f_bounds(between / within, (n - 1, n * (k - 1)), level)
    single = Bounds((low - 1) / (low + k - 1), (high - 1) / (high + k - 1), None)
    if low == 0:
        # Units do not differ at all: the F distribution has no place for that.
        return Bounds(None, None, DEGENERATE), Bounds(None, None, DEGENERATE)
    return single, Bounds(1 - 1 / low, 1 - 1 / high, None)


SPEC = Statistic(
    title="ICC(1,1) and ICC(1,k), one-way",
    function=icc_oneway,
    accepts=NumberTable,
    scales=frozenset({"interval", "ratio"}),
    min_raters=2,
    max_raters=None,
    range=(-math.inf, 1.0),
    reference="Shrout & Fleiss 1979, doi:10.1037/0033-2909.86.2.420",
    says=(
        "The share of the spread of measurements that lies between cases and not between readers who may differ from "
        "case to case; it is high in a varied sample and low in a uniform one for the same error in mm."
    ),
    parts=True,
)
