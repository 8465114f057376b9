"""Work of this app, as messages of (primary key, token)."""

from typing import Any

from celery import shared_task

from annotations import due
from annotations.due import Claim
from reports import ordering, release
from reports.models import GoldRelease, ReleaseOrder


@shared_task(name="reports.tasks.freeze_releases")
def freeze_releases(pairs: list[list[Any]]) -> None:
    """Freeze the releases that the orders of one message ask for."""
    due.run(ReleaseOrder, pairs, freeze_one)


def freeze_one(pk: int, claim: Claim) -> None:
    """Freeze the release of one order."""
    row = ReleaseOrder.objects.select_related("project", "asked_by").get(pk=pk)
    ordering.fill_order(order=row, claim=claim)


@shared_task(name="reports.tasks.build_releases")
def build_releases(pairs: list[list[Any]]) -> None:
    """Build the files of the releases of one message."""
    due.run(GoldRelease, pairs, build_one)


def build_one(pk: int, claim: Claim) -> None:
    """Build the files of one release."""
    row = GoldRelease.objects.select_related("project", "parent").get(pk=pk)
    release.build_files(release=row, claim=claim)
