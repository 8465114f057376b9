"""The truth that a reader is scored against when there is no gold: what the others say, never holding his own vote."""

import numpy as np

from qc.readings._kernel import distinct_rows
from qc.readings.base import FloatArray, IntArray, ReadingError, frozen
from qc.readings.number_table import NumberTable
from qc.readings.pattern_table import MISSING, PatternTable
from qc.readings.scored import ScoredNumbers, ScoredTable

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
    return _scored(table, reader, truth_without(table, reader, minimum))


def against_posterior(table: PatternTable, reader: str, posterior: FloatArray, *, above: float = 0.5) -> ScoredTable:
    """Return a reader's answers beside the most probable code of a consensus that was fitted without the reader.

    Parameters
    ----------
    table : PatternTable
        All reads of a question.
    reader : str
        Who is judged.
    posterior : float64 array (patterns, codes)
        Probability of each code for each pattern, from the reads of the others only
        (``qc.consensus._leave_out.leave_one_out``).
    above : float
        A code decides where its probability lies above this, one half or more, so that a tie never does.

    Returns
    -------
    ScoredTable
        Units on which no code decides are counted as undetermined.
    """
    if posterior.shape != (len(table.patterns), len(table.scale.codes)) or not 0.5 <= above < 1:
        raise ReadingError("bad-shape", "Each pattern has the probability of each code, and one half or more decides.")
    # Patterns that differ in the reader's own answer only have one truth, so that others who did not read decide none.
    others = np.delete(table.patterns, table.raters.index(reader), axis=1)
    decides = (posterior.max(axis=1, initial=0.0) > above) & (others != MISSING).any(axis=1)
    return _scored(table, reader, np.where(decides, posterior.argmax(axis=1), MISSING).astype(np.int64))


def measured_without(table: NumberTable, reader: str, minimum: int = FEWEST_OTHERS) -> tuple[ScoredNumbers, int]:
    """Return a reader's measurements beside the median of the others, and how many have no reference.

    Parameters
    ----------
    table : NumberTable
        All measurements of a question.
    reader : str
        Who is judged.
    minimum : int
        Fewest other measurements that make a reference.

    Returns
    -------
    ScoredNumbers
        Units that the reader and enough others measured.
    int
        Units that the reader measured and too few others.
    """
    if reader not in table.raters:
        raise ReadingError("unknown-rater", f"Not in this reading: {reader}.")
    column = table.raters.index(reader)
    others = np.delete(np.where(table.given, table.values, np.nan), column, axis=1)
    has = table.given[:, column]
    enough = (~np.isnan(others)).sum(axis=1) >= max(minimum, 1)
    used = has & enough
    reference = np.nanmedian(others[used], axis=1) if used.any() else np.zeros(0)
    clusters = None
    if table.clusters is not None:
        clusters = tuple(name for name, is_used in zip(table.clusters, used.tolist(), strict=True) if is_used)
    found = ScoredNumbers(table.values[used, column], reference, table.unit, reader, clusters)
    return found, int((has & ~enough).sum())


def _scored(table: PatternTable, reader: str, truth: IntArray) -> ScoredTable:
    """Return a reader's answers beside the truth of each pattern (patterns,), −1 where there is none."""
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
