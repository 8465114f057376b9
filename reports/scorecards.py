"""A project's standing as plain view data: ledger, progress, findings, people, imports, what to do next."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q
from django.urls import reverse

from annotations.models import Assignment, Case, ImportBatch, Project, Question
from qc.models import Evaluation
from qc.selectors import (
    ADJUDICATED,
    AUTO_ACCEPTED,
    COLLECTING,
    EXCLUDED,
    IN_DISPUTE,
    OBJECTIVE,
    PANEL,
    Ledger,
    open_disputes,
)

# Disposition to its mark in the style sheet and its words, in the order in which the ledger is read.
BINS = {
    AUTO_ACCEPTED: ("auto", "Auto-accepted"),
    ADJUDICATED: ("adjudicated", "Adjudicated"),
    PANEL: ("panel", "Panel"),
    OBJECTIVE: ("objective", "Objective truth"),
    IN_DISPUTE: ("dispute", "In dispute"),
    EXCLUDED: ("excluded", "Excluded"),
    COLLECTING: ("collecting", "Collecting"),
}
SAYS = {
    AUTO_ACCEPTED: "the readers agree within the protocol's limits",
    ADJUDICATED: "a physician decided and signed",
    PANEL: "several physicians decided",
    OBJECTIVE: "settled by a test outside this reading",
    IN_DISPUTE: "waits for a physician",
}
# Reasons of the ledger as a person says them.
REASONS = {
    "not applicable": "with nothing to describe",
    "waits for its finding": "until a physician settles their finding",
    "to be evaluated": "to be evaluated",
    "reads outstanding": "with readings outstanding",
    "cannot be assessed": "that cannot be assessed",
}
SETTLED = (AUTO_ACCEPTED, ADJUDICATED, PANEL, OBJECTIVE)
MOST_READERS = 4
SHOWN_IMPORTS = 6
SHOWN_PROBLEMS = 25


@dataclass(frozen=True, slots=True)
class Bin:
    """One disposition: its share of the bar starts after ``before`` cells."""

    code: str
    title: str
    count: int
    before: int
    note: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One question's seven counts."""

    code: str
    title: str
    bins: tuple[Bin, ...]
    n: int
    is_detail: bool


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The ledger as the page shows it; ``difference`` is 0 unless it does not close."""

    n: int
    n_cases: int
    n_questions: int
    bins: tuple[Bin, ...]
    used: tuple[Bin, ...]
    lines: tuple[QuestionLine, ...]
    difference: int
    n_settled: int
    n_counting: int
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the worker is, in the form of the progress component."""

    done: int
    total: int
    noun: str
    words: str
    state: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FindingLine:
    """How many findings were marked by so many readers; ``share`` of the largest line, for the bar."""

    words: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of a project, by the number of readers who marked them."""

    n: int
    n_marks: int
    n_by_four: int
    n_four_outlines: int
    n_split: int
    lines: tuple[FindingLine, ...]


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One file that was handed in."""

    name: str
    state: str
    mark: str
    words: str
    received_at: Any
    problems: tuple[Mapping[str, Any], ...]
    n_problems: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures beside the ledger."""

    n_cases: int
    n_subjects: int
    n_seats: int
    n_finished: int
    n_disputes: int


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do next."""

    text: str
    href: str
    action: str


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where there is not exactly one."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def waiting_words(number: int, noun: str) -> str:
    """Return that so many things wait."""
    return f"{counted(number, noun)} {'waits' if number == 1 else 'wait'}"


