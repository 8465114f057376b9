"""The only writer of AuditEvent: appended in the transaction of the change, chained by hash."""

import hashlib
from typing import Any

from django.contrib.auth.models import User

from annotations import locking
from annotations.labels.base import canonical
from annotations.models import AuditEvent, AuditHead, Project


def chain_hash(previous: str, body: dict[str, Any]) -> str:
    """Return the hash of one link: SHA-256 over the previous hash and the canonical body."""
    return hashlib.sha256((previous + canonical(body)).encode()).hexdigest()


def link(event: AuditEvent) -> dict[str, Any]:
    """Return what the hash of an event covers."""
    return {
        "number": event.number,
        "at": event.at.isoformat(),
        "actor": event.actor_id,
        "action": event.action,
        "body": event.body,
    }


def record(*, project: Project, actor: User | None, action: str, body: dict[str, Any]) -> AuditEvent:
    """Append one event to the project's chain, inside the caller's transaction."""
    # The head is locked so that two writers cannot both continue from the same hash.
    heads = locking.lock(AuditHead.objects.filter(project=project))
    head = heads.first()
    if head is None:
        AuditHead.objects.get_or_create(project=project)
        head = heads.get()
    event = AuditEvent(
        project=project,
        number=head.number + 1,
        at=locking.now(),
        actor_id=getattr(actor, "pk", None),
        action=action,
        body=body,
        previous=head.hash,
    )
    event.hash = chain_hash(head.hash, link(event))
    event.save(force_insert=True)
    head.number, head.hash = event.number, event.hash
    head.save(update_fields=["number", "hash"])
    return event


def first_break(project: Project) -> int | None:
    """Return the number of the first event that does not continue the chain; None when it is whole."""
    previous, expected = "0" * 64, 1
    for event in AuditEvent.objects.filter(project=project).order_by("number").iterator():
        if event.number != expected or event.previous != previous or event.hash != chain_hash(previous, link(event)):
            return expected
        previous, expected = event.hash, expected + 1
    head = AuditHead.objects.filter(project=project).first()
    if head is not None and (head.number, head.hash) != (expected - 1, previous):
        return expected
    return None
