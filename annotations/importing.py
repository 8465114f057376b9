"""Verb: receive a file of reads, check it, take it whole or its good part, once."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO

from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import transaction

from annotations import audit, due, locking, storing
from annotations.due import Claim
from annotations.errors import Conflict, InvalidInput
from annotations.importers.base import Imported, ImportProblem
from annotations.labels.base import Geometry
from annotations.models import Annotation, Assignment, Case, ImportBatch, Project
from annotations.placing import Grounds, refuse_other_steps
from annotations.registry import IMPORTERS
from annotations.selectors import questions_of
from annotations.submission import (
    AnswerProblem,
    AnswerSheet,
    NewAnswer,
    Prepared,
    newest_revisions,
    rows_digest,
    write_answers,
)

CHUNK = 2000
KEPT_PROBLEMS = 1000

# What a stopped import has for its one problem.
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file would do: the answers that can be taken and the problems in the order of lines.

    ``n_read`` counts what the file holds, so that taken, unchanged and refused add up to it.
    """

    prepared: list[Prepared]
    problems: list[dict[str, Any]]
    n_read: int

    def taken(self, *, good_part: bool) -> list[Prepared]:
        """Return what would be taken: everything, or nothing unless the good part is enough."""
        if not self.problems:
            return self.prepared
        bad_lines = {problem["line"] for problem in self.problems}
        return [answer for answer in self.prepared if answer.line not in bad_lines] if good_part else []


def receive_import(
    *,
    actor: User,
    project: Project,
    content: bytes,
    file_name: str,
    importer: str,
    options: Mapping[str, Any],
) -> ImportBatch:
    """Store a file and leave it due for the worker; the same file again is the same import.

    ``options`` may hold ``take: good`` to keep the good part of a file with problems.
    """
    check_format(importer)
    plain = {key: str(value) for key, value in options.items() if key != "take"}
    digest, path = storing.store_bytes(content, "imports")
    with transaction.atomic():
        batch, is_new = ImportBatch.objects.get_or_create(
            project=project,
            digest=digest,
            importer=importer,
            options={**plain, "take": str(options.get("take", "all"))},
            defaults={
                "takes_good_part": options.get("take") == "good",
                "file_name": file_name[-255:],
                "path": path,
                "received_by": actor,
                "received_at": locking.now(),
                "due_at": locking.now(),
            },
        )
        if is_new:
            body = {"import": str(batch.public_id), "digest": digest, "format": importer}
            audit.record(project=project, actor=actor, action="import.received", body=body)
    return batch


def check_format(importer: str) -> None:
    """Refuse a format that no importer reads."""
    if importer not in IMPORTERS:
        known = ", ".join(IMPORTERS)
        detail = f"{importer} is not one of {known}."
        raise InvalidInput(
            "This format is not known.", errors=[{"pointer": "#/format", "code": "unknown-format", "detail": detail}]
        )


def check_file(project: Project, importer: str, options: Mapping[str, Any], stream: BinaryIO) -> Checked:
    """Read a file against the project's schema without writing anything; ``take`` is no option of a format."""
    sheet, grounds = AnswerSheet(project), Grounds(project)
    plain = {key: str(value) for key, value in options.items() if key != "take"}
    prepared: list[Prepared] = []
    problems: list[dict[str, Any]] = []
    n_read = 0
    try:
        for item in IMPORTERS[importer].read(stream, sheet.kinds(), plain):
            n_read += 1
            if isinstance(item, ImportProblem):
                problems.append(problem_form(item.line, item.column, item.code, item.message))
                continue
            try:
                answer = sheet.prepare(new_answer(grounds.fit(item)))
                check_spacing(sheet.grids.get(answer.case_id), item)
            except AnswerProblem as error:
                problems.append(problem_form(item.line, error.column, error.code, error.message))
            else:
                prepared.append(answer)
    except ImportProblem as error:
        # The file itself is broken: what came before the break is not trusted either.
        return Checked([], [problem_form(error.line, error.column, error.code, error.message)], 1)
    return Checked(prepared, problems + contradictions(prepared) + finished_problems(prepared), n_read)


def check_spacing(grid: Geometry | None, item: Imported) -> None:
    """Refuse a mask that states another size of its voxels than the image's."""
    if grid is not None and grid.spacing_mm is not None and item.spacing_mm is not None:
        refuse_other_steps(item.spacing_mm, grid.spacing_mm)


