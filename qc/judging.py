"""What measuring needs to know of readers: who read in which order, how long, and what physicians decided since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Sum

from annotations.labels.base import ANSWER_MEMBER
from annotations.models import Annotation, Assignment, Project, Purpose, Question, Reader
from qc.models import Adjudication, Evaluation, ReaderResult
from qc.settling.base import QuestionSpec
from qc.settling.judging import Judged, judge, pace
from qc.settling.measure import Material


@dataclass(frozen=True, slots=True)
class Reading:
    """How the readers of a project worked.

    Parameters
    ----------
    order : mapping from reader to list of str
        Cases read here, in the order in which they were finished; a file does not tell when its reads were made.
    seconds : mapping from reader to list of float
        Active seconds of each of these cases.
    """

    order: Mapping[str, list[str]] = field(default_factory=dict)
    seconds: Mapping[str, list[float]] = field(default_factory=dict)


def reading_of(project: Project) -> Reading:
    """Return how the readers of a project worked; nothing where a code names a different person in each case."""
    if not project.knows_readers:
        return Reading()
    timed = (
        Annotation.objects.filter(case__project=project, seconds__isnull=False, sitting=1)
        .values_list("reader__code", "case__key")
        .annotate(total=Sum("seconds"))
    )
    seconds = {(reader, case): total for reader, case, total in timed}
    seats = Assignment.objects.filter(case__project=project, finished_at__isnull=False, round=1, purpose=Purpose.TRUTH)
    order: dict[str, list[str]] = {}
    paces: dict[str, list[float]] = {}
    for reader, case in seats.order_by("finished_at", "pk").values_list("reader__code", "case__key"):
        if (reader, case) in seconds:
            order.setdefault(reader, []).append(case)
            paces.setdefault(reader, []).append(seconds[reader, case])
    return Reading(order, paces)


def decided_of(project: Project, question: Question) -> dict[tuple[str, str], str]:
    """Return what physicians signed for the units of a question: (case, finding) to the answer."""
    member = ANSWER_MEMBER.get(question.kind)
    if member is None:
        return {}
    rows = Adjudication.objects.filter(dispute__project=project, dispute__question=question, label__isnull=False)
    values = rows.order_by("pk").values_list("dispute__case__key", "dispute__finding", "label")
    return {(case, finding): str((label or {}).get(member, "")) for case, finding, label in values}


def judged(project: Project, question: Question, material: Material, reading: Reading) -> list[Judged]:
    """Return what one question says about each reader; nothing where readers are not known."""
    if not project.knows_readers:
        return []
    spec = QuestionSpec(question.code, question.kind, question.scale, question.definition)
    return list(judge(spec, material, reading.order))


def paces(reading: Reading) -> list[Judged]:
    """Return the charts of how long each reader took."""
    return [one for reader, seconds in sorted(reading.seconds.items()) for one in pace(reader, seconds)]


def reader_rows(evaluation: Evaluation, found: Sequence[tuple[Question, Judged]]) -> Iterator[ReaderResult]:
    """Yield the rows of what was found about readers."""
    readers = {reader.code: reader for reader in Reader.objects.filter(project=evaluation.project)}
    for question, one in found:
        yield ReaderResult(
            evaluation=evaluation,
            question=question,
            reader=readers[one.reader],
            statistic=one.statistic,
            part=one.part,
            against=one.against,
            result=one.result.as_dict(),
        )
