"""``manage.py adjudicate``: take disputes away as a blinded file, and bring signed decisions back."""

import getpass
import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from annotations.errors import DomainError, InvalidInput
from annotations.management.base import VerbCommand, person_named
from annotations.models import Project
from annotations.permissions import project_for
from qc import adjudication, presentation, selectors
from qc.adjudication import NewDecision

MEMBERS = {"letter", "value", "rationale", "confidence", "shown_digest"}


class Command(VerbCommand):
    """Export the disputes that are open to a physician, or sign the decisions of a file as that physician."""

    help = "Export open disputes under letters, or sign decisions from a file (JSON lines)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the direction and who decides."""
        super().add_arguments(parser)
        parser.add_argument("project", help="Short name of the project.")
        parser.add_argument("--as", dest="username", required=True, help="User name of the adjudicator.")
        way = parser.add_mutually_exclusive_group(required=True)
        way.add_argument("--export", type=Path, metavar="FILE", help="Write the disputes that are open to you.")
        way.add_argument("--import", type=Path, metavar="FILE", dest="decisions", help="Sign the decisions of a file.")
        parser.add_argument("--limit", type=int, default=100, help="Most disputes to export.")
        parser.add_argument("--password-stdin", action="store_true", help="Read the signing password from stdin.")

    def act(self, **options: Any) -> dict[str, Any]:
        """Call the verbs, one dispute after the other."""
        actor = person_named(options["username"])
        project = project_for(actor, options["project"], "dispute.settle")
        if options["export"] is not None:
            return exported(actor, project, options["export"], options["limit"])
        password = sys.stdin.readline().rstrip("\n") if options["password_stdin"] else getpass.getpass("Password: ")
        return signed(actor, project, options["decisions"], password)


def exported(actor: User, project: Project, path: Path, limit: int) -> dict[str, Any]:
    """Write one line a dispute, and record that this person saw its reads."""
    rows = selectors.queue_for(actor, project).select_related("result__evaluation", "project")[:limit]
    lines: list[str] = []
    for row in rows:
        view = asdict(presentation.dispute_view(row, actor))
        shown = {name: view[name] for name in view if name not in {"case_data", "draft", "fence", "seconds_left"}}
        lines.append(json.dumps(shown, sort_keys=True))
        adjudication.record_exposure(actor=actor, dispute=row)
    path.write_text("".join(line + "\n" for line in lines))
    return {"n_exported": len(lines), "file": str(path)}


def signed(actor: User, project: Project, path: Path, password: str) -> dict[str, Any]:
    """Sign each line's decision; a line that is refused is named, and the others are signed all the same."""
    errors: list[dict[str, Any]] = []
    n_signed = 0
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        try:
            sign_line(actor, project, line, password)
            n_signed += 1
        except DomainError as error:
            detail = " ".join([error.detail or error.title, *(str(fault.get("detail", "")) for fault in error.errors)])
            fault = {"pointer": "#", "file": path.name, "line": number, "code": error.code, "detail": detail}
            errors.append(fault)
    if errors:
        raise InvalidInput(f"{n_signed} signed, {len(errors)} refused.", errors=errors)
    return {"n_signed": n_signed}


def sign_line(actor: User, project: Project, line: str, password: str) -> None:
    """Take the dispute of one line, sign, and give it back when the decision is refused."""
    try:
        given = json.loads(line)
        name, decision, cause = str(given["public_id"]), str(given["decision"]), str(given.get("cause", ""))
        dispute = adjudication.find_dispute(actor, project, name)
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInput("A line is a JSON object with public_id, decision and its reasons.") from error
    held = adjudication.claim_dispute(actor=actor, dispute=dispute)
    rest: dict[str, Any] = {
        member: given[member] if member == "value" else str(given[member]) for member in MEMBERS & set(given)
    }
    new = NewDecision(decision=decision, root_cause=cause, password=password, fence=held.fence, **rest)
    try:
        adjudication.resolve_dispute(actor=actor, dispute=held, new=new)
    except DomainError:
        adjudication.release_dispute(actor=actor, dispute=held, reason="refused")
        raise
