"""Work of this app, as messages of (primary key, token)."""

from typing import Any

from celery import shared_task

from annotations import due
from annotations.due import Claim
from annotations.models import Case, Project
from qc import evaluation, measuring


@shared_task(name="qc.tasks.advance_cases")
def advance_cases(pairs: list[list[Any]]) -> None:
    """Take the cases of one message a step further."""
    due.run(Case, pairs, advance_one)


def advance_one(pk: int, claim: Claim) -> None:
    """Take one case a step further."""
    case = Case.objects.select_related("project", "image").get(pk=pk)
    evaluation.advance_case(case=case, claim=claim)


@shared_task(name="qc.tasks.evaluate_projects")
def evaluate_projects(pairs: list[list[Any]]) -> None:
    """Measure the agreement of the projects of one message."""
    due.run(Project, pairs, evaluate_one)


def evaluate_one(pk: int, claim: Claim) -> None:
    """Measure the agreement of one project."""
    measuring.evaluate_project(project=Project.objects.get(pk=pk), claim=claim)
