"""``manage.py import``: hand in a file of reads."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from annotations import due, importing, tasks
from annotations.errors import InvalidInput
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
        parser.add_argument("--format", required=True, choices=list(IMPORTERS))
        parser.add_argument("--as", dest="username", required=True, help="User name of the QA lead who hands it in.")
        parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="Option of the format.")
        parser.add_argument("--take", choices=["all", "good"], default="all", help="good: take what has no problem.")
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
        batch = importing.receive_import(
            actor=actor,
            project=project,
            content=content,
            file_name=path.name,
            importer=options["format"],
            options={**pairs_of(options["option"]), "take": options["take"]},
        )
        if options["wait"]:
            due.run(ImportBatch, due.claim_one(batch, WORKER), tasks.run_one)
            batch.refresh_from_db()
        return outcome(batch)


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
    }
