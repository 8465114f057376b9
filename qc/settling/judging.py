"""What the units of one question say about each reader, never against a truth that holds the reader's own vote."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, cast

import numpy as np

from qc.agreement.base import Estimate, named, parted
from qc.readers._multiplicity import holm
from qc.readers._others import against_the_others, measured_without
from qc.readers.base import Chart, Significance
from qc.readings.number_table import NumberTable
from qc.readings.overlap_table import OverlapTable
from qc.readings.pattern_table import MISSING, PatternTable
from qc.readings.scale import Scale
from qc.readings.scored import ScoredNumbers, ScoredTable
from qc.readings.series import Series
from qc.readings.set_table import YES, SetTable
from qc.registry import METHODS, READER_STATISTICS, STATISTICS
from qc.settling.base import QuestionSpec
from qc.settling.measure import ALL, LEVEL, REGIONS, SEED, Material, readings_of, scale_of
from qc.settling.tables import ANSWERS, pairs_with

OTHERS = "others"
ADJUDICATED = "adjudicated"
OWN = "own"
BY_CODE = ("accuracy", "confusion", "grade_bias", "spammer_score")
BY_NUMBER = ("volume_bias",)
# How far a reader's boxes, spans and points lie from the others'.
BY_PAIR = ("box_iou", "interval_overlap", "landmark_distance")
# Pairs of more readers than this are too many for a table that somebody reads.
MOST_COMPARED = 12
# Reads below which a chart of errors or of pace shows nothing.
FEWEST_IN_ORDER = 20


@dataclass(frozen=True, slots=True)
class Judged:
    """One result about one reader on one question.

    Parameters
    ----------
    reader : str
        Reader code.
    statistic, part : str
        Entry of READER_STATISTICS (or ``dice`` with the others), and its part.
    against : str
        ``others``: the strict majority or median of the other readers; ``adjudicated``: what physicians decided, who
        read nothing here; ``own``: the reader's own reads in their order.
    result : Estimate, Significance or Chart
        The figure with its counts, or the reason why there is none.
    """

    reader: str
    statistic: str
    part: str
    against: str
    result: Estimate | Significance | Chart


def judge(question: QuestionSpec, material: Material, order: Mapping[str, Sequence[str]]) -> Iterator[Judged]:
    """Yield what can be said of each reader.

    Parameters
    ----------
    question : QuestionSpec
        Kind and scale choose the statistics.
    material : Material
        The units that two readers answered.
    order : mapping from reader to sequence of str
        Cases in the order in which the reader finished them; readers whose order is not known are absent.
    """
    if not material.subjects:
        return
    if question.kind in REGIONS:
        yield from _drawn(question, material)
        return
    if question.kind in ANSWERS:
        yield from _answered(question, material)
        return
    scale = scale_of(question, material)
    if question.kind == "measurement":
        yield from _measured(question, material)
        return
    table = PatternTable.from_rows(material.codes, scale=scale, clusters=material.subjects)
    for reader in table.raters:
        yield from scored(reader, OTHERS, against_the_others(table, reader))
        if any(code is not None for code in material.decided):
            yield from scored(reader, ADJUDICATED, against_decisions(material, scale, reader))
        yield from _errors_in_order(material, scale, reader, order.get(reader, ()))
    yield from _compared(table)


def _answered(question: QuestionSpec, material: Material) -> Iterator[Judged]:
    """Yield how near each reader's boxes, spans and points are to the others', and each label of sets by itself."""
    readers = sorted({reader for one in material.answers for reader in one})
    for table, _ in readings_of(question, material, ALL, 0):
        if isinstance(table, SetTable):
            for reader in readers:
                yield from _labels(reader, table)
            continue
        for name in BY_PAIR:
            spec = STATISTICS[name]
            for reader in readers if isinstance(table, spec.accepts) else ():
                for part, found in spec.compute(pairs_with(table, reader), level=LEVEL, seed=SEED).items():
                    yield Judged(reader, name, part, OTHERS, found)


def _labels(reader: str, table: SetTable) -> Iterator[Judged]:
    """Yield how a reader finds each label, against the strict majority of the others."""
    for label in table.labels:
        scored = against_the_others(table.label(label), reader)
        for part, found in READER_STATISTICS["accuracy"].compute(scored, level=LEVEL, seed=SEED).items():
            name, code = parted(part)
            if code == YES:
                yield Judged(reader, "accuracy", named(name, label), OTHERS, found)


def scored(reader: str, against: str, table: ScoredTable) -> Iterator[Judged]:
    """Yield what a reader's codes beside a truth say.

    Parameters
    ----------
    reader, against : str
        Reader code, and whose truth it is.
    table : ScoredTable
        Codes of the reader and of the truth.
    """
    for name in BY_CODE:
        spec = READER_STATISTICS[name]
        if table.scale.kind not in spec.scales:
            continue
        options: dict[str, Any] = {} if name == "confusion" else {"seed": SEED}
        for part, found in spec.compute(table, level=LEVEL, **options).items():
            yield Judged(reader, name, part, against, found)


def _compared(table: PatternTable) -> Iterator[Judged]:
    """Yield whether two readers use the answers equally often, p adjusted over all pairs of readers (Holm)."""
    if not 2 <= len(table.raters) <= MOST_COMPARED:
        return
    name, part = ("mcnemar", "") if len(table.scale.codes) == 2 else ("marginal_homogeneity", "stuart_maxwell")
    spec = READER_STATISTICS[name]
    tests = {pair: cast(Significance, spec.compute(table.select(pair))[part]) for pair in combinations(table.raters, 2)}
    made = {pair: float(test.p) for pair, test in tests.items() if test.p is not None}
    adjusted = dict(zip(made, holm(list(made.values())).tolist(), strict=True))
    for (first, second), test in tests.items():
        if (first, second) in adjusted:
            details = {**test.details, "p_unadjusted": test.p, "n_tests": len(made)}
            test = replace(test, p=adjusted[first, second], details=details)
        yield Judged(first, name, named("beside", second), OTHERS, test)
        yield Judged(second, name, named("beside", first), OTHERS, test)


def against_decisions(material: Material, scale: Scale, reader: str) -> ScoredTable:
    """Return a reader's codes beside those that physicians decided."""
    index = {code: place for place, code in enumerate(scale.codes)}
    said = [index[row[reader]] if reader in row else MISSING for row in material.codes]
    truth = [MISSING if code is None else index.get(code, MISSING) for code in material.decided]
    judged = [one if other != MISSING else MISSING for one, other in zip(said, truth, strict=True)]
    return ScoredTable.from_codes(judged, truth, scale=scale, reader=reader, clusters=material.subjects)


