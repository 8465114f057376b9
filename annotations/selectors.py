"""Reads of what was said: standing answers, worklists, grids. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from annotations.errors import InvalidInput
from annotations.labels.base import Geometry
from annotations.locking import now
from annotations.models import (
    Annotation,
    Assignment,
    Case,
    Exclusion,
    Exposure,
    Image,
    LabelSchema,
    Project,
    Question,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One standing answer: the newest revision that was not withdrawn."""

    pk: int
    case_id: int
    question_id: int
    reader: str
    mark: str
    label: dict[str, Any] | None
    digest: str
    sitting: int = 1


def user_named(username: str) -> User | None:
    """Return the person with an open account of this name."""
    return User.objects.filter(username=username, is_active=True).first()


def member_named(project: Project, username: str) -> User:
    """Return a member of the project by user name, or refuse the field."""
    user = User.objects.filter(username=username, memberships__project=project).first()
    if user is None:
        detail = "No member of the project has this user name."
        raise InvalidInput(errors=[{"pointer": "#/username", "code": "unknown-member", "detail": detail}])
    return user


def current_schema(project: Project) -> LabelSchema | None:
    """Return the newest version of the project's questions."""
    return project.schemas.order_by("-version").first()


def questions_of(project: Project) -> list[Question]:
    """Return the questions of the newest schema in order, with the question each is about."""
    newest = LabelSchema.objects.filter(project=project).order_by("-version").values("pk")[:1]
    return list(Question.objects.filter(schema=Subquery(newest)).select_related("about"))


def standing_rows(rows: QuerySet[Annotation]) -> QuerySet[Annotation]:
    """Return only the newest revisions among the rows, without the withdrawn ones."""
    newer = Annotation.objects.filter(
        case=OuterRef("case"),
        question=OuterRef("question"),
        reader=OuterRef("reader"),
        sitting=OuterRef("sitting"),
        mark=OuterRef("mark"),
        revision__gt=OuterRef("revision"),
    )
    return rows.filter(~Exists(newer), label__isnull=False)


def standing_answers(case: Case) -> list[Answer]:
    """Return the standing answers of a case in a fixed order, of every sitting of every reader."""
    rows = Annotation.objects.filter(case=case).order_by("question_id", "reader_id", "sitting", "mark", "revision")
    values = rows.values_list("pk", "case_id", "question_id", "reader__code", "mark", "label", "digest", "sitting")
    # The newest revision comes last of its key, so the dictionary keeps it; a withdrawal has no label.
    newest = {(row[2], row[3], row[7], row[4]): Answer(*row) for row in values}
    return [answer for answer in newest.values() if answer.label is not None]


def geometry_of(image: Image | None) -> Geometry | None:
    """Return the grid of a case's image; None where none is known."""
    return geometry(image.shape, image.spacing_mm) if image is not None else None


def geometry(shape: Sequence[int] | None, spacing_mm: Sequence[float] | None) -> Geometry | None:
    """Return the grid of stored sizes along (z, y, x); None where no image is registered."""
    if shape is None:
        return None
    z, y, x = shape
    spacing = (spacing_mm[0], spacing_mm[1], spacing_mm[2]) if spacing_mm else None
    return Geometry(shape=(z, y, x), spacing_mm=spacing)


def opened() -> Q:
    """Return the condition on a seat that its reader may know of it."""
    return Q(opens_at__isnull=True) | Q(opens_at__lte=now())


def worklist(user: User, project: Project) -> QuerySet[Assignment]:
    """Return the seats that wait for this person, in the order that was drawn for each reader."""
    return (
        Assignment.objects.filter(
            opened(),
            case__project=project,
            reader__user=user,
            finished_at__isnull=True,
            reader__deactivated_at__isnull=True,
        )
        .exclude(Exists(Exclusion.objects.filter(case=OuterRef("case"), revoked_at__isnull=True)))
        .select_related("case", "reader")
        .order_by("place", "pk")
    )


def exposures(project: Project, *, person: str = "", case: str = "") -> QuerySet[Exposure]:
    """Return who was shown which answer, the newest first; ``person`` and ``case`` keep one user name, one key."""
    rows = Exposure.objects.filter(case__project=project)
    if person:
        rows = rows.filter(viewer__username=person)
    if case:
        rows = rows.filter(case__key=case)
    return rows.select_related("viewer", "case", "annotation__reader", "annotation__question").order_by(
        "-shown_at", "-pk"
    )


def viewers(project: Project) -> QuerySet[User]:
    """Return everybody to whom an answer of the project was shown."""
    shown = Exposure.objects.filter(case__project=project).values("viewer")
    return User.objects.filter(pk__in=shown).order_by("username")
