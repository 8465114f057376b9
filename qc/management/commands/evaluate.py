"""``manage.py evaluate``: do the worker's part for one project, here and now."""

from argparse import ArgumentParser
from typing import Any

from annotations import due
from annotations.errors import Conflict
from annotations.management.base import VerbCommand, person_named
from annotations.models import Case, Project
from annotations.permissions import project_for
from qc import selectors, tasks

WORKER = "command"
AT_ONCE = 20


class Command(VerbCommand):
    """Take every due case of a project a step further and measure its agreement."""

    help = "Evaluate what is due in a project, without a worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the project and who asks."""
        super().add_arguments(parser)
        parser.add_argument("project", help="Short name of the project.")
        parser.add_argument("--as", dest="username", required=True, help="User name of the QA lead.")
        parser.add_argument("--all", action="store_true", help="Look at every case, not only at those that are due.")

    def act(self, **options: Any) -> dict[str, Any]:
        """Evaluate until nothing of the project is due."""
        project = project_for(person_named(options["username"]), options["project"], "report.read")
        if options["all"]:
            due.mark(project.cases.all())
        n_steps = advance_all(project)
        due.mark(project)
        is_measured = due.run(Project, due.claim_one(project, WORKER), tasks.evaluate_one)
        found = selectors.progress(project)
        if found["n_stuck"]:
            raise Conflict(f"{found['n_stuck']} cases failed five times and wait for a person.", data=found)
        if not is_measured:
            raise Conflict("The agreement was not measured: it failed, or a worker has it.", data=found)
        ledger = selectors.ledger(project)
        return {"n_steps": n_steps, "n_cells": ledger.n_cells, **ledger.counts}


def advance_all(project: Project) -> int:
    """Advance the project's due cases until none is left to take; returns the number of steps."""
    n_steps = 0
    waiting = project.cases.filter(due_at__isnull=False, attempts__lt=Case.attempt_limit, claim="")
    while pks := list(waiting.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE]):
        pairs = [pair for case in Case.objects.filter(pk__in=pks) for pair in due.claim_one(case, WORKER)]
        closed = due.run(Case, pairs, tasks.advance_one)
        n_steps += closed
        if not closed:
            break
    return n_steps