def _measured(question: QuestionSpec, material: Material) -> Iterator[Judged]:
    rows = [{reader: float(value) for reader, value in row.items()} for row in material.codes]
    unit = str(question.definition.get("unit", ""))
    table = NumberTable.from_rows(rows, unit=unit, clusters=material.subjects)
    for reader in table.raters:
        yield from _sized(reader, measured_without(table, reader)[0])


def _drawn(question: QuestionSpec, material: Material) -> Iterator[Judged]:
    """Yield how far each reader's regions overlap the others', and how much larger they are."""
    readers = sorted({name for pairs in material.pairs for pair in pairs for name in (pair.first, pair.second)})
    for reader in readers:
        own = [[pair for pair in pairs if reader in (pair.first, pair.second)] for pairs in material.pairs]
        table = OverlapTable.from_units(own, clusters=material.subjects)
        for part, found in STATISTICS["dice"].compute(table, level=LEVEL, seed=SEED).items():
            yield Judged(reader, "dice", part, OTHERS, found)
    volumes = NumberTable.from_rows(sizes_of(material), unit="voxels", clusters=material.subjects)
    for reader in volumes.raters:
        yield from _sized(reader, measured_without(volumes, reader)[0])


def sizes_of(material: Material) -> list[dict[str, float]]:
    """Return the voxels that each reader marked in each unit; a reader who marked none has no size there."""
    found = []
    for pairs in material.pairs:
        sizes = {pair.first: pair.size_first for pair in pairs} | {pair.second: pair.size_second for pair in pairs}
        found.append({reader: float(size) for reader, size in sizes.items() if size})
    return found


