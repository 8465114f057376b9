"""Work of this app, as messages of (primary key, token)."""

from typing import Any

from celery import shared_task

from annotations import due, importing
from annotations.due import Claim
from annotations.models import ImportBatch


@shared_task(name="annotations.tasks.run_imports")
def run_imports(pairs: list[list[Any]]) -> None:
    """Run the imports of one message."""
    due.run(ImportBatch, pairs, run_one)


def run_one(pk: int, claim: Claim) -> None:
    """Run one import."""
    batch = ImportBatch.objects.select_related("project", "received_by").get(pk=pk)
    importing.run_import(batch=batch, claim=claim)
