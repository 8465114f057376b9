"""Read how readers without a vote stand to what was settled without them: benchmark readers, and models."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from django.db.models import QuerySet

from annotations.models import Assignment, Project, Question
from annotations.selectors import questions_of
from qc.cases import specs_of, unread
from qc.known import answers_in, settled_labels
from qc.seats import silent
from qc.selectors import current_protocol
from qc.settling.base import CaseReads, QuestionSpec, Read
from qc.settling.judging import Judged
from qc.settling.known import KnownCase
from qc.settling.looks import judge_beside_truth, units_of_looks
from qc.settling.measure import Comparable

BATCH = 500

Beside = Mapping[str, Mapping[str, list[Comparable]]]


def benchmark_seats(project: Project, document: Mapping[str, object]) -> QuerySet[Assignment]:
    """Return the finished seats whose reads have no vote and are measured by what was settled."""
    gone = {"case__exclusions__isnull": False, "case__exclusions__revoked_at__isnull": True}
    return Assignment.objects.filter(silent(document), case__project=project, finished_at__isnull=False).exclude(**gone)


def beside_truth(project: Project) -> Beside:
    """Return the units of every such read beside the settled label, by question and reader.

    Questions of a case of which anything is open are left out: what is not settled cannot be missed.
    """
    found: dict[str, dict[str, list[Comparable]]] = {}
    protocol = current_protocol(project)
    if protocol is None or not project.knows_readers:
        return found
    asked = questions_of(project)
    questions = specs_of(asked)
    codes = {question.pk: question.code for question in asked}
    rows = benchmark_seats(project, protocol.document).select_related("case__image", "reader")
    seats = list(rows.order_by("case__key", "reader__code"))
    for start in range(0, len(seats), BATCH):
        group = seats[start : start + BATCH]
        answers = answers_in(group, codes)
        known = settled_labels(project, {seat.case_id for seat in group}, questions)
        for seat in group:
            truth = known.get(seat.case_id)
            given = answers.get((seat.case_id, seat.reader_id, seat.sitting), [])
            if truth is None:
                continue
            case = comparable(unread(seat.case, questions), truth, given)
            name = (seat.case.key, seat.case.subject)
            for question, unit in units_of_looks(truth.labels, given, case, protocol.document, name):
                found.setdefault(question, {}).setdefault(seat.reader.code, []).append(unit)
    return found


def comparable(case: CaseReads, truth: KnownCase, given: list[Read]) -> CaseReads:
    """Return the case with the questions that are settled whole and that were answered."""
    answered = {read.question for read in given if read.label["kind"] != "cannot_assess"}
    settled = {read.question for read in truth.labels}
    top = {q.code for q in case.questions if not q.about} & answered & settled - truth.partial
    return replace(case, questions=tuple(q for q in case.questions if q.code in top or q.about in top))


def benchmarked(question: Question, beside: Beside) -> Iterator[Judged]:
    """Yield what the settled labels say of each reader without a vote on one question."""
    spec = QuestionSpec(question.code, question.kind, question.scale, question.definition)
    for reader, units in sorted(beside.get(question.code, {}).items()):
        yield from judge_beside_truth(reader, spec, units)
