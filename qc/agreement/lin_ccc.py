"""Lin's concordance correlation: how close two raters' measurements lie to the line of equality."""

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from qc.agreement._anova import number_facts
from qc.agreement._bootstrap import BCA, LINEARISED, Plan, gather
from qc.agreement._kernel import estimate, ratio
from qc.agreement._pairs import both_measured, pair_moments
from qc.agreement.base import DEGENERATE, NO_VARIATION, TOO_FEW, ZERO_VARIANCE, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.number_table import NumberTable

Z_TRANSFORM = "z_transform"
_ROUNDING = 1e-13


@dataclass(frozen=True, slots=True)
class Shifts:
    """What keeps two raters from the line of equality.

    Parameters
    ----------
    correlation : float
        Pearson's.
    location : float
        Difference of means over the geometric mean of the standard deviations, second less first.
    scale : float
        Standard deviation of the second over that of the first.
    """

    correlation: float
    location: float
    scale: float

    @property
    def bias_correction(self) -> float:
        """Return C_b, by which the concordance falls short of the correlation."""
        return 2 / (self.scale + 1 / self.scale + self.location**2)


def lin_ccc(
    reading: NumberTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000, interval: str = Z_TRANSFORM
) -> Estimate:
    """Return 2 s_xy / (s_x² + s_y² + (x̄ − ȳ)²) with variances over n.

    Parameters
    ----------
    reading : NumberTable
        Two raters; units that only one of them measured are dropped.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients.
    interval : str
        ``z_transform`` for Lin's bounds, which take units for independent (where a patient has several, the bootstrap
        is used all the same), or ``bca``.

    Returns
    -------
    Estimate
        Undefined with ``no_overlap``, ``too_few_items`` (fewer than three units) or ``undefined_single_category`` (one
        value throughout). No bounds when all pairs are equal (``zero_variance``) or the correlation is 0 or ±1.

    References
    ----------
    Lin LI. A concordance correlation coefficient to evaluate reproducibility. Biometrics 45:255-268, 1989.
    doi:10.2307/2532051

    Lin LI. A note on the concordance correlation coefficient. Biometrics 56:324-325, 2000.
    doi:10.1111/j.0006-341X.2000.00324.x

    Examples
    --------
    >>> table = NumberTable.from_values([[1, 1], [2, 3], [3, 3], [4, 5]], raters=["ada", "ben"])
    >>> round(lin_ccc(table).value, 4)
    0.8571
    """
    if interval not in (Z_TRANSFORM, BCA):
        raise ValueError(f"{interval!r} is neither {Z_TRANSFORM!r} nor {BCA!r}.")
    used = both_measured(reading, "Lin's concordance")
    sample = gather(pair_moments(used), np.ones(used.n_units, dtype=np.int64), used.incidence)
    facts = number_facts(reading, used, "not measured by both")
    is_lin = interval == Z_TRANSFORM and not used.has_repeats
    plan = Plan(level, seed, replicates, LINEARISED if is_lin else BCA)
    found = estimate(sample, _ccc, facts, plan, TOO_FEW if used.n_units < 3 else NO_VARIATION)
    if found.value is None or not is_lin:
        return found
    return _with_lin_bounds(found, shifts(reading), facts.warnings)


def shifts(reading: NumberTable) -> Shifts | None:
    """Return correlation, location shift and scale shift; None where one of the raters does not vary.

    Parameters
    ----------
    reading : NumberTable
        As for ``lin_ccc``.
    """
    sums = pair_moments(both_measured(reading, "Lin's concordance")).sum(axis=0, keepdims=True)
    first, second, cross, apart = (float(part[0]) for part in _variances(sums))
    if first <= 0 or second <= 0:
        return None
    root = math.sqrt(first * second)
    return Shifts(cross / root, -apart / math.sqrt(root), math.sqrt(second / first))


def _variances(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return both variances, the covariance (over n) and the difference of means, each (replicates,)."""
    n = np.maximum(sums[:, 0], 1.0)
    mean_x, mean_y = sums[:, 1] / n, sums[:, 2] / n
    first, second = sums[:, 3] / n - mean_x**2, sums[:, 4] / n - mean_y**2
    least = _ROUNDING * (sums[:, 3] + sums[:, 4]) / n
    return (
        np.where(first > least, first, 0.0),
        np.where(second > least, second, 0.0),
        sums[:, 5] / n - mean_x * mean_y,
        mean_x - mean_y,
    )


def _ccc(sums: FloatArray) -> FloatArray:
    first, second, cross, apart = _variances(sums)
    return np.where(sums[:, 0] > 2, ratio(2 * cross, first + second + apart**2), np.nan)


def _with_lin_bounds(found: Estimate, shift: Shifts | None, warnings: tuple[str, ...]) -> Estimate:
    """Return the estimate with bounds on the arctanh scale."""
    plain = replace(found, method="z-transform (Lin 1989, corrected 2000)", seed=None, warnings=warnings)
    without = replace(plain, low=None, high=None)
    value = found.value
    if value is None or value >= 1 - _ROUNDING:
        return replace(without, interval_undefined=ZERO_VARIANCE)
    # Added up in another order, a correlation of 0 is a remnant of rounding in one of the two and 0 in the other.
    if (
        shift is None
        or found.interval_undefined
        or min(abs(value), abs(shift.correlation)) <= _ROUNDING
        or abs(shift.correlation) >= 1 - _ROUNDING
    ):
        return replace(without, interval_undefined=DEGENERATE)
    margin = NormalDist().inv_cdf((1 + found.level) / 2) * _transformed_error(value, shift, found.n_units)
    centre = math.atanh(value)
    return replace(plain, low=math.tanh(centre - margin), high=math.tanh(centre + margin), interval_undefined=None)


def _transformed_error(value: float, shift: Shifts, n: int) -> float:
    """Return the standard error of arctanh of the concordance."""
    r2, room, u2 = shift.correlation**2, 1 - value**2, shift.location**2
    variance = (
        (1 - r2) * value**2 / (room * r2)
        + 2 * value**3 * (1 - value) * u2 / (shift.correlation * room**2)
        - value**4 * u2**2 / (2 * r2 * room**2)
    ) / (n - 2)
    return math.sqrt(max(variance, 0.0))


SPEC = Statistic(
    title="Lin's concordance correlation",
    function=lin_ccc,
    accepts=NumberTable,
    scales=frozenset({"interval", "ratio"}),
    min_raters=2,
    max_raters=2,
    range=(-1.0, 1.0),
    reference="Lin 1989, doi:10.2307/2532051",
    says=(
        "How close pairs of measurements lie to the line of equality; like an ICC it is high in a varied sample, so "
        "read it beside the limits of agreement, which are in units of measurement."
    ),
    fixed_panel=True,
)
