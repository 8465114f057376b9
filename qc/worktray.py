"""The queue as view data: blinded rows for an adjudicator, counts for a QA lead."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import BooleanField, Case, Count, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse

from annotations import locking
from annotations.models import Project
from qc.models import Adjudication, Dispute, Draft
from qc.selectors import current_protocol, is_independent, open_disputes

# What the readers disagree about, by the cause that a rule gave: no score, no vote, no reader.
CAUSES = {
    "existence": "whether it is there",
    "missed": "whether it is there",
    "extra": "whether it is there",
    "location": "where it is",
    "boundary": "where its edge runs",
    "split-merge": "whether it is one or several",
    "class": "which answer fits",
    "grade-distance": "how far along the scale",
    "technical": "whether it can be assessed",
    "by-design": "asked by the protocol",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One dispute of the queue; the name is its own and says nothing of the case."""

    name: str
    href: str
    question: str
    finding: str
    about: str
    minutes_left: int | None
    draft_at: object | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a filter."""

    value: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Tray:
    """How an adjudicator's queue stands."""

    n_waiting: int
    n_mine: int
    n_others: int
    n_closed_to_me: int
    n_signed: int
    causes: tuple[Choice, ...]
    questions: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One question's open disputes for the QA lead; ``share`` of the largest."""

    title: str
    count: int
    share: float
    about: str
    href: str


@dataclass(frozen=True, slots=True)
class Counts:
    """The queue as a QA lead sees it."""

    n_open: int
    n_held: int
    n_signed: int
    lines: tuple[Line, ...]


def hides_causes(project: Project) -> bool:
    """Say whether the protocol lets physicians look first: then not even the cause of a dispute is told before."""
    protocol = current_protocol(project)
    return protocol is not None and bool(protocol.document.get("look_first"))


def open_to(user: User, project: Project) -> QuerySet[Dispute]:
    """Return the open disputes that this person may settle and nobody else holds, those held by them first."""
    moment = locking.now()
    free = Q(held_until__isnull=True) | Q(held_until__lt=moment) | Q(held_by=user)
    mine = Case(
        When(held_by=user, held_until__gte=moment, then=Value(True)),  # noqa: FBT003 - an SQL literal
        default=Value(False),  # noqa: FBT003 - an SQL literal
        output_field=BooleanField(),
    )
    rows = open_disputes(project).filter(free & is_independent(user)).annotate(is_mine=mine)
    return rows.order_by("-is_mine", "-priority", "jitter", "pk")


def rows_for(user: User, project: Project, *, cause: str, question: str) -> QuerySet[Dispute]:
    """Return the queue under its filters."""
    rows = open_to(user, project).select_related("question", "result")
    if cause and not hides_causes(project):
        rows = rows.filter(cause__in=[code for code, words in CAUSES.items() if slug_of(words) == cause])
    if question:
        rows = rows.filter(question__code=question)
    own = Draft.objects.filter(dispute=OuterRef("pk"), user=user)
    return rows.annotate(draft_at=own.values("saved_at")[:1])


def row_of(user: User, project: Project, dispute: Dispute, *, hides: bool = False) -> Row:
    """Return one row."""
    left = None
    if dispute.held_by_id == user.pk and dispute.held_until is not None and dispute.held_until >= locking.now():
        left = max(1, int((dispute.held_until - locking.now()).total_seconds() // 60))
    return Row(
        name=str(dispute.public_id)[:8],
        href=reverse("dispute", args=[project.slug, dispute.public_id]),
        question=dispute.question.title,
        finding=f"Finding {dispute.result.number}" if dispute.finding else "",
        about="" if hides else CAUSES.get(dispute.cause, dispute.cause),
        minutes_left=left,
        draft_at=getattr(dispute, "draft_at", None),
    )


def tray_for(user: User, project: Project) -> Tray:
    """Return the counts and filters of an adjudicator's queue."""
    moment = locking.now()
    taken = Q(held_until__gte=moment) & ~Q(held_by=user)
    rows = open_disputes(project).order_by().filter(is_independent(user))
    grouped = rows.values("cause", "question__code", "question__title", "question__position").annotate(
        n=Count("pk"), taken=Count("pk", filter=taken), mine=Count("pk", filter=Q(held_until__gte=moment, held_by=user))
    )
    by_cause: dict[str, int] = {}
    by_question: dict[tuple[int, str, str], int] = {}
    n_open = n_mine = n_others = 0
    for one in grouped:
        free = one["n"] - one["taken"]
        words = CAUSES.get(one["cause"], one["cause"])
        key = (one["question__position"], one["question__code"], one["question__title"])
        by_cause[words] = by_cause.get(words, 0) + free
        by_question[key] = by_question.get(key, 0) + free
        n_open, n_mine, n_others = n_open + one["n"], n_mine + one["mine"], n_others + one["taken"]
    return Tray(
        n_waiting=n_open - n_others,
        n_mine=n_mine,
        n_others=n_others,
        n_closed_to_me=open_disputes(project).count() - n_open,
        n_signed=Adjudication.objects.filter(adjudicator=user, dispute__project=project).count(),
        causes=()
        if hides_causes(project)
        else tuple(Choice(slug_of(words), words, count) for words, count in sorted(by_cause.items())),
        questions=tuple(Choice(code, title, count) for (_, code, title), count in sorted(by_question.items())),
    )


def slug_of(words: str) -> str:
    """Return words as a value of an address."""
    return words.replace(" ", "-")


def counts_of(project: Project) -> Counts:
    """Return how many disputes are open, by question and cause."""
    moment = locking.now()
    rows = open_disputes(project).order_by()
    grouped = rows.values("question__code", "question__title", "question__position", "cause").annotate(n=Count("pk"))
    ordered = sorted(grouped, key=lambda one: (one["question__position"], -one["n"]))
    most = max((one["n"] for one in ordered), default=1)
    held = Dispute.objects.filter(project=project, closed_at__isnull=True, held_until__gte=moment)
    lines = tuple(
        Line(
            title=one["question__title"],
            count=one["n"],
            share=one["n"] / most,
            about=CAUSES.get(one["cause"], one["cause"]),
            href=reverse("agreement-question", args=[project.slug, one["question__code"]]),
        )
        for one in ordered
    )
    return Counts(
        n_open=sum(one["n"] for one in ordered),
        n_held=held.count(),
        n_signed=Adjudication.objects.filter(dispute__project=project).count(),
        lines=lines,
    )
