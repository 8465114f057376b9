"""Verb: take a reader's answers, finish a reading, withdraw an answer."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from annotations import audit, due, locking, selectors
from annotations.errors import Forbidden, InvalidInput, NotFound, ReadingFinished
from annotations.labels.base import Geometry, LabelError, canonical
from annotations.models import Annotation, Assignment, Case, ImportBatch, Project, Purpose, Question, Reader, ReaderKind
from annotations.registry import parse_label

# Case, question, reader, sitting and mark.
AnswerKey = tuple[int, int, int, int, str]


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer as it arrives: keys of the project and a raw label."""

    case: str
    reader: str
    question: str
    value: Mapping[str, Any]
    mark: str = ""
    seconds: float | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An answer that has passed every check."""

    case_id: int
    question_id: int
    reader_id: int
    mark: str
    label: dict[str, Any]
    digest: str
    seconds: float | None
    line: int | None


class AnswerProblem(ValueError):
    """One answer cannot be taken: code, column of the answer, sentence."""

    def __init__(self, code: str, column: str, message: str) -> None:
        super().__init__(message)
        self.code, self.column, self.message = code, column, message


class AnswerSheet:
    """The project's questions, cases, readers and grids, loaded once to check many answers.

    ``case_keys`` limits the cases to those that the answers speak of; None loads all.
    """

    def __init__(self, project: Project, case_keys: Collection[str] | None = None) -> None:
        self.questions: dict[str, Question] = {q.code: q for q in selectors.questions_of(project)}
        cases = project.cases.all() if case_keys is None else project.cases.filter(key__in=case_keys)
        self.cases: dict[str, int] = {}
        self.grids: dict[int, Geometry | None] = {}
        for key, pk, shape, spacing in cases.values_list("key", "pk", "image__shape", "image__spacing_mm"):
            self.cases[key] = pk
            self.grids[pk] = selectors.geometry(shape, spacing)
        readers = Reader.objects.filter(project=project, deactivated_at__isnull=True)
        self.readers: dict[str, int] = {}
        self.people: dict[int | None, str] = {}
        for code, pk, user_id in readers.values_list("code", "pk", "user_id"):
            self.readers[code] = pk
            self.people[user_id] = code

    def code_of(self, user: User) -> str:
        """Return the code under which a person reads here; Forbidden for someone who does not."""
        code = self.people.get(user.pk)
        if code is None:
            raise Forbidden("You are no reader of this project.")
        return code

    def kinds(self) -> dict[str, str]:
        """Return the label kind of each question."""
        return {code: question.kind for code, question in self.questions.items()}

    def prepare(self, answer: NewAnswer) -> Prepared:
        """Check one answer against the schema and the grid; AnswerProblem names what is wrong."""
        question = self.questions.get(answer.question)
        if question is None:
            known = ", ".join(self.questions)
            raise AnswerProblem("unknown-question", "question", f"{answer.question} is not one of {known}.")
        case_id = self.cases.get(answer.case)
        if case_id is None:
            raise AnswerProblem("unknown-case", "case", f"The project has no case {answer.case}.")
        reader_id = self.readers.get(answer.reader)
        if reader_id is None:
            raise AnswerProblem("unknown-reader", "reader", f"The project has no active reader {answer.reader}.")
        try:
            label = parse_label(answer.value, question.kind, question.definition, self.grids.get(case_id))
        except LabelError as error:
            raise AnswerProblem(error.code, "value" + error.pointer, error.message) from error
        form = label.dump()
        check_mark(question, answer.mark, form["kind"])
        return Prepared(
            case_id=case_id,
            question_id=question.pk,
            reader_id=reader_id,
            mark=answer.mark,
            label=form,
            digest=hashlib.sha256(canonical(form).encode()).hexdigest(),
            seconds=answer.seconds,
            line=answer.line,
        )


def check_mark(question: Question, mark: str, kind: str) -> None:
    """Refuse a mark where the question takes one answer, and a finding without a mark where it takes many."""
    wants_mark = question.takes_marks or question.about_id is not None
    speaks_of_case = kind in {"nothing_found", "cannot_assess"}
    if mark and (not wants_mark or (speaks_of_case and question.takes_marks)):
        raise AnswerProblem("unwanted-mark", "mark", "This answer speaks of the whole case and takes no mark.")
    if not mark and wants_mark and not speaks_of_case:
        raise AnswerProblem("missing-mark", "mark", "Several answers are possible here: number each with a mark.")


def write_answers(
    *,
    actor: User,
    prepared: Sequence[Prepared],
    batch: ImportBatch | None = None,
    sittings: Mapping[tuple[int, int], int] | None = None,
) -> list[Annotation]:
    """Write new revisions, inside the caller's transaction; an answer that stands already is left alone.

    ``sittings`` gives the sitting of a case and reader; a file always holds a reader's first.
    """
    newest = newest_revisions({answer.case_id for answer in prepared})
    moment = locking.now()
    rows: list[Annotation] = []
    for answer in prepared:
        sitting = (sittings or {}).get((answer.case_id, answer.reader_id), 1)
        key = (answer.case_id, answer.question_id, answer.reader_id, sitting, answer.mark)
        revision, digest = newest.get(key, (0, ""))
        if digest == answer.digest:
            continue
        newest[key] = (revision + 1, answer.digest)
        rows.append(
            Annotation(
                case_id=answer.case_id,
                question_id=answer.question_id,
                reader_id=answer.reader_id,
                sitting=sitting,
                mark=answer.mark,
                revision=revision + 1,
                label=answer.label,
                digest=answer.digest,
                seconds=answer.seconds,
                batch=batch,
                line=answer.line,
                created_at=moment,
                created_by=actor,
            )
        )
    return Annotation.objects.bulk_create(rows, batch_size=1000)


def newest_revisions(case_ids: set[int]) -> dict[AnswerKey, tuple[int, str]]:
    """Return the newest revision and its digest of every answer of these cases; '' for a withdrawn one."""
    rows = Annotation.objects.filter(case_id__in=case_ids).order_by("revision")
    key = ("case_id", "question_id", "reader_id", "sitting", "mark")
    values = rows.values_list(*key, "revision", "digest", "label__isnull")
    return {row[:5]: (row[5], "" if row[7] else row[6]) for row in values}


def rows_digest(rows: Sequence[Annotation]) -> str:
    """Return one digest over many answers, so that one audit event still proves each of them."""
    return hashlib.sha256("".join(sorted(row.digest for row in rows)).encode()).hexdigest()


def submit_answers(
    *, actor: User, project: Project, answers: Sequence[NewAnswer], sheet: AnswerSheet | None = None
) -> list[Annotation]:
    """Take a reader's own answers, all or none; a draft until the reading is finished.

    ``sheet`` saves reading the project again when many answers are taken one by one.
    """
    sheet = sheet or AnswerSheet(project, {answer.case for answer in answers})
    prepared: list[Prepared] = []
    errors: list[dict[str, Any]] = []
    for index, answer in enumerate(answers):
        try:
            prepared.append(sheet.prepare(answer))
        except AnswerProblem as problem:
            pointer = f"#/{index}/{problem.column}"
            errors.append({"pointer": pointer, "code": problem.code, "detail": problem.message})
    if errors:
        raise InvalidInput("Nothing was saved: some answers cannot be taken.", errors=errors)
    with transaction.atomic():
        sittings = check_seats(actor, prepared)
        rows = write_answers(actor=actor, prepared=prepared, sittings=sittings)
        if rows:
            body = {"n_answers": len(rows), "digest": rows_digest(rows)}
            audit.record(project=project, actor=actor, action="annotations.submitted", body=body)
    return rows


def check_seats(actor: User, prepared: Sequence[Prepared]) -> dict[tuple[int, int], int]:
    """Return the open sitting of each case and reader.

    Refuses answers in another's name, for a case without a seat, or for a reading that is finished.
    """
    own = Assignment.objects.filter(
        selectors.opened(), case_id__in={p.case_id for p in prepared}, reader__user_id=actor.pk
    )
    seats = locking.lock(own).values_list("case_id", "reader_id", "sitting", "finished_at")
    taken = {(case_id, reader_id) for case_id, reader_id, _, _ in seats}
    waiting = {
        (case_id, reader_id): sitting
        for case_id, reader_id, sitting, at in sorted(seats, key=lambda seat: seat[2], reverse=True)
        if at is None
    }
    for answer in prepared:
        key = (answer.case_id, answer.reader_id)
        if key not in taken:
            raise NotFound("You have no seat at this case under this reader code.")
        if key not in waiting:
            raise ReadingFinished("You have finished reading this case; a finished reading is not changed.")
    return waiting


@transaction.atomic
def finish_reading(*, actor: User, assignment: Assignment) -> Assignment:
    """Close a reading: its answers count from now on, and the case is due for the next step."""
    seat = locking.lock(Assignment.objects.filter(pk=assignment.pk)).select_related("case__project", "reader").get()
    if seat.finished_at is not None:
        raise ReadingFinished("This reading is finished already.")
    missing = missing_questions(seat)
    if missing:
        errors = [
            {"pointer": f"#/{question.code}", "code": "unanswered", "detail": f"{question.title} has no answer."}
            for question in missing
        ]
        raise InvalidInput("The reading is not complete.", errors=errors)
    refuse_contradiction(seat)
    seat.finished_at = locking.now()
    seat.save(update_fields=["finished_at"])
    due.mark(seat.case)
    if seat.purpose != Purpose.TRUTH or seat.reader.kind == ReaderKind.MODEL:
        # The case settles as before; what is said of the reader does not.
        due.mark(seat.case.project)
    body = {"case": seat.case.key, "reader": seat.reader.code, "round": seat.round}
    audit.record(project=seat.case.project, actor=actor, action="reading.finished", body=body)
    return seat


def answers_of(seat: Assignment) -> list[selectors.Answer]:
    """Return the standing answers that were given in a seat."""
    own = (seat.reader.code, seat.sitting)
    return [one for one in selectors.standing_answers(seat.case) if (one.reader, one.sitting) == own]


def missing_questions(seat: Assignment) -> list[Question]:
    """Return the questions that the reader has yet to answer: of the case, and of each mark."""
    answers = answers_of(seat)
    given = {(answer.question_id, answer.mark) for answer in answers}
    answered = {question_id for question_id, _ in given}
    missing: list[Question] = []
    for question in selectors.questions_of(seat.case.project):
        if question.about_id is None:
            complete = question.pk in answered
        else:
            marks = {mark for question_id, mark in given if question_id == question.about_id and mark}
            complete = all((question.pk, mark) in given for mark in marks)
        if not complete:
            missing.append(question)
    return missing


def refuse_contradiction(seat: Assignment) -> None:
    """Refuse "nothing found" or "cannot assess" beside findings of the same question."""
    answers = answers_of(seat)
    of_case = {answer.question_id for answer in answers if not answer.mark}
    marked = {answer.question_id for answer in answers if answer.mark}
    errors = [
        {
            "pointer": f"#/{q.code}",
            "code": "contradiction",
            "detail": f"{q.title}: findings, and an answer that denies them.",
        }
        for q in selectors.questions_of(seat.case.project)
        if q.takes_marks and q.pk in of_case & marked
    ]
    if errors:
        raise InvalidInput("The reading contradicts itself.", errors=errors)


@transaction.atomic
def withdraw_draft(*, actor: User, assignment: Assignment, question: str, mark: str) -> int:
    """Withdraw a reader's answer before the reading is finished, and with a mark what describes it."""
    seat = locking.lock(Assignment.objects.filter(pk=assignment.pk)).get()
    if seat.finished_at is not None:
        raise ReadingFinished("You have finished reading this case; a finished reading is not changed.")
    meant = Q(question__code=question)
    if mark:
        meant |= Q(question__about__code=question)
    own = Annotation.objects.filter(meant, case=seat.case_id, reader=seat.reader_id, sitting=seat.sitting, mark=mark)
    rows = list(selectors.standing_rows(own))
    if not rows:
        raise NotFound("This answer does not stand any more.")
    for row in rows:
        withdraw_annotation(actor=actor, annotation=row, reason="Removed while reading.")
    return len(rows)


@transaction.atomic
def withdraw_annotation(*, actor: User, annotation: Annotation, reason: str) -> Annotation:
    """Withdraw an answer by adding a revision without a label; the old one stays readable."""
    case = locking.lock(Case.objects.filter(pk=annotation.case_id)).select_related("project").get()
    key = (annotation.case_id, annotation.question_id, annotation.reader_id, annotation.sitting, annotation.mark)
    revision, digest = newest_revisions({case.pk})[key]
    if digest == "" or revision != annotation.revision:
        raise NotFound("This answer does not stand any more.")
    tombstone = Annotation.objects.create(
        case_id=annotation.case_id,
        question_id=annotation.question_id,
        reader_id=annotation.reader_id,
        sitting=annotation.sitting,
        mark=annotation.mark,
        revision=revision + 1,
        label=None,
        digest=hashlib.sha256(canonical({"withdrawn": annotation.digest, "reason": reason}).encode()).hexdigest(),
        created_at=locking.now(),
        created_by=actor,
    )
    due.mark(case)
    body = {"annotation": str(annotation.public_id), "reason": reason}
    audit.record(project=case.project, actor=actor, action="annotation.withdrawn", body=body)
    return tombstone