def _sized(reader: str, numbers: ScoredNumbers) -> Iterator[Judged]:
    positive = (numbers.measured > 0) & (numbers.reference > 0)
    if not positive.all():
        # A ratio needs both to be above 0; others are counted by the agreement on existence.
        clusters = numbers.clusters
        kept = None if clusters is None else tuple(np.array(clusters, dtype=object)[positive].tolist())
        numbers = ScoredNumbers(numbers.measured[positive], numbers.reference[positive], numbers.unit, reader, kept)
    for name in BY_NUMBER:
        for part, found in READER_STATISTICS[name].compute(numbers, level=LEVEL).items():
            yield Judged(reader, name, part, OTHERS, found)


def _errors_in_order(material: Material, scale: Scale, reader: str, cases: Sequence[str]) -> Iterator[Judged]:
    """Yield the chart of a reader's errors against the others, in the order of reading."""
    read = errors_in_order(material, reader, cases)
    if len(read) < FEWEST_IN_ORDER:
        return
    series = Series(np.array([error for _, error in read]), "", reader)
    for name in ("error_cusum", "p_chart"):
        for part, found in READER_STATISTICS[name].compute(series).items():
            yield Judged(reader, name, part, OTHERS, found)


def errors_in_order(material: Material, reader: str, cases: Sequence[str]) -> list[tuple[str, float]]:
    """Return the cases of a reader with 1 for an error against the others' majority, in the order of reading.

    Parameters
    ----------
    material : Material
        The units that can be compared; where the others have no majority a unit counts neither way.
    reader : str
        Reader code.
    cases : sequence of str
        The reader's cases, in the order in which they were finished.
    """
    place = {case: number for number, case in enumerate(cases)}
    wrong = []
    # A hundred thousand units have a few hundred distinct sets of answers: each is voted on once.
    known: dict[tuple[tuple[str, str], ...], str | None] = {}
    for row, (case, _) in zip(material.codes, material.names, strict=True):
        if reader not in row or case not in place:
            continue
        others = tuple((name, code) for name, code in row.items() if name != reader)
        if others not in known:
            known[others] = METHODS["majority"].function(dict(others)).value
        truth = known[others]
        if truth is not None:
            wrong.append((place[case], float(row[reader] != truth)))
    return [(cases[number], error) for number, error in sorted(wrong)]


def suspect_window(points: Sequence[float], signals: Sequence[int]) -> tuple[int, int] | None:
    """Return the first and last read of the newest run of errors that gave a signal; None without one.

    The run began after the sum was last at 0, which is where the change most likely happened (Montgomery DC.
    Introduction to statistical quality control, 2013).

    Parameters
    ----------
    points : sequence of float
        The sums of a CUSUM of errors.
    signals : sequence of int
        Places at or above its limit.
    """
    if not signals:
        return None
    last = signals[-1]
    first = last
    while first > 0 and points[first - 1] > 0:
        first -= 1
    return first, last


def pace(reader: str, seconds: Sequence[float]) -> Iterator[Judged]:
    """Yield the chart of a reader's seconds a case, in the order of reading.

    Parameters
    ----------
    reader : str
        Reader code.
    seconds : sequence of float
        Active seconds of each case that was read here.
    """
    if len(seconds) < FEWEST_IN_ORDER:
        return
    series = Series(np.array(seconds, dtype=np.float64), "s", reader)
    for part, found in READER_STATISTICS["speed"].compute(series).items():
        yield Judged(reader, "speed", part, OWN, found)
