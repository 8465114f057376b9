"""Mean squares of complete measurements from sums over units, and bounds of ratios of mean squares.

References
----------
Shrout PE, Fleiss JL. Intraclass correlations: uses in assessing rater reliability. Psychol Bull 86:420-428, 1979.
doi:10.1037/0033-2909.86.2.420

McGraw KO, Wong SP. Forming inferences about some intraclass correlation coefficients. Psychol Methods 1:30-46, 1996.
doi:10.1037/1082-989X.1.1.30
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from qc.agreement._kernel import Facts, ratio
from qc.agreement.base import CLUSTERING_UNKNOWN
from qc.readings.base import FloatArray
from qc.readings.number_table import NumberTable

# A sum of squares below this share of the sum of squared values is the rounding of 0.
_ROUNDING = 1e-13


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Mean squares of n units × k raters, each (replicates,), NaN where they do not exist.

    Parameters
    ----------
    units, raters, residual, within : float64 array (replicates,)
        Between units, between raters, of the two-way residual, and within units.
    n : float64 array (replicates,)
        Units.
    k : int
        Raters.
    """

    units: FloatArray
    raters: FloatArray
    residual: FloatArray
    within: FloatArray
    n: FloatArray
    k: int


def number_facts(reading: NumberTable, used: NumberTable, why: str) -> Facts:
    """Return the facts of a statistic that compares the measurements of ``used``, a part of ``reading``."""
    dropped = reading.n_units - used.n_units
    unknown = (CLUSTERING_UNKNOWN,) if reading.clusters is None else ()
    return Facts(used.n_units, len(used.active_raters), dropped, why if dropped else "", unknown)


def centred(table: NumberTable) -> FloatArray:
    """Return the values less their mean (units, raters), 0 where missing, so that no digits are lost."""
    n = max(int(table.given.sum()), 1)
    return np.where(table.given, table.values - float(table.values.sum()) / n, 0.0)


def moments(table: NumberTable) -> FloatArray:
    """Return [1, the values, Σx², (Σx)²] of each unit of a complete table (units, raters + 3)."""
    x = centred(table)
    return np.column_stack([np.ones(len(x)), x, (x**2).sum(axis=1), x.sum(axis=1) ** 2])


def mean_squares(sums: FloatArray) -> MeanSquares:
    """Return the mean squares from sums of ``moments`` (replicates, raters + 3)."""
    k = sums.shape[1] - 3
    n, by_rater, squares, of_units = sums[:, 0], sums[:, 1 : k + 1], sums[:, -2], sums[:, -1]
    correction = ratio(by_rater.sum(axis=1) ** 2, n * k)
    between_units = of_units / max(k, 1) - correction
    between_raters = ratio((by_rater**2).sum(axis=1), n) - correction
    within = squares - of_units / max(k, 1)
    residual = squares - correction - between_units - between_raters
    least = _ROUNDING * squares
    return MeanSquares(
        units=ratio(_settled(between_units, least), n - 1),
        raters=ratio(_settled(between_raters, least), np.full(len(sums), k - 1.0)),
        residual=ratio(_settled(residual, least), (n - 1) * (k - 1)),
        within=ratio(_settled(within, least), n * (k - 1)),
        n=n,
        k=k,
    )


def _settled(values: FloatArray, least: FloatArray) -> FloatArray:
    """Return the sums of squares with rounding errors set to 0."""
    return np.where(values > least, values, 0.0)


def f_bounds(f: float, freedom: tuple[float, float], level: float) -> tuple[float, float]:
    """Return the bounds of the ratio of expected mean squares whose estimate is ``f``.

    Parameters
    ----------
    f : float
        Ratio of mean squares.
    freedom : (float, float)
        Degrees of freedom of numerator and denominator.
    level : float
        Confidence level.
    """
    top, bottom = freedom
    tail = (1 + level) / 2
    return f / float(stats.f.ppf(tail, top, bottom)), f * float(stats.f.ppf(tail, bottom, top))