def ledger_view(ledger: Ledger, questions: Sequence[Question], *, slug: str) -> LedgerView:
    """Return a ledger as bars and rows."""
    notes = {
        **SAYS,
        EXCLUDED: reasons(ledger.excluded_why),
        COLLECTING: reasons(ledger.collecting_why),
    }
    hrefs = {IN_DISPUTE: reverse("queue", args=[slug])}
    whole = bins_of(ledger.counts, notes, hrefs)
    used = tuple(one for one in whole if one.count)
    shown = {one.code for one in used}
    lines = tuple(
        QuestionLine(
            question.code,
            question.title,
            tuple(one for one in bins_of(ledger.by_question[question.code], {}, {}) if one.code in shown),
            ledger.n_cases,
            question.about_id is not None,
        )
        for question in questions
    )
    excluded = ledger.counts[EXCLUDED]
    return LedgerView(
        n=ledger.n_cells,
        n_cases=ledger.n_cases,
        n_questions=ledger.n_questions,
        bins=whole,
        used=used,
        lines=lines,
        difference=0 if ledger.is_closed else ledger.n_cells - sum(ledger.counts.values()),
        n_settled=sum(ledger.counts[name] for name in SETTLED),
        n_counting=ledger.n_cells - excluded,
    )


def bins_of(counts: Mapping[str, int], notes: Mapping[str, str], hrefs: Mapping[str, str]) -> tuple[Bin, ...]:
    """Return the seven dispositions in order, each with the sum of those before it."""
    bins: list[Bin] = []
    before = 0
    for name, (code, title) in BINS.items():
        count = counts.get(name, 0)
        bins.append(Bin(code, title, count, before, notes.get(name, "") if count else "", hrefs.get(name, "")))
        before += count
    return tuple(bins)


def reasons(why: Mapping[str, int]) -> str:
    """Return reasons with their counts in words, the most frequent first."""
    return " · ".join(f"{count:,} {REASONS.get(reason, reason.replace('_', ' '))}" for reason, count in why.items())


def counts_of(project: Project) -> Counts:
    """Return how many cases, patients, readings and open disputes there are."""
    cases = project.cases.aggregate(n=Count("pk"), subjects=Count("subject", distinct=True))
    seats = Assignment.objects.filter(case__project=project).aggregate(
        n=Count("pk"), finished=Count("pk", filter=Q(finished_at__isnull=False))
    )
    return Counts(cases["n"], cases["subjects"], seats["n"], seats["finished"], open_disputes(project).count())


def progress_of(project: Project) -> Progress:
    """Return what the worker does for a project now."""
    running = project.imports.filter(finished_at__isnull=True).order_by("pk").first()
    cases = project.cases.aggregate(
        n=Count("pk"),
        due=Count("pk", filter=Q(due_at__isnull=False)),
        stuck=Count("pk", filter=Q(due_at__isnull=False, attempts__gte=Case.attempt_limit)),
    )
    return progress_view(project, running, cases["n"], cases["due"], cases["stuck"])


def progress_view(project: Project, running: ImportBatch | None, total: int, n_due: int, n_stuck: int) -> Progress:
    """Return the worker's state in words: reading a file, evaluating, stuck, measuring, or done."""
    url = reverse("progress", args=[project.slug])
    if running is not None and not running.is_stuck:
        note = f"{counted(running.n_committed, 'answer')} taken so far" if running.n_committed else "checking the file"
        return Progress(0, 0, "", f"Reading {running.file_name}", "running", url, note)
    if n_due > n_stuck:
        return Progress(total - n_due, total, "cases", "Evaluating", "running", url)
    if n_stuck or running is not None:
        words = f"{counted(n_stuck, 'case')} could not be evaluated" if n_stuck else "A file could not be read"
        return Progress(0, 0, "", words, "failed", url, "The worker tried five times; its log names the reason.")
    if project.due_at is not None:
        return Progress(0, 0, "", "Measuring agreement", "running", url)
    return Progress(total, total, "cases", "Everything is evaluated" if total else "No cases yet", "done", url)


