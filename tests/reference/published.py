"""Published tables, retyped with their citation, as readings."""

from collections.abc import Sequence

import numpy as np

from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale

# Fleiss JL. Psychol Bull 76:378-382, 1971, doi:10.1037/h0031619, table 1: psychiatric diagnoses of 30 patients by
# six raters (depression, personality disorder, schizophrenia, neurosis, other). Published kappa .430.
FLEISS_1971 = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""

# SAS/STAT, PROC FREQ, agreement of two dermatologists' kind of table: kappa .4842, ASE .1380.
SAS_FREQ = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]

# Fleiss JL, Cohen J, Everitt BS. Psychol Bull 72:323-327, 1969, doi:10.1037/h0028106: unweighted kappa .429, the
# standard error of which is .054.
FCE_1969 = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]

# Krippendorff K. Computing Krippendorff's alpha-reliability, 2011 (four observers, twelve units, 0 = missing).
# Published alpha: nominal .743, ordinal .815, interval .849, ratio .797. The same data are cac.raw4raters of Gwet KL,
# Handbook of Inter-Rater Reliability, 4th edition 2014: agreement .818, Fleiss .761, AC1 .775.
KRIPPENDORFF_2011 = ["123321412000", "123322412503", "033323422510", "123324412510"]

# Feinstein AR, Cicchetti DV. J Clin Epidemiol 43:543-549, 1990, doi:10.1016/0895-4356(90)90158-L (kappa .70, .32,
# .13, .26); the last from Gwet KL 2008, doi:10.1348/000711006X126600. Columns: 2×2 table, p_o, kappa, AC1.
PARADOXES = [
    ([[40, 9], [6, 45]], 0.85, 0.70, 0.701),
    ([[80, 10], [5, 5]], 0.85, 0.32, 0.808),
    ([[45, 15], [25, 15]], 0.60, 0.13, 0.266),
    ([[25, 35], [5, 35]], 0.60, 0.26, 0.208),
    ([[118, 5], [2, 0]], 0.944, -0.02, 0.941),
]


def nominal(categories: int) -> Scale:
    return Scale("nominal", tuple(str(code) for code in range(1, categories + 1)))


def scale(kind: str, categories: int) -> Scale:
    return Scale(kind, tuple(str(code) for code in range(1, categories + 1)))


def from_table(table: Sequence[Sequence[int]]) -> PatternTable:
    """Return two raters' reading from their contingency table (categories, categories)."""
    pairs = [
        (row, column) for row, counts in enumerate(table) for column, count in enumerate(counts) for _ in range(count)
    ]
    return PatternTable.from_codes(np.array(pairs), raters=["first", "second"], scale=nominal(len(table)))


def from_counts(counts: Sequence[Sequence[int]]) -> PatternTable:
    """Return a reading by exchangeable raters from the number who chose each category (units, categories)."""
    chosen = [[category for category, number in enumerate(row) for _ in range(number)] for row in counts]
    width = max(len(row) for row in chosen)
    ratings = np.array([row + [-1] * (width - len(row)) for row in chosen])
    return PatternTable.from_codes(ratings, raters=[f"r{i:03}" for i in range(width)], scale=nominal(len(counts[0])))


def from_units(rows: Sequence[Sequence[float | None]], declared: Scale) -> PatternTable:
    """Return a reading from codes 1, 2 … (units, raters), None where missing."""
    ratings = np.array([[-1 if code is None else int(code) - 1 for code in row] for row in rows])
    return PatternTable.from_codes(ratings, raters=[f"r{i}" for i in range(ratings.shape[1])], scale=declared)


def fleiss_1971() -> PatternTable:
    return from_counts([[int(digit) for digit in unit] for unit in FLEISS_1971.split()])


def krippendorff_2011(kind: str) -> PatternTable:
    ratings = np.array([[int(digit) - 1 for digit in observer] for observer in KRIPPENDORFF_2011]).T
    return PatternTable.from_codes(ratings, raters=["a", "b", "c", "d"], scale=scale(kind, 5))
