"""A reader's own page as plain view data: own figures, and own cases as teaching material once they are released."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from annotations.labels._words import words_of
from annotations.models import Annotation, Assignment, Project, Purpose, Reader
from annotations.selectors import questions_of
from qc.agreement.base import parted
from qc.selectors import newest_run
from reports import readers
from reports.models import GoldRelease

TAUGHT = frozenset({"category", "grade"})


@dataclass(frozen=True, slots=True)
class Lesson:
    """One case in which the released answer is another than the reader's own."""

    case: str
    question: str
    own: str
    gold: str
    how: str


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What a reader sees of himself; empty before the first release, since his answers could still be compared."""

    release: GoldRelease | None
    sections: tuple[readers.Section, ...]
    lessons: tuple[Lesson, ...]
    n_same: int
    n_compared: int


def own_page(project: Project, reader: Reader) -> OwnPage:
    """Return a reader's own figures and lessons, from the newest release."""
    release = project.releases.order_by("-number").first()
    if release is None:
        return OwnPage(None, (), (), 0, 0)
    lessons, n_compared = lessons_of(release, reader)
    rows = readers.results_of(newest_run(project), reader.code) if project.knows_readers else []
    # A reader beside another one is for the QA lead: this page names nobody else.
    rows = [row for row in rows if parted(row.part)[0] != readers.BESIDE]
    return OwnPage(release, tuple(readers.sections_of(rows)), tuple(lessons), n_compared - len(lessons), n_compared)


def lessons_of(release: GoldRelease, reader: Reader) -> tuple[Sequence[Lesson], int]:
    """Return where the released answer is another than the reader's newest, and how many were compared.

    Only answers of a whole case that are codes or levels: a finding is another reader's as much as one's own.
    """
    questions = {one.code: one for one in questions_of(reader.project) if one.kind in TAUGHT and one.about_id is None}
    # What was read as an audit or a control stays unsaid: to explain it would tell what it was.
    seats = Assignment.objects.filter(reader=reader, purpose=Purpose.TRUTH).values("case")
    given = Annotation.objects.filter(Q(case__in=seats) | Q(batch__isnull=False), reader=reader, sitting=1, mark="")
    answers = given.filter(question__in=questions.values())
    rows = answers.order_by("revision").values_list("case__key", "question__code", "label")
    own = {(case, question): label for case, question, label in rows}
    found, n_compared = [], 0
    for row in release.records.filter(question__in=questions, finding="").order_by("case", "question"):
        label, mine = row.record.get("label"), own.get((row.case, row.question))
        if label is None or mine is None:
            continue
        n_compared += 1
        definition = questions[row.question].definition
        said, gold = words_of(mine, definition), words_of(label, definition)
        if said != gold:
            found.append(Lesson(row.case, questions[row.question].title, said, gold, row.disposition.replace("_", " ")))
    return found, n_compared
