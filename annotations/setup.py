"""How far a project is set up, as plain view data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.urls import reverse

from annotations.models import Assignment, Case, Exclusion, Image, Project, Question, Reader


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing to set up: what there is, and where it is done."""

    title: str
    words: str
    href: str
    is_done: bool
    is_next: bool = False


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case of the list: its image in words and its readings."""

    public_id: str
    key: str
    subject: str
    strata: Mapping[str, Any]
    image: str
    n_asked: int
    n_finished: int
    is_excluded: bool


def case_rows(cases: Sequence[Case]) -> list[CaseRow]:
    """Return the cases of one page of the list with image, readings and whether they were taken out."""
    pks = [case.pk for case in cases]
    images = {image.case_id: image for image in Image.objects.filter(case__in=pks)}
    counts = Assignment.objects.filter(case__in=pks).values("case")
    found = counts.annotate(asked=Count("pk"), finished=Count("finished_at"))
    work = {row["case"]: (row["asked"], row["finished"]) for row in found}
    excluded = set(Exclusion.objects.filter(case__in=pks, revoked_at__isnull=True).values_list("case_id", flat=True))
    return [
        CaseRow(
            str(case.public_id),
            case.key,
            case.subject,
            {name: value for name, value in case.strata.items() if not isinstance(value, dict | list)},
            image_words(images.get(case.pk)),
            *work.get(case.pk, (0, 0)),
            case.pk in excluded,
        )
        for case in cases
    ]


def image_words(image: Image | None) -> str:
    """Return the size of an image in words, and whether its pixels are here."""
    if image is None:
        return ""
    size = " × ".join(str(number) for number in image.shape)
    spacing = " × ".join(f"{step:g}" for step in image.spacing_mm) + " mm" if image.spacing_mm else "no spacing"
    return f"{size}, {spacing}{'' if image.digest else ', without pixels'}"


def has_begun(project: Project, n_finished: int | None) -> bool:
    """Say whether anybody has read a case, from their number where it is known; then the overview speaks of figures."""
    if n_finished is not None:
        return n_finished > 0
    return Assignment.objects.filter(case__project=project, finished_at__isnull=False).exists()


def setup_steps(project: Project, questions: Sequence[Question], *, has_protocol: bool) -> list[SetupStep]:
    """Return what there is to set up, in order; the first that is not done comes next."""
    number = numbers_of(project)
    protocol = "in force" if has_protocol else "none yet"
    seats, finished = counted(number["n_seats"], "reading"), counted(number["n_finished"], "reading")
    steps = [
        ("Questions", counted(len(questions), "question"), "setup-questions", len(questions) > 0),
        ("Cases", counted(number["n_cases"], "case"), "setup-cases", number["n_cases"] > 0),
        ("People and readers", counted(number["n_readers"], "reader"), "setup-people", number["n_readers"] > 1),
        ("Protocol", protocol, "protocol", has_protocol),
        ("Seats", f"{seats} asked for", "setup-seats", number["n_seats"] > 0),
        ("Reads", f"{finished} finished", "setup-reads", number["n_finished"] > 0),
    ]
    following = next((place for place, step in enumerate(steps) if not step[3]), None)
    return [
        SetupStep(title, words, reverse(name, args=[project.slug]), is_done, place == following)
        for place, (title, words, name, is_done) in enumerate(steps)
    ]


def numbers_of(project: Project) -> dict[str, int]:
    """Return how many cases, active readers, seats and finished readings there are, by one query."""
    counts = {
        "n_cases": _count(Case.objects.all(), "project"),
        "n_readers": _count(Reader.objects.filter(deactivated_at__isnull=True), "project"),
        "n_seats": _count(Assignment.objects.all(), "case__project"),
        "n_finished": _count(Assignment.objects.filter(finished_at__isnull=False), "case__project"),
    }
    found = Project.objects.filter(pk=project.pk).annotate(**counts).values_list(*counts).get()
    return {name: number or 0 for name, number in zip(counts, found, strict=True)}


def _count(rows: QuerySet[Any], owner: str) -> Subquery:
    return Subquery(rows.filter(**{owner: OuterRef("pk")}).order_by().values(owner).annotate(n=Count("pk")).values("n"))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
