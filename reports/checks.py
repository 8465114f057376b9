"""What is read twice and why, as plain view data: audits of the accepted, controls of readers, repeats."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from annotations.models import Assignment, Project, Purpose, Question, Reader, ReaderKind
from annotations.selectors import questions_of
from qc.known import decided_labels
from qc.models import Verdict
from qc.seats import MODEL_VOTES
from qc.selectors import current_protocol, ranked_results
from qc.settling.checks import AUDIT, CHECKED
from qc.settling.yardstick import ShareRight, TestOfReader, error_bound, sequence_of, share_right
from reports.controls import Scores, scores_of, source_of
from reports.readers import LEAST_RIGHT

UPHELD, CHANGED, OPEN = "upheld", "changed", "open"
OPEN_RANKS = frozenset({5, 6, 7})
CONTROL_COLUMNS = ("question", "reader", "n", "right", "value", "low", "high", "test", "decided_after")


@dataclass(frozen=True, slots=True)
class Asked:
    """How many seats of a purpose there are, and how many are finished."""

    n: int
    n_finished: int


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One question: how many accepted answers were audited, and what became of those that an audit contradicts."""

    question: Question
    n: int
    n_against: int
    n_upheld: int
    n_changed: int
    n_open: int

    @property
    def n_wrong(self) -> int:
        """Return what counts as wrong: changed, and until somebody decides also what is open."""
        return self.n_changed + self.n_open

    @property
    def share(self) -> float | None:
        """Return the share that counts as wrong."""
        return self.n_wrong / self.n if self.n else None

    @property
    def bound(self) -> float | None:
        """Return the one-sided 95 % bound of the share of wrong labels among the accepted."""
        return error_bound(self.n, self.n_wrong)


@dataclass(frozen=True, slots=True)
class ControlLine:
    """One reader on the controls of one question."""

    question: Question
    reader: str
    share: ShareRight
    test: TestOfReader | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A control that so many of its readers contradict that its label is in doubt."""

    case: str
    question: Question
    n: int
    n_against: int


@dataclass(frozen=True, slots=True)
class ChecksPage:
    """Everything of the page."""

    asked: Mapping[str, Asked]
    policy: Mapping[str, Any] | None
    audits: tuple[AuditLine, ...]
    controls: tuple[ControlLine, ...]
    doubts: tuple[Doubt, ...]
    release: int | None
    benchmark: tuple[str, ...]
    may_draw: bool


def checks_page(project: Project) -> ChecksPage:
    """Return what was checked in a project and what came of it."""
    questions = [question for question in questions_of(project) if question.about_id is None]
    protocol, release = current_protocol(project), source_of(project)
    document = protocol.document if protocol else {}
    scores = scores_of(project)
    named = {question.code: question for question in questions}
    return ChecksPage(
        asked=asked_of(project),
        policy=document.get("audit"),
        audits=audit_lines(project, questions),
        controls=tuple(control_lines(scores, questions, document)),
        doubts=tuple(Doubt(case, named[code], n, against) for case, code, n, against in scores.contested),
        release=release.number if release else None,
        benchmark=silent_readers(project, document),
        may_draw=not Assignment.objects.filter(case__project=project, finished_at__isnull=False).exists(),
    )


def silent_readers(project: Project, document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the codes of the readers who have no vote: drawn as benchmark, or models."""
    rows = Reader.objects.filter(project=project)
    without = Q(reads_for=Purpose.BENCHMARK)
    if not document.get(MODEL_VOTES):
        without |= Q(kind=ReaderKind.MODEL)
    return tuple(rows.filter(without).order_by("code").values_list("code", flat=True)[:64])


def asked_of(project: Project) -> dict[str, Asked]:
    """Return how many seats were given for each purpose but the truth."""
    seats = Assignment.objects.filter(case__project=project).exclude(purpose=Purpose.TRUTH)
    rows = seats.values_list("purpose").annotate(n=Count("pk"), done=Count("pk", filter=Q(finished_at__isnull=False)))
    found = {purpose: Asked(n, done) for purpose, n, done in rows}
    return {purpose: found.get(purpose, Asked(0, 0)) for purpose in (Purpose.AUDIT, Purpose.CONTROL, Purpose.REPEAT)}


def audit_lines(project: Project, questions: Sequence[Question]) -> tuple[AuditLine, ...]:
    """Return what audits found, by question of the case; an answer about a finding belongs to the question of it."""
    audited = Assignment.objects.filter(case__project=project, purpose=Purpose.AUDIT, finished_at__isnull=False)
    rows = ranked_results(project).filter(case__in=audited.values("case")).select_related("question")
    decided = decided_labels(project)
    cells: dict[tuple[int, int], tuple[int, int]] = {}
    fates: dict[tuple[int, int], set[str]] = {}
    for row in rows:
        checked = row.details.get(CHECKED, {}).get(AUDIT)
        if checked is None:
            continue
        cell = (row.question.about_id or row.question_id, row.case_id)
        cells[cell] = tuple(checked)
        if checked[1] and row.verdict == Verdict.REFER:
            fates.setdefault(cell, set()).add(fate_of(row, decided))
    return tuple(audit_line(question, cells, fates) for question in questions)


def fate_of(row: Any, decided: Mapping[tuple[int, int, str], Any]) -> str:
    """Return what became of a unit that an audit contradicts."""
    if row.rank in OPEN_RANKS:
        return OPEN
    unit = (row.case_id, row.question_id, row.finding)
    # Without a label the unit tied once the audit was counted: nobody can tell that the accepted one stands.
    return UPHELD if row.label is not None and decided.get(unit) == row.label else CHANGED


def audit_line(
    question: Question, cells: Mapping[tuple[int, int], tuple[int, int]], fates: Mapping[tuple[int, int], set[str]]
) -> AuditLine:
    """Return the line of one question; a case counts once, as its worst unit stands."""
    own = {cell: said for cell, said in cells.items() if cell[0] == question.pk}
    ends = Counter(
        next((fate for fate in (OPEN, CHANGED, UPHELD) if fate in fates.get(cell, {OPEN})), OPEN)
        for cell, (_, n_against) in own.items()
        if n_against
    )
    return AuditLine(question, len(own), sum(ends.values()), ends[UPHELD], ends[CHANGED], ends[OPEN])


def control_lines(scores: Scores, questions: Sequence[Question], document: Mapping[str, Any]) -> Sequence[ControlLine]:
    """Return how each reader did on the controls of each question."""
    lines = []
    for question in questions:
        required = float(document.get("questions", {}).get(question.code, {}).get("least_right", LEAST_RIGHT))
        answers: dict[str, list[bool]] = {}
        for one in scores.counted:
            if one.question == question.code:
                answers.setdefault(one.reader, []).append(one.is_right)
        for reader, given in sorted(answers.items()):
            lines.append(ControlLine(question, reader, share_right(given), test_of(given, required)))
    return lines


def test_of(given: Sequence[bool], required: float) -> TestOfReader | None:
    """Return the sequential test; None where what is required leaves nothing below it to catch."""
    try:
        return sequence_of(given, required)
    except ValueError:
        return None


def control_sheet(lines: Sequence[ControlLine]) -> list[tuple[Any, ...]]:
    """Return the lines of readers as rows of CONTROL_COLUMNS."""
    return [
        (
            line.question.code,
            line.reader,
            line.share.n,
            line.share.n_right,
            line.share.value,
            line.share.low,
            line.share.high,
            line.test.verdict if line.test else "",
            line.test.decided_after if line.test else None,
        )
        for line in lines
    ]
