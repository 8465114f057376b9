"""Reads, for many cases at once, of what is settled and of what was answered in single seats."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from annotations.models import Annotation, Assignment, Project
from annotations.selectors import standing_rows
from qc.models import Adjudication
from qc.selectors import RANKS, SETTLED_BY_PERSON, SETTLED_BY_RULE, ranked_results
from qc.settling.base import QuestionSpec, Read
from qc.settling.known import KnownCase, known_of

UNIT_FIELDS: tuple[str, ...] = ("case_id", "question_id", "finding", "question__code", "rank", "label")

Unit = tuple[int, int, str]
Seat = tuple[int, int, int]


def answers_in(seats: Sequence[Assignment], codes: Mapping[int, str]) -> dict[Seat, list[Read]]:
    """Return the standing answers to some questions at the cases of some seats, by case, reader and sitting."""
    rows = standing_rows(Annotation.objects.filter(case__in={seat.case_id for seat in seats}, question__in=codes))
    found: dict[Seat, list[Read]] = {}
    for row in rows.select_related("reader"):
        read = Read(row.reader.code, codes[row.question_id], row.mark, row.label or {}, row.pk, row.digest)
        found.setdefault((row.case_id, row.reader_id, row.sitting), []).append(read)
    return found


def settled_labels(
    project: Project, cases: Collection[int], questions: tuple[QuestionSpec, ...]
) -> dict[int, KnownCase]:
    """Return what stands of some cases now, by rule or by a physician; a unit that is open has no label."""
    codes = {question.code for question in questions}
    rows = ranked_results(project).filter(case__in=cases, question__code__in=codes)
    values = rows.values_list(*UNIT_FIELDS)
    decided = decided_labels(project, cases)
    units: dict[int, list[tuple[str, str, Any]]] = {}
    for case, question, finding, code, rank, label in values:
        if RANKS[rank][1] == "not applicable":
            continue
        stands = label if rank == SETTLED_BY_RULE else None
        if rank in SETTLED_BY_PERSON:
            stands = decided.get((case, question, finding))
        units.setdefault(case, []).append((code, finding, stands))
    return {case: known_of(found, questions) for case, found in units.items()}


def decided_labels(project: Project, cases: Collection[int] | None = None) -> dict[Unit, Any]:
    """Return the newest signed label of each unit."""
    rows = Adjudication.objects.filter(dispute__project=project).order_by("dispute__round")
    if cases is not None:
        rows = rows.filter(dispute__case__in=cases)
    values = rows.values_list("dispute__case_id", "dispute__question_id", "dispute__finding", "label")
    return {(case, question, finding): label for case, question, finding, label in values}
