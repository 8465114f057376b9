"""How far a project is set up, as plain view data."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse

from annotations.models import Assignment, Project, Reader
from annotations.selectors import questions_of


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing to set up: what there is, and where it is done."""

    title: str
    words: str
    href: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """One reader with the seats that wait and those that are finished."""

    code: str
    person: str
    kind: str
    reads_for: str
    is_active: bool
    n_waiting: int
    n_finished: int


def setup_steps(project: Project, *, has_protocol: bool) -> list[SetupStep]:
    """Return what there is to set up, in order."""
    n_questions = len(questions_of(project))
    n_cases = project.cases.count()
    n_readers = project.readers.filter(deactivated_at__isnull=True).count()
    n_reads = Assignment.objects.filter(case__project=project, finished_at__isnull=False).count()
    protocol = "in force" if has_protocol else "none yet"
    steps = [
        ("Questions", counted(n_questions, "question"), "setup-questions", n_questions > 0),
        ("Cases", counted(n_cases, "case"), "setup-cases", n_cases > 0),
        ("People and readers", counted(n_readers, "reader"), "setup-people", n_readers > 1),
        ("Protocol", protocol, "protocol", has_protocol),
        ("Reads", f"{counted(n_reads, 'reading')} finished", "setup-reads", n_reads > 0),
    ]
    return [
        SetupStep(title, words, reverse(name, args=[project.slug]), is_done) for title, words, name, is_done in steps
    ]


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def reader_rows(project: Project) -> list[ReaderRow]:
    """Return the readers of a project with their work."""
    seats = Assignment.objects.filter(reader__project=project).values("reader")
    counts = seats.annotate(waiting=Count("pk", filter=Q(finished_at__isnull=True)), finished=Count("finished_at"))
    work = {row["reader"]: (row["waiting"], row["finished"]) for row in counts}
    return [
        ReaderRow(
            row.code,
            (row.user.get_full_name() or row.user.get_username()) if row.user else "",
            row.get_kind_display(),
            row.get_reads_for_display(),
            row.deactivated_at is None,
            *work.get(row.pk, (0, 0)),
        )
        for row in Reader.objects.filter(project=project).select_related("user").order_by("code")
    ]
