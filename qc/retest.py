"""Read what repeats there are: each reader's first and second look at the same cases."""

from collections.abc import Iterator, Mapping
from typing import Any

from annotations.models import Assignment, Case, Project, Purpose, Question
from annotations.selectors import standing_answers
from qc.seats import reads_of
from qc.selectors import case_facts, current_protocol
from qc.settling.base import QuestionSpec
from qc.settling.judging import Judged
from qc.settling.looks import judge_looks, units_of_looks
from qc.settling.measure import Comparable

Looks = Mapping[str, Mapping[str, list[Comparable]]]


def looks_of(project: Project) -> Looks:
    """Return the units of every repeat, by question and reader; nothing where no reader is known."""
    found: dict[str, dict[str, list[Comparable]]] = {}
    protocol = current_protocol(project)
    if protocol is None or not project.knows_readers:
        return found
    seats: dict[int, list[Assignment]] = {}
    for seat in repeats_of(project).select_related("reader").order_by("case__key", "reader__code"):
        seats.setdefault(seat.case_id, []).append(seat)
    gone = {"exclusions__isnull": False, "exclusions__revoked_at__isnull": True}
    for case in Case.objects.filter(pk__in=seats).exclude(**gone).select_related("project", "image").order_by("key"):
        facts = case_facts(case, protocol)
        codes = {pk: code for code, pk in facts.questions.items()}
        answers = standing_answers(case)
        for seat in seats[case.pk]:
            own = [one for one in answers if one.reader == seat.reader.code]
            first, again = (
                reads_of([one for one in own if one.sitting == sitting], codes) for sitting in (1, seat.sitting)
            )
            for question, unit in units_of_looks(
                first, again, facts.reads, protocol.document, (case.key, case.subject)
            ):
                found.setdefault(question, {}).setdefault(seat.reader.code, []).append(unit)
    return found


def repeats_of(project: Project) -> Any:
    """Return the finished repeats of a project."""
    return Assignment.objects.filter(case__project=project, purpose=Purpose.REPEAT, finished_at__isnull=False)


def repeated(question: Question, looks: Looks) -> Iterator[Judged]:
    """Yield what the repeats say of each reader on one question."""
    spec = QuestionSpec(question.code, question.kind, question.scale, question.definition)
    for reader, units in sorted(looks.get(question.code, {}).items()):
        yield from judge_looks(reader, spec, units)
