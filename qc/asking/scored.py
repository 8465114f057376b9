"""Posted reads of one or several readers as the readings that statistics about readers take."""

import numpy as np

from qc.asking.answers import coded, pattern_table, scale_of, unit_of
from qc.asking.base import Asked, AskError, Row, names, number
from qc.readings.groups import GroupTable
from qc.readings.paired import Paired
from qc.readings.pattern_table import MISSING, PatternTable
from qc.readings.scored import ScoredNumbers, ScoredTable
from qc.readings.scores import ScoreTable
from qc.readings.series import Series
from qc.readings.strata import Strata

# The reader whose answers are the reference, where nothing else is said.
REFERENCE = "reference"


def scored_table(asked: Asked) -> ScoredTable:
    """Return one reader's codes beside those of the reference."""
    scale = scale_of(asked)
    reader, reference = sides_of(asked)
    said, truth = (
        {row.unit: scale.codes.index(coded(row, scale)) for row in asked.rows if row.reader == name}
        for name in (reader, reference)
    )
    return ScoredTable.from_codes(
        [said.get(unit, MISSING) for unit in asked.units],
        [truth.get(unit, MISSING) for unit in asked.units],
        scale=scale,
        reader=reader,
        clusters=asked.clusters,
    )


def scored_numbers(asked: Asked) -> ScoredNumbers:
    """Return one reader's numbers beside those of the reference, where both are known."""
    reader, reference = sides_of(asked)
    said = {row.unit: number(row) for row in asked.rows if row.reader == reader}
    truth = {row.unit: number(row) for row in asked.rows if row.reader == reference}
    both = [place for place, unit in enumerate(asked.units) if unit in said and unit in truth]
    clusters = asked.clusters
    return ScoredNumbers(
        np.array([said[asked.units[place]] for place in both], dtype=np.float64),
        np.array([truth[asked.units[place]] for place in both], dtype=np.float64),
        unit_of(asked),
        reader,
        None if clusters is None else tuple(clusters[place] for place in both),
    )


def sides_of(asked: Asked) -> tuple[str, str]:
    """Return who is judged, and whose answers are the reference."""
    readers = sorted({row.reader for row in asked.rows})
    reference = asked.facts.get("reference", REFERENCE)
    if reference not in readers:
        raise AskError("no-reference", "#/reference", f"No read is by {reference!r}, whose answers are the reference.")
    others = [name for name in readers if name != reference]
    reader = asked.facts.get("reader", others[0] if len(others) == 1 else None)
    if reader not in others:
        raise AskError("required", "#/reader", "Say which of the readers is judged.")
    return str(reader), str(reference)


def series(asked: Asked) -> Series:
    """Return the numbers of one reader in the order of the reads."""
    readers = {row.reader for row in asked.rows}
    if len(readers) != 1:
        raise AskError("one-reader", "#/reads", "A series is that of one reader, in the order of reading.")
    values = np.array([number(row) for row in asked.rows], dtype=np.float64)
    return Series(values, unit_of(asked), readers.pop())


def strata(asked: Asked) -> Strata:
    """Return codes by stratum, two readers (or two looks) in each."""
    by_name: dict[str, list[Row]] = {}
    for row in asked.rows:
        by_name.setdefault(_stratum(row), []).append(row)
    return Strata({name: _table(asked, rows) for name, rows in by_name.items()})


def _table(asked: Asked, rows: list[Row]) -> PatternTable:
    units = tuple(dict.fromkeys(row.unit for row in rows))
    return pattern_table(Asked(tuple(rows), units, asked.facts))


def group_table(asked: Asked) -> GroupTable:
    """Return one number a unit with its group, named by ``stratum``."""
    by_unit = {row.unit: row for row in asked.rows}
    if len(by_unit) != len(asked.rows):
        raise AskError("one-reader", "#/reads", "Each unit has one value here.")
    rows = [by_unit[unit] for unit in asked.units]
    values = np.array([number(row) for row in rows], dtype=np.float64)
    return GroupTable(values, tuple(_stratum(row) for row in rows), asked.clusters)


def _stratum(row: Row) -> str:
    if row.stratum is None:
        raise AskError("required", f"{row.at}/stratum", "Each read names its stratum here.")
    return row.stratum


def paired(asked: Asked) -> Paired:
    """Return codes of two panels, or of one before and after a change, on the same units."""
    table = pattern_table(asked)
    before = names(asked.fact("before"), "#/before")
    after = names(asked.fact("after"), "#/after")
    return Paired(table, before, after)


def score_table(asked: Asked) -> ScoreTable:
    """Return scores of every reader beside the truth: answers of the reference are true or false."""
    reference = asked.facts.get("reference", REFERENCE)
    truth = {row.unit: _truth(row) for row in asked.rows if row.reader == reference}
    readers = tuple(sorted({row.reader for row in asked.rows} - {reference}))
    given = {(row.unit, row.reader): number(row) for row in asked.rows if row.reader != reference}
    lacking = [unit for unit in asked.units if unit not in truth or any((unit, name) not in given for name in readers)]
    if lacking or not readers:
        where = f"{lacking[0]!r} lacks one" if lacking else "there is no score"
        raise AskError("required", "#/reads", f"Each unit has its truth and a score of every reader; {where}.")
    scores = np.array([[given[unit, name] for name in readers] for unit in asked.units], dtype=np.float64)
    return ScoreTable(readers, np.array([truth[unit] for unit in asked.units]), scores, asked.clusters)


def _truth(row: Row) -> bool:
    if not isinstance(row.answer, bool):
        raise AskError("not-a-truth", f"{row.at}/answer", "The truth is true or false.")
    return row.answer
