"""``manage.py release SLUG --as USERNAME``: freeze the settled labels of a project as its next release."""

import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User

from annotations import due
from annotations.due import Claim
from annotations.errors import NotFound
from annotations.management.base import VerbCommand
from annotations.permissions import project_for
from reports import preflight, release
from reports.models import GoldRelease

# The rows of other projects that are due go first; this many are built at most.
MOST_BUILT = 50


class Command(VerbCommand):
    """Freeze a release; its files are made by the worker, or at once with ``--wait``."""

    help = "Freeze the settled labels of a project as its next release."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the project, the person and the note."""
        super().add_arguments(parser)
        parser.add_argument("slug", help="The project's short name.")
        parser.add_argument("--as", dest="username", required=True, help="User name of the QA lead who releases.")
        parser.add_argument("--note", default="", help="What this release is for.")
        parser.add_argument("--complete", action="store_true", help="Refuse while a cell is open.")
        parser.add_argument("--check", action="store_true", help="Only say what would be released.")
        parser.add_argument("--wait", action="store_true", help="Make the files here, if no worker does.")

    def act(self, **options: Any) -> Any:
        """Freeze, and make the files where it is asked for."""
        actor = User.objects.filter(username=options["username"]).first()
        if actor is None:
            raise NotFound(f"There is no user {options['username']}.")
        project = project_for(actor, options["slug"], "release.freeze")
        if options["check"]:
            return preflight_form(preflight.draft_preflight(project))
        row = release.freeze_release(
            actor=actor, project=project, note=options["note"], require_complete=options["complete"]
        )
        if options["wait"]:
            pairs = due.claim_due(GoldRelease, MOST_BUILT, f"release-{os.getpid()}")
            due.run(GoldRelease, pairs, build)
        return release_form(row)


def build(pk: int, claim: Claim) -> None:
    """Make the files of one release."""
    row = GoldRelease.objects.select_related("project", "parent").get(pk=pk)
    release.build_files(release=row, claim=claim)


def release_form(row: GoldRelease) -> dict[str, Any]:
    """Return what is printed of a release."""
    return {
        "release": row.number,
        "digest": row.digest,
        "units": row.records.count(),
        "ledger": row.ledger["counts"],
        "files": row.files.count(),
        "package": release.archive_name(row),
    }


def preflight_form(ahead: preflight.Preflight) -> dict[str, Any]:
    """Return what is printed of a look ahead."""
    return {
        "ready": ahead.is_ready,
        "units": ahead.n_units,
        "gold": ahead.n_gold_units,
        "open_disputes": ahead.n_open_disputes,
        "open_cells": ahead.n_open_cells,
        "ledger": ahead.ledger.counts,
        "blockers": [dict(reason) for reason in ahead.blockers],
    }