def preview_import(
    *, project: Project, content: bytes, importer: str, options: Mapping[str, Any]
) -> tuple[Checked, dict[str, Any]]:
    """Return what a file would do, with its sums and whose answers it holds, without writing: the dry run."""
    check_format(importer)
    checked = check_file(project, importer, options, BytesIO(content))
    taken = checked.taken(good_part=options.get("take") == "good")
    newest = {key: digest for key, (_, digest) in newest_revisions({answer.case_id for answer in taken}).items()}
    n_new = 0
    for answer in taken:
        key = (answer.case_id, answer.question_id, answer.reader_id, 1, answer.mark)
        n_new += newest.get(key) != answer.digest
        newest[key] = answer.digest
    readers = dict(project.readers.values_list("pk", "code"))
    questions = {question.pk: question.code for question in questions_of(project)}
    return checked, {
        **closing(n_read=checked.n_read, n_accepted=n_new, n_unchanged=len(taken) - n_new),
        "n_cases": len({answer.case_id for answer in taken}),
        "readers": dict(sorted(Counter(readers[answer.reader_id] for answer in taken).items())),
        "questions": dict(sorted(Counter(questions[answer.question_id] for answer in taken).items())),
    }


def closing(*, n_read: int, n_accepted: int, n_unchanged: int) -> dict[str, Any]:
    """Return the sums of an import: what was read was accepted, refused or there already."""
    return {
        "n_read": n_read,
        "n_accepted": n_accepted,
        "n_refused": n_read - n_accepted - n_unchanged,
        "n_unchanged": n_unchanged,
    }


def new_answer(item: Imported) -> NewAnswer:
    """Return an imported value as an answer to be checked."""
    return NewAnswer(
        case=item.case,
        reader=item.reader,
        question=item.question,
        value=item.value,
        mark=item.mark,
        seconds=item.seconds,
        line=item.line,
    )


def problem_form(line: int | None, column: str | None, code: str, detail: str) -> dict[str, Any]:
    """Return a problem as it is stored and shown."""
    return {"line": line, "field": column, "code": code, "detail": detail}


def contradictions(prepared: list[Prepared]) -> list[dict[str, Any]]:
    """Return a problem for each line that answers again, otherwise, what an earlier line of the file answered."""
    first: dict[tuple[int, int, int, str], Prepared] = {}
    problems: list[dict[str, Any]] = []
    for answer in prepared:
        earlier = first.setdefault((answer.case_id, answer.question_id, answer.reader_id, answer.mark), answer)
        if earlier.digest != answer.digest:
            detail = f"Line {earlier.line} gives another answer of the same reader to the same question."
            problems.append(problem_form(answer.line, "value", "contradiction", detail))
    return problems


def finished_problems(prepared: list[Prepared]) -> list[dict[str, Any]]:
    """Return a problem for each answer that would change a reading which is finished."""
    case_ids = {answer.case_id for answer in prepared}
    finished = set(
        Assignment.objects.filter(case_id__in=case_ids, sitting=1, finished_at__isnull=False).values_list(
            "case_id", "reader_id"
        )
    )
    if not finished:
        return []
    standing = set(
        Annotation.objects.filter(case_id__in=case_ids, sitting=1).values_list(
            "case_id", "question_id", "reader_id", "mark", "digest"
        )
    )
    return [
        problem_form(answer.line, "case", "reading-finished", "This reading is finished and says something else.")
        for answer in prepared
        if (answer.case_id, answer.reader_id) in finished
        and (answer.case_id, answer.question_id, answer.reader_id, answer.mark, answer.digest) not in standing
    ]


def run_import(
    *, batch: ImportBatch, claim: Claim, tell: Callable[[int, int], None] = lambda done, total: None
) -> ImportBatch:
    """Do the work of an import: check, then write chunk by chunk, then finish the readings it holds.

    A worker that dies between two chunks leaves whole chunks; the next run finds them standing and goes on. ``tell``
    is told how many answers of how many are through.
    """
    with default_storage.open(batch.path, "rb") as stored:
        checked = check_file(batch.project, batch.importer, batch.options, BytesIO(stored.read()))
    good = checked.taken(good_part=batch.takes_good_part)
    # Known before the first answer is written, so that everybody can see how far it is.
    ImportBatch.objects.filter(pk=batch.pk).update(n_lines=checked.n_read)
    done = 0
    for chunk in chunks(good):
        write_chunk(batch=batch, claim=claim, chunk=chunk)
        done += len(chunk)
        tell(done, len(good))
    close_import(batch=batch, claim=claim, checked=checked, good=good)
    return batch


