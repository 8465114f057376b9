"""Within-unit standard deviation and repeatability coefficient."""

import math
from dataclasses import replace

import numpy as np
from scipy import stats

from qc.agreement._anova import centred, number_facts
from qc.agreement._bootstrap import BCA, LINEARISED, Plan, gather
from qc.agreement._kernel import estimates, ratio
from qc.agreement.base import NO_OVERLAP, ZERO_VARIANCE, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.number_table import NumberTable

WITHIN_SD = "within_sd"
COEFFICIENT = "coefficient"

_ROUNDING = 1e-13


def repeatability(
    reading: NumberTable,
    *,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    factor: float = 1.96,
) -> dict[str, Estimate]:
    """Return S_w, the root of the mean square within units, and 1.96 √2 S_w.

    Where the columns are repeated measurements of one rater this is repeatability; where they are different raters it
    is reproducibility: two measurements of one unit differ by less than the coefficient in 95 % of pairs.

    Parameters
    ----------
    reading : NumberTable
        Measurements of the same units, columns taken as exchangeable; units with fewer than two are dropped.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients, used where a patient has several units; otherwise the bounds are of the χ² distribution.
    factor : float
        1.96 for 95 % of normal differences; Bland & Altman 1986 used 2.

    Returns
    -------
    dict of str to Estimate
        ``within_sd`` and ``coefficient``, in units of measurement. Undefined with ``no_overlap``; no bounds without any
        difference (``zero_variance``).

    References
    ----------
    Bland JM, Altman DG. Measurement error. BMJ 313:744, 1996. doi:10.1136/bmj.313.7059.744

    Bland JM, Altman DG. Statistical methods for assessing agreement between two methods of clinical measurement.
    Lancet 327:307-310, 1986. doi:10.1016/S0140-6736(86)90837-8

    Examples
    --------
    >>> table = NumberTable.from_values([[1, 1], [2, 4], [3, 3], [4, 6]], raters=["first", "second"], unit="mm")
    >>> repeatability(table)["within_sd"].value
    1.0
    """
    used = reading.rated(2)
    facts = replace(number_facts(reading, used, "fewer than two measurements"), unit=used.unit)
    x, counts = centred(used), np.maximum(used.ratings, 1).astype(np.float64)
    squares = (x**2).sum(axis=1)
    within = squares - x.sum(axis=1) ** 2 / counts
    within = np.where(within > _ROUNDING * np.maximum(squares, 1e-300), within, 0.0)
    sample = gather(np.column_stack([counts - 1, within]), np.ones(len(x), dtype=np.int64), used.incidence)
    step = np.array([1.0, factor * math.sqrt(2)])

    def finish(sums: FloatArray) -> FloatArray:
        return np.asarray(np.sqrt(ratio(sums[:, 1], sums[:, 0]))[:, None] * step)

    plan = Plan(level, seed, replicates, BCA if used.has_repeats else LINEARISED)
    found = dict(zip((WITHIN_SD, COEFFICIENT), estimates(sample, finish, facts, plan, [NO_OVERLAP] * 2), strict=True))
    if used.has_repeats:
        return found
    freedom = float(sample.total[0, 0])
    return {part: _bounded(one, freedom, facts.warnings) for part, one in found.items()}


def _bounded(found: Estimate, freedom: float, warnings: tuple[str, ...]) -> Estimate:
    """Return the estimate with bounds from the χ² distribution of the mean square."""
    if found.value is None:
        return found
    plain = replace(found, method="χ² distribution of the mean square within units", seed=None, warnings=warnings)
    if found.value == 0:
        return replace(plain, low=None, high=None, interval_undefined=ZERO_VARIANCE, standard_error=0.0)
    tails = ((1 + found.level) / 2, (1 - found.level) / 2)
    low, high = (found.value * math.sqrt(freedom / float(stats.chi2.ppf(tail, freedom))) for tail in tails)
    return replace(plain, low=low, high=high, interval_undefined=None)


SPEC = Statistic(
    title="Within-unit standard deviation and repeatability coefficient",
    function=repeatability,
    accepts=NumberTable,
    scales=frozenset({"interval", "ratio"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, math.inf),
    reference="Bland & Altman 1996, doi:10.1136/bmj.313.7059.744",
    says=(
        "In units of measurement: the error of one measurement, and the difference that two measurements of the same "
        "case exceed in one of twenty; it assumes the same error for small and large cases."
    ),
    parts=True,
    describes=True,
)
