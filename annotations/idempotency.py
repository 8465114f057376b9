"""Answers a POST once: a retry with the same Idempotency-Key gets the same answer and no second effect."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from django.contrib.auth.models import User
from django.db import transaction
from django.db.utils import OperationalError

from annotations import locking
from annotations.errors import DomainError, IdempotencyInFlight, IdempotencyKeyReused, InvalidInput
from annotations.models import IdempotencyKey

KEPT = timedelta(hours=48)
LONGEST_KEY = 255
LONGEST_RUN = timedelta(minutes=10)
RUNNING = {"state": "running"}
# Neither kept nor digested: a digest of a request that is otherwise known would let a password be guessed.
SECRETS = frozenset({"password", "token"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a creating request is answered with."""

    status: int
    body: Any


def fingerprint(method: str, path: str, content: Any) -> str:
    """Return the digest of a request's content, without its secrets; ``content`` holds plain JSON values."""
    plain = without_secrets(content)
    return hashlib.sha256(orjson.dumps([method, path, plain], option=orjson.OPT_SORT_KEYS)).hexdigest()


def without_secrets(content: Any) -> Any:
    """Return an object without the members that must not be kept; anything else as it is."""
    if not isinstance(content, Mapping):
        return content
    return {name: value for name, value in content.items() if name not in SECRETS}


def answer_once(*, user: User, key: str, fingerprint: str, act: Callable[[], Answer]) -> Answer:
    """Call ``act`` and keep its answer in one transaction, or return the answer that is kept already.

    A refusal is not kept: nothing happened, so the same key may try again. What is secret is not
    kept either and so is missing from the answer to a retry.
    """
    if not key:
        return act()
    with transaction.atomic():
        row = reserve(user, key, fingerprint)
        if row.status is not None:
            return Answer(row.status, row.body)
        answer = act()
        keep(row, answer)
    return answer


def answer_long(*, user: User, key: str, fingerprint: str, act: Callable[[], Answer]) -> Answer:
    """Answer once, for a verb that computes for long: the key is reserved first, so that nothing is locked meanwhile.

    A second request is told that the first still runs. If the process dies between the verb and the
    answer, the key is free again after ten minutes, and the verb's own uniqueness holds.
    """
    if not key:
        return act()
    with transaction.atomic():
        row = reserve(user, key, fingerprint)
        if row.status is not None:
            return Answer(row.status, row.body)
        if row.body == RUNNING and row.created_at > locking.now() - LONGEST_RUN:
            raise IdempotencyInFlight("The first request with this key is not answered yet.")
        row.body, row.created_at = RUNNING, locking.now()
        row.save(update_fields=["body", "created_at"])
    try:
        answer = act()
    except DomainError:
        # A refusal is no answer to keep.
        IdempotencyKey.objects.filter(pk=row.pk).delete()
        raise
    keep(row, answer)
    return answer


def keep(row: IdempotencyKey, answer: Answer) -> None:
    """Keep an answer, without its secrets."""
    row.status, row.body = answer.status, without_secrets(answer.body)
    row.save(update_fields=["status", "body"])


def reserve(user: User, key: str, fingerprint: str) -> IdempotencyKey:
    """Return the row of a key, new or found with the same content; a second request waits here for the first."""
    if len(key) > LONGEST_KEY:
        fault = {"pointer": "#", "code": "too-long", "detail": f"At most {LONGEST_KEY} characters."}
        raise InvalidInput("The Idempotency-Key is too long.", errors=[fault])
    IdempotencyKey.objects.filter(user=user, created_at__lt=locking.now() - KEPT).delete()
    try:
        row, _ = IdempotencyKey.objects.get_or_create(
            user=user, key=key, defaults={"fingerprint": fingerprint, "created_at": locking.now()}
        )
    except OperationalError as error:
        # The wait for the first request ran into the database's limit.
        raise IdempotencyInFlight("The first request with this key is not answered yet.") from error
    if row.fingerprint != fingerprint:
        raise IdempotencyKeyReused("Send a new key with a new request.")
    return row