@transaction.atomic
def cancel_import(*, actor: User, batch: ImportBatch) -> ImportBatch:
    """Close an import of which nothing is written yet; a worker that has it finds itself fenced and writes nothing."""
    row = locking.lock(ImportBatch.objects.filter(pk=batch.pk)).get()
    if row.finished_at is not None:
        raise Conflict("The import is finished already.")
    if row.n_committed:
        raise Conflict("Its answers are being written; answers that stand are withdrawn, not cancelled.")
    row.due_at, row.claim, row.claimed_until, row.finished_at = None, "", None, locking.now()
    row.problems, row.n_problems = [problem_form(None, None, CANCELLED, "Somebody stopped the import.")], 1
    row.save()
    audit.record(project=row.project, actor=actor, action="import.cancelled", body={"import": str(row.public_id)})
    return row


def chunks(answers: list[Prepared]) -> Iterator[list[Prepared]]:
    """Yield the answers in runs that fit one transaction."""
    stream = iter(answers)
    while chunk := list(islice(stream, CHUNK)):
        yield chunk


@transaction.atomic
def write_chunk(*, batch: ImportBatch, claim: Claim, chunk: list[Prepared]) -> int:
    """Write one chunk with its audit event, as long as the import is still ours."""
    due.renew(claim)
    rows = write_answers(actor=batch.received_by, prepared=chunk, batch=batch)
    if rows:
        body = {"import": str(batch.public_id), "n_answers": len(rows), "digest": rows_digest(rows)}
        audit.record(project=batch.project, actor=batch.received_by, action="annotations.imported", body=body)
    batch.n_committed += len(rows)
    batch.save(update_fields=["n_committed"])
    return len(rows)


@transaction.atomic
def close_import(*, batch: ImportBatch, claim: Claim, checked: Checked, good: list[Prepared]) -> None:
    """Finish the readings that the file holds, mark their cases due and close the import."""
    moment = locking.now()
    pairs = sorted({(answer.case_id, answer.reader_id) for answer in good})
    there = dict.fromkeys(
        Assignment.objects.filter(case_id__in={pair[0] for pair in pairs}).values_list("case_id", "reader_id")
    )
    reads_for = dict(batch.project.readers.values_list("pk", "reads_for"))
    Assignment.objects.bulk_create(
        (
            Assignment(
                case_id=case_id,
                reader_id=reader_id,
                round=1,
                purpose=reads_for[reader_id],
                created_at=moment,
                finished_at=moment,
            )
            for case_id, reader_id in pairs
            if (case_id, reader_id) not in there
        ),
        batch_size=1000,
    )
    # A file holds first sittings: a repeat is read here, where nothing tells it from other work.
    seats = Assignment.objects.filter(case_id__in={pair[0] for pair in pairs}, sitting=1)
    open_seats = seats.filter(finished_at__isnull=True)
    wanted = set(pairs)
    finished = [seat.pk for seat in open_seats if (seat.case_id, seat.reader_id) in wanted]
    Assignment.objects.filter(pk__in=finished).update(finished_at=moment)
    due.mark(Case.objects.filter(pk__in={pair[0] for pair in pairs}))
    # What is said of readers without a vote is measured for the project and not case by case.
    due.mark(batch.project)
    batch.n_lines = checked.n_read
    batch.n_already_there = len(good) - batch.n_committed
    batch.problems = checked.problems[:KEPT_PROBLEMS]
    batch.n_problems = len(checked.problems)
    batch.finished_at = moment
    batch.save(update_fields=["n_lines", "n_already_there", "problems", "n_problems", "finished_at"])
    body = {"import": str(batch.public_id), "n_committed": batch.n_committed, "n_problems": batch.n_problems}
    audit.record(project=batch.project, actor=batch.received_by, action="import.finished", body=body)
    due.finish(claim)
