"""Readings retyped as counts, for the tests of statistics about readers."""

import numpy as np

from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from qc.readings.scored import ScoredTable

YES_NO = Scale("nominal", ("no", "yes"))


def confused(table, kind="nominal"):
    """Return one reader's table from counts, rows the reference."""
    counts = np.asarray(table)
    truth, said = np.indices(counts.shape).reshape(2, -1)
    scale = Scale(kind, tuple(str(code) for code in range(len(counts))))
    return ScoredTable.from_codes(np.repeat(said, counts.ravel()), np.repeat(truth, counts.ravel()), scale=scale)


def two_by_two(tp, fn, fp, tn):
    return confused([[tn, fp], [fn, tp]])


def crossed(table):
    """Return two readers from counts, rows the first."""
    counts = np.asarray(table)
    pairs = np.repeat(np.indices(counts.shape).reshape(2, -1).T, counts.ravel(), axis=0)
    scale = Scale("nominal", tuple(str(code) for code in range(len(counts))))
    return PatternTable.from_codes(pairs, raters="ab", scale=scale)
