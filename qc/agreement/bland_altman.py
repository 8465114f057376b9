"""Bland–Altman: bias between two raters and the limits within which their differences lie."""

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from scipy import stats

from qc.agreement._anova import number_facts
from qc.agreement._bootstrap import BCA, LINEARISED, Bounds, Plan, gather
from qc.agreement._kernel import Facts, estimates
from qc.agreement._pairs import both_measured, two_columns
from qc.agreement.base import DIFFERENCE_GROWS, NO_OVERLAP, SMALL_SAMPLE, TOO_FEW, ZERO_VARIANCE, Estimate, Statistic
from qc.readings.base import FloatArray, ReadingError
from qc.readings.number_table import NumberTable

BIAS, LOWER, UPPER = "bias", "lower_limit", "upper_limit"
PARTS = (BIAS, LOWER, UPPER)

EXACT = "exact"
BLAND_ALTMAN_1986 = "bland_altman_1986"
BLAND_ALTMAN_1999 = "bland_altman_1999"
INTERVALS = (EXACT, BLAND_ALTMAN_1986, BLAND_ALTMAN_1999, BCA)

DIFFERENCE = "difference"
RATIO = "ratio"

_FACTOR = 1.96
_SIGNIFICANT = 0.05
_METHODS = {
    EXACT: "exact for normal differences (noncentral t, Carkeet 2015); bias by t",
    BLAND_ALTMAN_1986: "approximate, Bland & Altman 1986",
    BLAND_ALTMAN_1999: "approximate, Bland & Altman 1999",
}


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation (n − 1) of n differences, in units of measurement or their logarithm."""

    n: int
    mean: float
    deviation: float


def bland_altman(
    reading: NumberTable,
    *,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    interval: str = EXACT,
    limits: str = DIFFERENCE,
) -> dict[str, Estimate]:
    """Return the mean difference d̄ (first rater less second, in the order of their names) and d̄ ± 1.96 s.

    Parameters
    ----------
    reading : NumberTable
        Two raters; units that only one of them measured are dropped.
    level : float
        Confidence level of the bounds; the limits are for 95 % of the differences whatever it is.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients.
    interval : str
        ``exact`` (Carkeet 2015), ``bland_altman_1986`` (SE² = 3 s²/n), ``bland_altman_1999``
        (SE² = s² (1/n + 1.96² / (2 (n − 1)))) or ``bca``, which is used all the same where a patient has several units.
    limits : str
        ``difference`` in units of measurement, or ``ratio`` of the first to the second (all values positive), made on
        the log scale.

    Returns
    -------
    dict of str to Estimate
        ``bias``, ``lower_limit`` and ``upper_limit``. Undefined with ``no_overlap``, or ``too_few_items`` (one unit).
        No bounds when all differences are one (``zero_variance``). Where the differences grow or shrink with the mean
        of both (slope with p < .05) each raises ``difference_grows_with_size``.

    References
    ----------
    Bland JM, Altman DG. Statistical methods for assessing agreement between two methods of clinical measurement.
    Lancet 327:307-310, 1986. doi:10.1016/S0140-6736(86)90837-8

    Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res 8:135-160, 1999.
    doi:10.1177/096228029900800204

    Carkeet A. Exact parametric confidence intervals for Bland-Altman limits of agreement. Optom Vis Sci 92:e71-e80,
    2015. doi:10.1097/OPX.0000000000000513

    Examples
    --------
    >>> table = NumberTable.from_values([[1, 1], [2, 3], [3, 3], [4, 5]], raters=["ada", "ben"], unit="mm")
    >>> bland_altman(table)["bias"].value
    -0.5
    """
    _check(interval, limits)
    used = both_measured(reading, "Bland–Altman")
    d = _differences(used, limits)
    grows = (DIFFERENCE_GROWS,) if limits == DIFFERENCE and slope_p(used) < _SIGNIFICANT else ()
    facts = number_facts(reading, used, "not measured by both")
    unit = used.unit if limits == DIFFERENCE else ""
    facts = replace(facts, warnings=(*facts.warnings, *grows), unit=unit)
    is_bca = interval == BCA or used.has_repeats
    plan = Plan(level, seed, replicates, BCA if is_bca else LINEARISED)
    found = _estimated(used, d, limits, (facts, plan))
    if is_bca or found[BIAS].value is None or found[LOWER].value is None:
        return found
    spread = Spread(len(d), float(d.mean()), float(d.std(ddof=1)))
    return {part: _bounded(found[part], part, spread, interval, limits) for part in PARTS}


def slope_p(used: NumberTable) -> float:
    """Return p of the slope of difference on mean; 1 where there is none (fewer than three units, no spread).

    Parameters
    ----------
    used : NumberTable
        Two raters, all units measured by both.
    """
    first, second = two_columns(used)
    mean, difference = (first + second) / 2, first - second
    if len(mean) < 3 or np.ptp(mean) == 0 or np.ptp(difference) == 0:
        return 1.0
    r = float(np.clip(np.corrcoef(mean, difference)[0, 1], -1, 1))
    if abs(r) == 1:
        return 0.0
    freedom = len(mean) - 2
    return float(2 * stats.t.sf(abs(r) * math.sqrt(freedom / (1 - r**2)), freedom))


def _check(interval: str, limits: str) -> None:
    if interval not in INTERVALS:
        raise ValueError(f"{interval!r} is not one of {', '.join(INTERVALS)}.")
    if limits not in (DIFFERENCE, RATIO):
        raise ValueError(f"{limits!r} is neither {DIFFERENCE!r} nor {RATIO!r}.")


def _differences(used: NumberTable, limits: str) -> FloatArray:
    """Return the differences, or the differences of logarithms (units,)."""
    if used.values.shape[1] != 2:
        return np.zeros(0)
    if limits == DIFFERENCE:
        return np.asarray(used.values[:, 0] - used.values[:, 1])
    if (used.values <= 0).any():
        raise ReadingError("not-positive", "Limits of a ratio need measurements above 0.")
    return np.asarray(np.log(used.values[:, 0] / used.values[:, 1]))


def _estimated(used: NumberTable, d: FloatArray, limits: str, how: tuple[Facts, Plan]) -> dict[str, Estimate]:
    """Return bias and limits with bootstrapped bounds."""
    facts, plan = how
    centre = float(d.mean()) if len(d) else 0.0
    features = np.column_stack([np.ones(len(d)), d - centre, (d - centre) ** 2])

    def finish(sums: FloatArray) -> FloatArray:
        n = np.maximum(sums[:, 0], 1.0)
        mean = sums[:, 1] / n
        left = np.maximum(sums[:, 2] - sums[:, 1] ** 2 / n, 0.0)
        reach = np.where(n > 1, _FACTOR * np.sqrt(left / np.maximum(n - 1, 1.0)), np.nan)
        found = np.column_stack([mean, mean - reach, mean + reach]) + centre
        return np.exp(found) if limits == RATIO else found

    sample = gather(features, np.ones(len(d), dtype=np.int64), used.incidence)
    return dict(zip(PARTS, estimates(sample, finish, facts, plan, [NO_OVERLAP, TOO_FEW, TOO_FEW]), strict=True))


def _bounded(found: Estimate, part: str, spread: Spread, interval: str, limits: str) -> Estimate:
    """Return the estimate with parametric bounds."""
    warnings = tuple(word for word in found.warnings if word != SMALL_SAMPLE)
    plain = replace(found, method=_METHODS[interval], seed=None, warnings=warnings)
    if spread.deviation <= 1e-12 * max(1.0, abs(spread.mean)):
        return replace(plain, low=None, high=None, interval_undefined=ZERO_VARIANCE, standard_error=0.0)
    bounds = _bias_bounds(spread, found.level) if part == BIAS else _limit_bounds(part, spread, interval, found.level)
    low, high = bounds.low or 0.0, bounds.high or 0.0
    if limits == RATIO:
        low, high = math.exp(low), math.exp(high)
    return replace(plain, low=low, high=high, interval_undefined=None)


def _bias_bounds(spread: Spread, level: float) -> Bounds:
    margin = float(stats.t.ppf((1 + level) / 2, spread.n - 1)) * spread.deviation / math.sqrt(spread.n)
    return Bounds(spread.mean - margin, spread.mean + margin, None)


def _limit_bounds(part: str, spread: Spread, interval: str, level: float) -> Bounds:
    """Return the bounds of one limit; the lower one mirrors the upper."""
    sign = 1.0 if part == UPPER else -1.0
    if interval == EXACT:
        near, far = exact_factors(spread.n, level)
        ends = sorted(spread.mean + sign * factor * spread.deviation for factor in (near, far))
        return Bounds(ends[0], ends[1], None)
    variance = 3 / spread.n
    if interval == BLAND_ALTMAN_1999:
        variance = 1 / spread.n + _FACTOR**2 / (2 * (spread.n - 1))
    margin = float(stats.t.ppf((1 + level) / 2, spread.n - 1)) * spread.deviation * math.sqrt(variance)
    # The 1986 paper sets its limits at two standard deviations.
    reach = (2.0 if interval == BLAND_ALTMAN_1986 else _FACTOR) * spread.deviation
    return Bounds(spread.mean + sign * reach - margin, spread.mean + sign * reach + margin, None)


def exact_factors(n: int, level: float) -> tuple[float, float]:
    """Return how many standard deviations above the mean the bounds of the upper 95 % limit lie.

    Parameters
    ----------
    n : int
        Differences, at least two.
    level : float
        Confidence level.
    """
    root = math.sqrt(n)
    shift = NormalDist().inv_cdf(0.975) * root
    tails = ((1 - level) / 2, (1 + level) / 2)
    near, far = (float(stats.nct.ppf(tail, n - 1, shift)) / root for tail in tails)
    return near, far


SPEC = Statistic(
    title="Bland–Altman bias and 95 % limits of agreement",
    function=bland_altman,
    accepts=NumberTable,
    scales=frozenset({"interval", "ratio"}),
    min_raters=2,
    max_raters=2,
    range=(-math.inf, math.inf),
    reference="Bland & Altman 1986, doi:10.1016/S0140-6736(86)90837-8; Carkeet 2015, doi:10.1097/OPX.0000000000000513",
    says=(
        "In units of measurement: how much one reader measures above the other, and between which limits 95 % of their "
        "differences lie; where differences grow with size the limits are too wide for small cases and too narrow for "
        "large ones."
    ),
    parts=True,
    fixed_panel=True,
    directed=True,
    describes=True,
)
