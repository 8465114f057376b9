"""Work of this app, as messages of (primary key, token)."""

from typing import Any

from celery import shared_task

from annotations import due
from annotations.due import Claim
from reports import channels, ordering, release
from reports.models import Channel, GoldRelease, ReleaseOrder


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


@shared_task(name="reports.tasks.tell_channels")
def tell_channels(pairs: list[list[Any]]) -> None:
    """Tell the channels of one message what is new."""
    due.run(Channel, pairs, tell_one)


def tell_one(pk: int, claim: Claim) -> None:
    """Tell one channel what is new."""
    row = Channel.objects.select_related("project").get(pk=pk)
    channels.tell(channel=row, claim=claim)
