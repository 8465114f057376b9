"""Two raters' measurements of the same units: the sums that their comparisons rest on."""

import numpy as np

from qc.agreement._anova import centred
from qc.readings.base import FloatArray, ReadingError
from qc.readings.number_table import NumberTable


def both_measured(reading: NumberTable, what: str) -> NumberTable:
    """Return the units that both raters measured; more than two raters are refused.

    Parameters
    ----------
    reading : NumberTable
        At most two raters.
    what : str
        Name of the statistic, for the refusal.
    """
    if len(reading.raters) > 2:
        raise ReadingError("two-raters", f"{what} compares two raters, not {len(reading.raters)}; select two.")
    return reading.rated(2)


def two_columns(used: NumberTable) -> tuple[FloatArray, FloatArray]:
    """Return the values of the first and of the second rater, less their common mean (units,)."""
    x = centred(used)
    return (x[:, 0], x[:, 1]) if x.shape[1] == 2 else (np.zeros(0), np.zeros(0))


def pair_moments(used: NumberTable) -> FloatArray:
    """Return [1, x, y, x², y², xy] of each unit (units, 6)."""
    x, y = two_columns(used)
    return np.column_stack([np.ones(len(x)), x, y, x**2, y**2, x * y])
