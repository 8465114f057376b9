"""What a reader is shown: the seats that wait, and one case with the reader's own drafts. Nothing here writes.

No other reader's answer, code, time or number reaches these views.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet

from annotations import selectors
from annotations.errors import Conflict, NotFound, ReadingFinished
from annotations.models import Annotation, Assignment, Exclusion, Image, Project, Question
from annotations.viewing import image_form

_CHOICES = {
    "category": "codes",
    "grade": "levels",
    "multilabel": "codes",
    "ranking": "codes",
    "landmarks": "points",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a person's seats are finished."""

    done: int
    total: int

    @property
    def left(self) -> int:
        """Return the seats that wait."""
        return self.total - self.done


@dataclass(frozen=True, slots=True)
class SeatRow:
    """One seat that waits; ``begun_at`` is the time of the newest draft answer."""

    public_id: str
    key: str
    round: int
    begun_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One code or level and the digit key that takes it."""

    code: str
    title: str
    digit: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question as the form shows it; ``about`` is the code of the question whose marks it describes."""

    number: int
    code: str
    title: str
    kind: str
    about: str
    many: bool
    choices: tuple[Choice, ...]
    unit: str
    minimum: float | None
    maximum: float | None
    rule: str
    next_mark: int

    @property
    def has_fields(self) -> bool:
        """Whether it is answered by several fields of its own."""
        return self.kind in {"multilabel", "ranking", "landmarks", "interval"}

    @property
    def is_drawn(self) -> bool:
        """Whether it is answered on the image."""
        return self.kind in {"mask", "polygon", "box"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A standing answer of this reader in this case."""

    question: str
    mark: str
    value: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case for one reader; ``page_data`` is what the browser draws and sends from."""

    public_id: str
    key: str
    round: int
    guideline: str
    guideline_version: int
    questions: tuple[QuestionView, ...]
    drafts: tuple[Draft, ...]
    progress: Progress
    has_pixels: bool
    page_data: Mapping[str, Any]


def seats_of(user: User, project: Project) -> QuerySet[Assignment]:
    """Return every seat of a person in a project but those at cases that were taken out."""
    excluded = Exclusion.objects.filter(case=OuterRef("case"), revoked_at__isnull=True)
    seats = Assignment.objects.filter(case__project=project, reader__user=user, reader__deactivated_at__isnull=True)
    return seats.filter(selectors.opened()).exclude(Exists(excluded))


def progress_of(user: User, project: Project) -> Progress:
    """Return how far a person is with the seats of a project."""
    seats = seats_of(user, project)
    return Progress(seats.filter(finished_at__isnull=False).count(), seats.count())


def seat_rows(seats: QuerySet[Assignment] | list[Assignment]) -> list[SeatRow]:
    """Return the seats as rows of the worklist, with the time of the newest draft."""
    found = list(seats)
    rows = Annotation.objects.filter(
        case_id__in=[seat.case_id for seat in found], reader_id__in={seat.reader_id for seat in found}
    ).order_by("created_at")
    values = rows.values_list("case", "reader", "sitting", "created_at")
    newest = {(case_id, reader_id, sitting): at for case_id, reader_id, sitting, at in values}
    return [
        SeatRow(
            str(seat.case.public_id),
            seat.case.key,
            seat.round,
            newest.get((seat.case_id, seat.reader_id, seat.sitting)),
        )
        for seat in found
    ]


def seat_at(user: User, project: Project, public_id: str) -> Assignment:
    """Return the open seat of a person at a case; refuse a foreign, a finished and an excluded one."""
    seats = Assignment.objects.filter(
        selectors.opened(),
        case__project=project,
        case__public_id=public_id,
        reader__user=user,
        reader__deactivated_at__isnull=True,
    )
    rows = list(seats.select_related("case", "reader").order_by("round"))
    if not rows:
        raise NotFound("You have no seat at this case.")
    waiting = [row for row in rows if row.finished_at is None]
    if not waiting:
        raise ReadingFinished("You have finished reading this case; a finished reading is not changed.")
    if waiting[0].case.exclusions.filter(revoked_at__isnull=True).exists():
        raise Conflict("This case was taken out of the project, so it is not read any more.")
    return waiting[0]


def image_at(seat: Assignment) -> Image | None:
    """Return the grid of a seat's case; None where none is registered."""
    return Image.objects.filter(case=seat.case_id).first()


def case_view(seat: Assignment, user: User, urls: Mapping[str, str]) -> CaseView:
    """Return what a reader is shown of a case; ``urls`` holds the addresses that the page uses."""
    project = seat.case.project
    schema = selectors.current_schema(project)
    answers = own_answers(seat)
    questions = tuple(question_views(selectors.questions_of(project), answers))
    drafts = tuple(Draft(a.question.code, a.mark, a.label, a.seconds or 0) for a in answers if a.label is not None)
    image = image_at(seat)
    has_pixels = image is not None and bool(image.digest)
    page_data = {
        "case": seat.case.key,
        "questions": [asdict(question) for question in questions],
        "drafts": [asdict(draft) for draft in drafts],
        "image": image_form(image, urls["voxels_url"]) if image is not None and has_pixels else None,
        "canvas": canvas_of(image),
        "spacing_mm": image.spacing_mm if image else None,
        "start_slice": image.shape[0] // 2 if image else 0,
        **{name: url for name, url in urls.items() if name != "voxels_url"},
    }
    return CaseView(
        public_id=str(seat.case.public_id),
        key=seat.case.key,
        round=seat.round,
        guideline=schema.guideline if schema else "",
        guideline_version=schema.version if schema else 0,
        questions=questions,
        drafts=drafts,
        progress=progress_of(user, project),
        has_pixels=has_pixels,
        page_data=page_data,
    )


def canvas_of(image: Image | None) -> dict[str, int] | None:
    """Return the size of the grid that is drawn on; None where no image is registered."""
    if image is None:
        return None
    slices, height, width = image.shape
    return {"width": width, "height": height, "slices": slices}


def own_answers(seat: Assignment) -> list[Annotation]:
    """Return the newest revision of each of this reader's answers in this sitting, withdrawn ones without a label."""
    own = Annotation.objects.filter(case=seat.case_id, reader=seat.reader_id, sitting=seat.sitting)
    rows = own.select_related("question")
    newest = {(row.question_id, row.mark): row for row in rows.order_by("question_id", "mark", "revision")}
    return list(newest.values())


def question_views(questions: list[Question], answers: list[Annotation]) -> list[QuestionView]:
    """Return the questions in order, each with the number that the reader's next mark takes."""
    return [
        QuestionView(
            number=number,
            code=question.code,
            title=question.title,
            kind=question.kind,
            about=question.about.code if question.about else "",
            many=question.takes_marks,
            choices=choices_of(question),
            unit=str(question.definition.get("unit", "")),
            minimum=question.definition.get("minimum"),
            maximum=question.definition.get("maximum"),
            rule=str(question.definition.get("rule", "")),
            next_mark=next_mark(question, answers),
        )
        for number, question in enumerate(questions, start=1)
    ]


def next_mark(question: Question, answers: list[Annotation]) -> int:
    """Return one more than the highest number used, so that a withdrawn mark's number is not given again."""
    used = [int(answer.mark) for answer in answers if answer.question_id == question.pk and answer.mark.isdecimal()]
    return max(used, default=0) + 1


def choices_of(question: Question) -> tuple[Choice, ...]:
    """Return the answers that a question offers; the first nine have a digit key."""
    member = _CHOICES.get(question.kind)
    entries = question.definition.get(member, []) if member else []
    return tuple(
        Choice(str(entry["code"]), str(entry.get("title") or entry["code"]), str(place) if place <= 9 else "")
        for place, entry in enumerate(entries, start=1)
    )
