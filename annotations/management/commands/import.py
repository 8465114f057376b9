"""``manage.py import``: hand in a file of reads."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from annotations import due, importing
from annotations.due import Claim
from annotations.errors import InvalidInput
from annotations.importers._guess import HEAD, LIKELY, SURE, guess
from annotations.management.base import VerbCommand, person_named
from annotations.models import ImportBatch
from annotations.permissions import project_for
from annotations.registry import IMPORTERS

WORKER = "command"


class Command(VerbCommand):
    """Hand in a file; the worker takes it, or this command itself with --wait."""

    help = "Import a file of reads into a project."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what names the file, its format and who hands it in."""
        super().add_arguments(parser)
        parser.add_argument("project", help="Short name of the project.")
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=list(IMPORTERS), help="Guessed from the file where it is not given.")
        parser.add_argument("--as", dest="username", required=True, help="User name of the QA lead who hands it in.")
        parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="Option of the format.")
        parser.add_argument("--take", choices=["all", "good"], default="all", help="good: take what has no problem.")
        parser.add_argument("--dry-run", action="store_true", help="Say what the file would do; write nothing.")
        parser.add_argument("--wait", action="store_true", help="Do the worker's part here and now.")

    def act(self, **options: Any) -> dict[str, Any]:
        """Hand the file in, and with --wait take it; problems of the file are a refusal."""
        actor = person_named(options["username"])
        project = project_for(actor, options["project"], "import.submit")
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from error
        fmt, told = format_of(options["format"], content, path.name)
        given = {**pairs_of(options["option"]), "take": options["take"]}
        if options["dry_run"]:
            checked, planned = importing.preview_import(project=project, content=content, importer=fmt, options=given)
            problems = [{"file": path.name, **one} for one in checked.problems[: importing.KEPT_PROBLEMS]]
            return {**told, **planned, "n_problems": len(checked.problems), "problems": problems, "dry_run": True}
        batch = importing.receive_import(
            actor=actor, project=project, content=content, file_name=path.name, importer=fmt, options=given
        )
        if options["wait"]:
            due.run(ImportBatch, due.claim_one(batch, WORKER), self._take)
            batch.refresh_from_db()
        return {**told, **outcome(batch)}

    def _take(self, pk: int, claim: Claim) -> None:
        batch = ImportBatch.objects.select_related("project", "received_by").get(pk=pk)
        importing.run_import(batch=batch, claim=claim, tell=self._tell)

    def _tell(self, done: int, total: int) -> None:
        self.progress(done, total, "answers")


def format_of(given: str | None, content: bytes, file_name: str) -> tuple[str, dict[str, Any]]:
    """Return the format that is given or guessed, and what to say of a guess; refuse where none is likely."""
    if given:
        return given, {}
    guesses = guess(content[:HEAD], file_name)
    if guesses and guesses[0][1] >= LIKELY:
        name, share = guesses[0]
        sure = "sure" if share >= SURE else "likely"
        return name, {"format": name, "guess": f"{IMPORTERS[name].title}, {sure}", "confidence": share}
    maybe = ", ".join(name for name, _ in guesses) or ", ".join(IMPORTERS)
    raise InvalidInput(f"The format of {file_name} is not certain; say which with --format: {maybe}.")


def pairs_of(texts: list[str]) -> dict[str, str]:
    """Return NAME=VALUE texts as a mapping."""
    pairs = [text.partition("=") for text in texts]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise InvalidInput(f"{name!r} is no option: write NAME=VALUE.")
    return {name: value for name, _, value in pairs}


def outcome(batch: ImportBatch) -> dict[str, Any]:
    """Return what became of an import; a file that was not taken is refused with all its problems."""
    errors = [{"pointer": "#", "file": batch.file_name, **problem} for problem in batch.problems]
    for error in errors:
        error["detail"] = f"{error['field']}: {error['detail']}" if error["field"] else error["detail"]
    if batch.n_problems and not batch.takes_good_part:
        raise InvalidInput(f"Nothing was taken: {batch.n_problems} problems.", errors=errors)
    return {
        "import": str(batch.public_id),
        "state": batch.work_state,
        "n_lines": batch.n_lines,
        "n_committed": batch.n_committed,
        "n_already_there": batch.n_already_there,
        "n_problems": batch.n_problems,
        **sums_of(batch),
    }


def sums_of(batch: ImportBatch) -> dict[str, Any]:
    """Return the sums of an import that is done; nothing while it waits."""
    if batch.n_lines is None:
        return {}
    return importing.closing(n_read=batch.n_lines, n_accepted=batch.n_committed, n_unchanged=batch.n_already_there)
