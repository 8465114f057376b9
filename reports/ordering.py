"""Verb: ask for a release, freeze it in the worker, cancel or retry the order."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from annotations import audit, due, locking
from annotations.due import Claim, Fenced
from annotations.errors import DomainError
from annotations.models import Project
from annotations.permissions import require
from qc.adjudication import check_password
from reports.errors import BusyProject, NotReleasable, OrderClosed, OrderNotStuck, ReleaseUnderWay
from reports.models import GoldRelease, ReleaseOrder
from reports.preflight import draft_preflight
from reports.release import Extra, Waiting, Wanted, freeze_content


def order_release(*, actor: User, project: Project, wanted: Wanted, password: str | None = None) -> ReleaseOrder:
    """Ask for the next release; what forbids it now is said at once, the rest when the worker has looked.

    Whoever orders signs: the password is checked here, and the release bears the moment at which it was frozen.
    """
    require(actor, project, "release.freeze")
    if password is not None:
        check_password(actor, password)
    if errors := [{"pointer": "#", **reason} for reason in draft_preflight(project).blockers]:
        raise NotReleasable(" ".join(error["detail"] for error in errors), errors=errors)
    with transaction.atomic():
        locking.lock(Project.objects.filter(pk=project.pk)).get()
        before = open_orders(project).first()
        if before is not None:
            raise ReleaseUnderWay("Wait for the release that is being frozen.", data={"order": str(before.public_id)})
        moment = locking.now()
        order = ReleaseOrder.objects.create(
            project=project, asked_by=actor, asked_at=moment, wanted=asdict(wanted), due_at=moment
        )
        body = {"order": str(order.public_id)}
        audit.record(project=project, actor=actor, action="release.ordered", body=body)
    return order


def open_orders(project: Project) -> QuerySet[ReleaseOrder]:
    """Return the order that still waits for its release; there is one at most."""
    return ReleaseOrder.objects.filter(project=project, closed_at__isnull=True)


def fill_order(*, order: ReleaseOrder, claim: Claim) -> None:
    """Freeze the release that was ordered, and close the order in the same transaction; or close it with the reason.

    A project that never stands still is tried again later, with the pauses of all due work.
    """
    if order.closed_at is not None:
        with transaction.atomic():
            due.finish(claim)
        return
    waiting = Waiting(
        step=lambda done: tell(claim, n_steps=done),
        close=lambda made: close(claim, made),
    )
    try:
        # Whoever ordered may have lost the right meanwhile.
        require(order.asked_by, order.project, "release.freeze")
        freeze_content(order.asked_by, order.project, wanted_of(order.wanted), waiting)
    except BusyProject:
        raise
    except DomainError as refusal:
        refuse(order, claim, refusal)


def wanted_of(stored: Mapping[str, Any]) -> Wanted:
    """Return what an order asks for, as it was asked."""
    wanted = Wanted(**stored)
    return replace(wanted, extra=Extra(**stored["extra"]))


def tell(claim: Claim, **fields: Any) -> None:
    """Write on the order as long as it is ours; raise Fenced when it was cancelled or another has it."""
    if not claim.rows().update(**fields):
        raise Fenced


def close(claim: Claim, made: GoldRelease) -> None:
    """Close the order with its release, in the transaction that writes the release."""
    tell(claim, release=made, closed_at=locking.now())
    due.finish(claim)


def refuse(order: ReleaseOrder, claim: Claim, refusal: DomainError) -> None:
    """Close the order with the reason why there is no release."""
    reason = {
        "code": refusal.code,
        "title": refusal.title,
        "detail": refusal.detail or refusal.title,
        "data": refusal.data or {},
        "errors": refusal.errors or [],
    }
    with transaction.atomic():
        tell(claim, refusal=reason, closed_at=locking.now())
        due.finish(claim)
        body = {"order": str(order.public_id), "code": refusal.code}
        audit.record(project=order.project, actor=None, action="release.refused", body=body)


@transaction.atomic
def cancel_order(*, actor: User, order: ReleaseOrder) -> None:
    """Close an order that has no release yet; a worker that has it finds itself fenced and writes nothing."""
    require(actor, order.project, "release.freeze")
    row = locking.lock(ReleaseOrder.objects.filter(pk=order.pk)).get()
    if row.closed_at is not None:
        raise OrderClosed("The order is closed already.")
    closed = {"due_at": None, "claim": "", "claimed_until": None}
    ReleaseOrder.objects.filter(pk=row.pk).update(closed_at=locking.now(), cancelled_by=actor, **closed)
    audit.record(project=order.project, actor=actor, action="release.cancelled", body={"order": str(order.public_id)})


@transaction.atomic
def retry_order(*, actor: User, order: ReleaseOrder) -> None:
    """Let the worker try an order again that failed as often as it may."""
    require(actor, order.project, "release.freeze")
    row = locking.lock(ReleaseOrder.objects.filter(pk=order.pk)).get()
    if not row.is_stuck:
        raise OrderNotStuck("The order is not stuck.")
    due.retry(row)
    audit.record(project=order.project, actor=actor, action="release.retried", body={"order": str(order.public_id)})
