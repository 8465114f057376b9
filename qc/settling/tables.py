"""The answers of the units of one question as the reading that its statistics take."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from itertools import combinations
from typing import Any, TypeAlias, TypeVar

import numpy as np

from qc.readings.boxes import BoxTable
from qc.readings.landmarks import LandmarkTable, Objects, landmark_table
from qc.readings.number_table import NumberTable
from qc.readings.overlap_table import OverlapTable
from qc.readings.pattern_table import PatternTable
from qc.readings.rankings import Rankings
from qc.readings.set_table import SetTable
from qc.readings.timelines import TimelineTable, timeline_table
from qc.settling.base import QuestionSpec

Reading: TypeAlias = (
    PatternTable | NumberTable | OverlapTable | SetTable | Rankings | TimelineTable | BoxTable | LandmarkTable
)
# What each reader answered in one unit, as settling keeps it.
Answers: TypeAlias = Mapping[str, Any]

# The member of a unit's details that holds the answers by reader, for kinds that are neither codes nor regions.
ANSWERS: Mapping[str, str] = {
    "multilabel": "sets",
    "ranking": "orders",
    "interval": "spans",
    "box": "boxes",
    "landmarks": "points",
}


def answers_of(details: Mapping[str, Any]) -> Answers:
    """Return the answers by reader of a unit whose kind has a reading of its own; empty for codes and regions."""
    return next((details[member] for member in ANSWERS.values() if member in details), {})


def table_of_answers(
    question: QuestionSpec, rows: Sequence[Answers], spacings_mm: Sequence[Any], subjects: Sequence[str]
) -> tuple[Reading, str]:
    """Return the reading of a kind of its own, with the scale that its statistics must allow.

    Parameters
    ----------
    question : QuestionSpec
        Of a kind in ANSWERS.
    rows : sequence of mapping from reader to answer (units,)
        As settling kept them.
    spacings_mm : sequence (units,)
        Along (z, y, x) for landmarks; None for other kinds.
    subjects : sequence of str (units,)
        Patients.
    """
    return _TABLES[question.kind](question, rows, spacings_mm, subjects)


def pairs_with(table: Reading, reader: str) -> Reading:
    """Return the pairs of a reading in which one reader takes part, on the same units.

    Parameters
    ----------
    table : BoxTable, LandmarkTable or TimelineTable
        Other readings hold no pairs and are returned as they are.
    reader : str
        One of the readers.
    """
    if isinstance(table, TimelineTable):
        return TimelineTable(_with(table.overlaps, reader))
    if isinstance(table, BoxTable):
        return _with(table, reader)
    return _with(table, reader) if isinstance(table, LandmarkTable) else table


_Pairs = TypeVar("_Pairs", OverlapTable, BoxTable, LandmarkTable)


def _with(table: _Pairs, reader: str) -> _Pairs:
    keep = [place for place, pair in enumerate(zip(table.first, table.second, strict=True)) if reader in pair]
    found = {}
    for field in fields(table):
        column = getattr(table, field.name)
        if field.name in ("n_units", "clusters"):
            found[field.name] = column
        else:
            found[field.name] = tuple(column[place] for place in keep) if isinstance(column, tuple) else column[keep]
    return type(table)(**found)


def _sets(
    question: QuestionSpec, rows: Sequence[Answers], spacings_mm: Sequence[Any], subjects: Sequence[str]
) -> tuple[Reading, str]:
    return SetTable.from_rows(rows, labels=_codes(question), clusters=subjects), "sets"


def _orders(
    question: QuestionSpec, rows: Sequence[Answers], spacings_mm: Sequence[Any], subjects: Sequence[str]
) -> tuple[Reading, str]:
    return Rankings.from_orders(rows, options=_codes(question), clusters=subjects), "ranks"


def _spans(
    question: QuestionSpec, rows: Sequence[Answers], spacings_mm: Sequence[Any], subjects: Sequence[str]
) -> tuple[Reading, str]:
    return timeline_table(rows, clusters=subjects), "none"


def _boxes(
    question: QuestionSpec, rows: Sequence[Answers], spacings_mm: Sequence[Any], subjects: Sequence[str]
) -> tuple[Reading, str]:
    # Within a unit readers mean one thing, so every two boxes are a pair, also where they do not touch.
    pairs = [
        (place, first, second, row[first], row[second])
        for place, row in enumerate(rows)
        for first, second in combinations(sorted(row), 2)
    ]
    table = BoxTable(
        n_units=len(rows),
        unit=np.array([pair[0] for pair in pairs], dtype=np.int64),
        first=tuple(pair[1] for pair in pairs),
        second=tuple(pair[2] for pair in pairs),
        box_first=np.array([pair[3] for pair in pairs], dtype=np.float64).reshape(-1, 6),
        box_second=np.array([pair[4] for pair in pairs], dtype=np.float64).reshape(-1, 6),
        clusters=tuple(subjects),
    )
    return table, "none"


def _points(
    question: QuestionSpec, rows: Sequence[Answers], spacings_mm: Sequence[Any], subjects: Sequence[str]
) -> tuple[Reading, str]:
    # Answers are refused without a spacing, so a unit without one was never read as points.
    kept = [place for place, spacing in enumerate(spacings_mm) if spacing]
    table = landmark_table(
        [rows[place] for place in kept],
        [spacings_mm[place] for place in kept],
        objects=_objects(question, len(kept)),
        clusters=[subjects[place] for place in kept],
    )
    return table, "none"


def _objects(question: QuestionSpec, n_units: int) -> Objects | None:
    """Return areas and spreads for object keypoint similarity; None unless the schema states both for all points."""
    area = question.definition.get("area_mm2")
    sigmas = {str(entry["code"]): entry.get("sigma") for entry in question.definition["points"]}
    if area is None or any(sigma is None for sigma in sigmas.values()):
        return None
    return Objects((float(area),) * n_units, {code: float(sigma) for code, sigma in sigmas.items() if sigma})


def _codes(question: QuestionSpec) -> list[str]:
    return [str(entry["code"]) for entry in question.definition["codes"]]


_Table: TypeAlias = Callable[[QuestionSpec, Sequence[Answers], Sequence[Any], Sequence[str]], tuple[Reading, str]]
_TABLES: Mapping[str, _Table] = {
    "multilabel": _sets,
    "ranking": _orders,
    "interval": _spans,
    "box": _boxes,
    "landmarks": _points,
}
