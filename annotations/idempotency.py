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
from annotations.errors import IdempotencyInFlight, IdempotencyKeyReused, InvalidInput
from annotations.models import IdempotencyKey

KEPT = timedelta(hours=48)
LONGEST_KEY = 255
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
    if len(key) > LONGEST_KEY:
        detail = f"At most {LONGEST_KEY} characters."
        raise InvalidInput(
            "The Idempotency-Key is too long.", errors=[{"pointer": "#", "code": "too-long", "detail": detail}]
        )
    with transaction.atomic():
        row = reserve(user, key, fingerprint)
        if row.fingerprint != fingerprint:
            raise IdempotencyKeyReused("Send a new key with a new request.")
        if row.status is not None:
            return Answer(row.status, row.body)
        answer = act()
        row.status, row.body = answer.status, without_secrets(answer.body)
        row.save(update_fields=["status", "body"])
    return answer


def reserve(user: User, key: str, fingerprint: str) -> IdempotencyKey:
    """Return the row of a key, new or found; a second request waits here for the end of the first."""
    IdempotencyKey.objects.filter(user=user, created_at__lt=locking.now() - KEPT).delete()
    try:
        row, _ = IdempotencyKey.objects.get_or_create(
            user=user, key=key, defaults={"fingerprint": fingerprint, "created_at": locking.now()}
        )
    except OperationalError as error:
        # The wait for the first request ran into the database's limit.
        raise IdempotencyInFlight("The first request with this key is not answered yet.") from error
    return row
