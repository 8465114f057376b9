"""A reader beside himself: the same case read twice, months apart and unannounced."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from qc.readings.pattern_table import MISSING
from qc.readings.scored import ScoredTable
from qc.settling.base import CaseReads, QuestionSpec, Read
from qc.settling.case import settle_case
from qc.settling.judging import Judged, scored
from qc.settling.measure import ALL, Comparable, material_of, measure, scale_of

FIRST, AGAIN = "first", "again"
SELF = "self"
SETTLED = "settled"
# What tells how far a reader repeats himself: same answer, chance-corrected, in the unit, or as overlap.
RETEST = frozenset(
    {
        "percent", "cohen_kappa", "weighted_kappa", "gwet_ac", "icc_oneway", "repeatability", "bland_altman", "dice",
        "hd95", "box_iou", "interval_overlap", "landmark_distance", "ranking_tau", "label_agreement", "object_f1",
    }
)  # fmt: skip


def units_of_looks(
    first: Iterable[Read], again: Iterable[Read], case: CaseReads, document: Mapping[str, Any], name: tuple[str, str]
) -> Iterator[tuple[str, Comparable]]:
    """Yield question and unit of one case that a reader read twice.

    The two looks are compared as two readers are: marks are matched, answers about them follow.

    Parameters
    ----------
    first, again : iterable of Read
        The reader's answers at either look.
    case : CaseReads
        Questions, grid and slice thickness of the case; its own reads are not looked at.
    document : mapping
        The protocol in force, whose matching and methods count.
    name : tuple of (str, str)
        Case and patient.
    """
    reads = (
        *(replace(read, reader=FIRST) for read in first),
        *(replace(read, reader=AGAIN) for read in again),
    )
    both = replace(case, readers=(AGAIN, FIRST), block=None, reads=reads, decided={})
    for unit in settle_case(both, document).units:
        if unit.reads:
            yield unit.question, Comparable(unit.rule, unit.details, name[1], (name[0], unit.number))


def judge_looks(
    reader: str, question: QuestionSpec, units: Iterable[Comparable], against: str = SELF
) -> Iterator[Judged]:
    """Yield how far a reader agrees with the own earlier look on one question.

    Parameters
    ----------
    reader : str
        Reader code.
    question : QuestionSpec
        Kind, scale and definition choose the statistics.
    units : iterable of Comparable
        From ``units_of_looks``, of all cases that the reader read twice.
    against : str
        What the first look is, where it is not the reader's own.

    References
    ----------
    Eliasziw M, Young SL, Woodbury MG, Fryday-Field K. Phys Ther 74:777-788, 1994: what readers cannot repeat they
    cannot share; agreement with oneself is the ceiling of agreement with others.
    """
    material = material_of(units)
    for one in measure(question, material, n_seats=2, knows_readers=True):
        name, _, part = one.statistic.partition(":")
        if one.population == ALL and name in RETEST:
            yield Judged(reader, name, part, against, one.estimate)


def judge_beside_truth(reader: str, question: QuestionSpec, units: Iterable[Comparable]) -> Iterator[Judged]:
    """Yield how far a reader without a vote agrees with what was settled on one question.

    Parameters
    ----------
    reader : str
        Reader code.
    question : QuestionSpec
        Kind, scale and definition choose the statistics.
    units : iterable of Comparable
        From ``units_of_looks``, with the settled labels as the first look.
    """
    kept = list(units)
    material = material_of(kept)
    if question.kind in {"category", "grade"} and material.subjects:
        scale = scale_of(question, material)
        index = {code: place for place, code in enumerate(scale.codes)}
        said, truth = ([index.get(row.get(look, ""), MISSING) for row in material.codes] for look in (AGAIN, FIRST))
        table = ScoredTable.from_codes(said, truth, scale=scale, reader=reader, clusters=material.subjects)
        yield from scored(reader, SETTLED, table)
    yield from judge_looks(reader, question, kept, SETTLED)
