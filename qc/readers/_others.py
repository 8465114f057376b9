"""The truth that a reader is scored against when there is no gold: what the others say, never holding his own vote."""

import numpy as np

from qc.readings._kernel import distinct_rows
from qc.readings.base import IntArray, ReadingError, frozen
from qc.readings.pattern_table import MISSING, PatternTable
from qc.readings.scored import ScoredTable

# With one other read there is nothing that could decide who of the two is right.
FEWEST_OTHERS = 2


def truth_without(table: PatternTable, reader: str, minimum: int = FEWEST_OTHERS) -> IntArray:
    """Return what more than half of the other readers said of each pattern.

    Parameters
    ----------
    table : PatternTable
        All reads of a question.
    reader : str
        Whose vote is left out.
    minimum : int
        Fewest other reads that may decide.

    Returns
    -------
    int64 array (patterns,)
        Index of a code; -1 where the others are too few or none of their answers has more than half.
    """
    if reader not in table.raters:
        raise ReadingError("unknown-rater", f"Not in this reading: {reader}.")
    others = np.delete(table.patterns, table.raters.index(reader), axis=1)
    codes = np.arange(len(table.scale.codes))
    votes = (others[:, :, None] == codes).sum(axis=1)
    n_others = (others != MISSING).sum(axis=1)
    decides = (2 * votes.max(axis=1, initial=0) > n_others) & (n_others >= minimum)
    return np.where(decides, votes.argmax(axis=1), MISSING).astype(np.int64)


def against_the_others(table: PatternTable, reader: str, minimum: int = FEWEST_OTHERS) -> ScoredTable:
    """Return a reader's answers beside the strict majority of the others.

    Parameters
    ----------
    table : PatternTable
        All reads of a question.
    reader : str
        Who is judged.
    minimum : int
        Fewest other reads that may decide.

    Returns
    -------
    ScoredTable
        Units on which the others do not decide are counted as undetermined: neither right nor wrong.
    """
    truth = truth_without(table, reader, minimum)
    said = table.patterns[:, table.raters.index(reader)].astype(np.int64)
    read = said != MISSING
    known = read & (truth != MISSING)
    pairs, place = distinct_rows(np.column_stack([truth, said])[known])
    counts = np.zeros(len(pairs), dtype=np.int64)
    np.add.at(counts, place, table.counts[known])
    incidence = None
    if table.incidence is not None:
        incidence = table.incidence.kept(known).mapped(place)
    undetermined = int(table.counts[read & ~known].sum())
    return ScoredTable(reader, table.scale, frozen(pairs, np.int64), frozen(counts, np.int64), incidence, undetermined)
