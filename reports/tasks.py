"""Work of this app, as messages of (primary key, token)."""

from typing import Any

from celery import shared_task

from annotations import due
from annotations.due import Claim
from reports import release
from reports.models import GoldRelease


@shared_task(name="reports.tasks.build_releases")
def build_releases(pairs: list[list[Any]]) -> None:
    """Build the files of the releases of one message."""
    due.run(GoldRelease, pairs, build_one)


def build_one(pk: int, claim: Claim) -> None:
    """Build the files of one release."""
    row = GoldRelease.objects.select_related("project", "parent").get(pk=pk)
    release.build_files(release=row, claim=claim)