def findings_of(project: Project) -> Findings | None:
    """Return the findings of the newest evaluation of each case; None where nothing takes marks."""
    newest = Evaluation.objects.filter(project=project, case__isnull=False).values("case").annotate(top=Max("id"))
    facts = Evaluation.objects.filter(pk__in=newest.values("top")).values_list("facts", flat=True)
    found = [finding for one in facts for finding in one.get("findings", [])]
    if not found:
        return None
    by_readers = Counter(min(finding["n_readers"], MOST_READERS + 1) for finding in found)
    most = max(by_readers.values())
    lines = tuple(
        FindingLine(readers_words(number), by_readers[number], by_readers[number] / most)
        for number in range(1, MOST_READERS + 2)
        if by_readers[number] or number <= MOST_READERS
    )
    return Findings(
        n=len(found),
        n_marks=sum(finding["n_marks"] for finding in found),
        n_by_four=by_readers[MOST_READERS],
        n_four_outlines=sum(finding["n_marks"] == MOST_READERS for finding in found),
        n_split=sum(finding["is_split"] for finding in found),
        lines=lines,
    )


def readers_words(number: int) -> str:
    """Return so many readers in words."""
    if number > MOST_READERS:
        return f"more than {MOST_READERS} readings"
    return "1 reading" if number == 1 else f"{number} readings"


def imports_of(project: Project) -> tuple[ImportLine, ...]:
    """Return the newest imports with their first problems."""
    return tuple(import_line(batch) for batch in project.imports.order_by("-pk")[:SHOWN_IMPORTS])


def import_line(batch: ImportBatch) -> ImportLine:
    """Return one import as a row."""
    if batch.finished_at is None:
        state, mark = ("stuck", "bad") if batch.is_stuck else ("running", "accent")
        words = f"{counted(batch.n_committed, 'answer')} so far"
    elif batch.n_problems and not batch.n_committed and not batch.n_already_there:
        state, mark, words = "refused", "bad", "nothing was taken"
    else:
        state, mark = ("taken", "warn" if batch.n_problems else "good")
        there = f", {batch.n_already_there:,} there already" if batch.n_already_there else ""
        words = f"{counted(batch.n_committed, 'answer')} taken{there}"
    return ImportLine(
        name=batch.file_name,
        state=state,
        mark=mark,
        words=words,
        received_at=batch.received_at,
        problems=tuple(batch.problems[:SHOWN_PROBLEMS]),
        n_problems=batch.n_problems,
    )


def next_steps(project: Project, counts: Counts, ledger: LedgerView, *, has_protocol: bool) -> tuple[NextStep, ...]:
    """Return what a QA lead does next, most urgent first."""
    slug = project.slug
    steps: list[NextStep] = []
    if not ledger.n_questions:
        steps.append(NextStep("No questions are published yet.", reverse("setup-questions", args=[slug]), "Write them"))
    if not has_protocol:
        text = "No protocol is in force, so nothing is evaluated."
        steps.append(NextStep(text, reverse("protocol", args=[slug]), "Adopt one"))
    if counts.n_seats > counts.n_finished:
        waiting = counts.n_seats - counts.n_finished
        steps.append(NextStep(f"{counted(waiting, 'reading')} asked for and not finished.", "", ""))
    if counts.n_disputes:
        text = f"{waiting_words(counts.n_disputes, 'dispute')} for a physician."
        steps.append(NextStep(text, reverse("queue", args=[slug]), "See the queue"))
    if ledger.n_settled:
        steps.append(NextStep("See how far the readers agree.", reverse("agreement", args=[slug]), "Agreement"))
        text = f"{counted(ledger.n_settled, 'cell')} settled, which a release can hold."
        steps.append(NextStep(text, reverse("releases", args=[slug]), "Releases"))
    return tuple(steps)


def reader_lines(project: Project) -> tuple[tuple[str, str, int, int], ...]:
    """Return code, kind, finished and asked readings of every reader."""
    rows = project.readers.annotate(
        n_seats=Count("assignments"),
        n_done=Count("assignments", filter=Q(assignments__finished_at__isnull=False)),
    ).order_by("code")
    return tuple((row.code, row.get_kind_display(), row.n_done, row.n_seats) for row in rows)


def member_lines(project: Project) -> tuple[tuple[str, str], ...]:
    """Return name and role of every member."""
    rows = project.memberships.select_related("user").order_by("role", "user__username")
    return tuple((row.user.get_full_name() or row.user.get_username(), row.get_role_display()) for row in rows)
