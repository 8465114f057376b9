"""Due rows: work asked for by a row, handed out on a lease, and done at most once.

A verb *marks* a row in the transaction that makes the work necessary. The pump *claims* it and sends
``(pk, token)``; the task *begins* by exchanging the token for its own, and the verb *finishes* inside the
transaction that writes the result. A lost message, a dead broker or a killed worker costs one lease.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, ClassVar

from celery import current_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, models
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.utils import Error as DatabaseError

from annotations import locking

ATTEMPT_LIMIT = 5
FIRST_DELAY_SECONDS = 10.0
LONGEST_DELAY_SECONDS = 900.0
LEASE_SECONDS = 120.0
# A message may be lost in the hands of a killed worker: until a task begins, a row waits for no longer than this.
SENT_SECONDS = 30.0

logger = logging.getLogger(__name__)


class Fenced(Exception):
    """The lease ran out and the row has another owner: roll back, the work is no longer ours."""


class DueRow(models.Model):
    """A row that can ask for work; ``due_at`` is null when it asks for none."""

    due_at = models.DateTimeField(null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    claim = models.CharField(max_length=120, blank=True, default="", editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    last_error = models.CharField(max_length=200, blank=True, default="", editable=False)

    attempt_limit: ClassVar[int] = ATTEMPT_LIMIT

    class Meta:
        abstract = True

    @property
    def is_stuck(self) -> bool:
        """Whether the work failed as often as it may and now waits for a person."""
        return self.due_at is not None and self.attempts >= self.attempt_limit

    @property
    def work_state(self) -> str:
        """Where the work stands: done, stuck, running or waiting."""
        if self.due_at is None:
            return "done"
        if self.is_stuck:
            return "stuck"
        return "running" if self.claim else "waiting"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do one row's work until the lease ends; ``due_at`` is the mark that it answers."""

    model: type[DueRow]
    pk: Any
    token: str
    due_at: datetime | None
    lease_seconds: float

    def rows(self) -> QuerySet[DueRow]:
        """Return the row as long as the claim on it is ours."""
        return self.model._base_manager.filter(pk=self.pk, claim=self.token)


def due_index(name: str) -> models.Index:
    """Return the partial index that every due-row model lists in its Meta."""
    return models.Index(fields=["due_at"], name=name, condition=Q(due_at__isnull=False))


def mark(target: DueRow | QuerySet[Any], at: datetime | None = None) -> int:
    """Ask for work on a row or on all rows of a queryset, now or at an instant; return how many.

    The mark is always a new value, so that work that has begun does not clear it.
    """
    rows = target if isinstance(target, QuerySet) else type(target)._base_manager.filter(pk=target.pk)
    return rows.update(due_at=at or locking.now())


def retry(row: DueRow) -> None:
    """Let a stuck row try again; the caller records who asked."""
    rows = type(row)._base_manager.filter(pk=row.pk)
    rows.update(due_at=locking.now(), attempts=0, claim="", claimed_until=None, last_error="")


def claim_due(
    model: type[DueRow], limit: int, worker: str, lease_seconds: float = SENT_SECONDS
) -> list[tuple[Any, str]]:
    """Claim up to ``limit`` due rows for a worker and return (pk, token) of each.

    Projects have equal shares, so that one with a hundred thousand rows keeps no other waiting; within a project the
    oldest comes first.
    """
    token = _token(worker)
    picked: list[Any] = []
    for project, share in [*_shares(model, limit), (None, limit)]:
        wanted = min(share, limit - len(picked))
        if wanted > 0:
            picked += locking.claim_rows(
                model,
                limit=wanted,
                token=token,
                lease_seconds=lease_seconds,
                attempts=model.attempt_limit,
                project=project,
            )
    return [(pk, token) for pk in picked]


def _shares(model: type[DueRow], limit: int) -> list[tuple[int | None, int]]:
    """Return how many rows each waiting project may have first, in a drawn order; nothing when there is no choice."""
    if not any(field.name == "project" for field in model._meta.fields):
        return []
    instant = locking.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=instant)
    rows: QuerySet[Any] = model._base_manager.filter(free, due_at__lte=instant, attempts__lt=model.attempt_limit)
    waiting = list(rows.order_by().values_list(F("project"), flat=True).distinct())
    if len(waiting) < 2:
        return []
    secrets.SystemRandom().shuffle(waiting)
    return [(project, -(-limit // len(waiting))) for project in waiting]


def claim_one(row: DueRow, worker: str, lease_seconds: float = LEASE_SECONDS) -> list[tuple[Any, str]]:
    """Claim this row, due now or later, for whoever does its work here; empty when another has it."""
    token, instant = _token(worker), locking.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=instant)
    rows = type(row)._base_manager.filter(free, pk=row.pk, due_at__isnull=False)
    until = instant + timedelta(seconds=lease_seconds)
    return [(row.pk, token)] if rows.update(claim=token, claimed_until=until) else []


def begin(model: type[DueRow], pk: Any, token: str, lease_seconds: float = LEASE_SECONDS) -> Claim | None:
    """Exchange the token of the message for one of our own; None when another has the row.

    The new token bears the name of the worker that does the work, which need not be the one that sent it.

    Call it with no transaction open: the attempt must count even if the work kills the process.
    """
    mine = _token(_working_name() or token.rpartition(":")[0])
    until = locking.now() + timedelta(seconds=lease_seconds)
    sent = model._base_manager.filter(pk=pk, claim=token, due_at__isnull=False)
    if not sent.update(claim=mine, claimed_until=until, attempts=F("attempts") + 1):
        return None
    due_at = model._base_manager.filter(pk=pk).values_list("due_at", flat=True).get()
    return Claim(model=model, pk=pk, token=mine, due_at=due_at, lease_seconds=lease_seconds)


def renew(claim: Claim) -> None:
    """Start the lease anew; raise Fenced when the row has another owner."""
    until = locking.now() + timedelta(seconds=claim.lease_seconds)
    if not claim.rows().update(claimed_until=until):
        raise Fenced


def finish(claim: Claim, again_at: datetime | None = None) -> None:
    """Close the work, inside the transaction that writes its result; raise Fenced when it is not ours.

    A row marked since the work began stays due. ``again_at`` sets the next time of work that recurs.
    """
    due_at = Case(When(due_at=claim.due_at, then=Value(again_at)), default=F("due_at"))
    closed = {"due_at": due_at, "claim": "", "claimed_until": None, "attempts": 0, "last_error": ""}
    if not claim.rows().update(**closed):
        raise Fenced


def put_back(claim: Claim) -> None:
    """Leave the row due without a failure: its input changed meanwhile, or a part of it is done."""
    if not claim.rows().update(claim="", claimed_until=None, attempts=0):
        raise Fenced


def fail(claim: Claim, error: BaseException) -> None:
    """Note the failure and make the row due again after 10 s, 20 s, 40 s … with jitter, at most 15 min."""
    row = claim.rows().first()
    if row is None:
        return
    delay = min(FIRST_DELAY_SECONDS * 2 ** max(row.attempts - 1, 0), LONGEST_DELAY_SECONDS)
    delay *= 0.75 + secrets.randbelow(1000) / 4000
    due_at = locking.now() + timedelta(seconds=delay)
    claim.rows().update(claim="", claimed_until=None, due_at=due_at, last_error=_describe(error))


def release_claims(worker: str, models_: Iterable[type[DueRow]]) -> int:
    """Give back all that a worker of this name holds, so that its restart waits for no lease."""
    closed = {"claim": "", "claimed_until": None}
    return sum(model._base_manager.filter(claim__startswith=f"{worker}:").update(**closed) for model in models_)


def release_token(model: type[DueRow], token: str) -> int:
    """Give back the rows of one claim that no task has begun; return how many."""
    return model._base_manager.filter(claim=token).update(claim="", claimed_until=None)


def count_held(model: type[DueRow], worker: str) -> int:
    """Return how many due rows a worker holds on a live lease."""
    held = model._base_manager.filter(due_at__isnull=False, claim__startswith=f"{worker}:")
    return held.filter(claimed_until__gt=locking.now()).count()


def run(
    model: type[DueRow],
    pairs: Sequence[Sequence[Any]],
    handler: Callable[[Any, Claim], object],
    lease_seconds: float = LEASE_SECONDS,
) -> int:
    """Do the work of one message: begin, handle and close each row; return how many were closed.

    ``handler(pk, claim)`` calls one verb, which calls ``finish`` or ``put_back`` in its transaction.
    """
    closed = 0
    received = _receive(model, pairs, lease_seconds)
    with _Renewer(model, received, lease_seconds) as renewer:
        for pk, token in received:
            claim = begin(model, pk, token, lease_seconds)
            if claim is None:
                continue
            renewer.hold(pk, claim.token)
            closed += _handle(claim, handler)
            renewer.drop(pk)
    return closed


def _receive(model: type[DueRow], pairs: Sequence[Sequence[Any]], lease_seconds: float) -> list[tuple[Any, str]]:
    """Put the rows of a message under the name of the worker that has it, so that its restart gives them back."""
    until = locking.now() + timedelta(seconds=lease_seconds)
    sent: dict[str, list[Any]] = {}
    for pk, token in pairs:
        sent.setdefault(token, []).append(pk)
    received = []
    for token, pks in sent.items():
        mine = _token(_working_name() or token.rpartition(":")[0])
        model._base_manager.filter(pk__in=pks, claim=token).update(claim=mine, claimed_until=until)
        received += [(pk, mine) for pk in pks]
    return received


def _handle(claim: Claim, handler: Callable[[Any, Claim], object]) -> int:
    try:
        handler(claim.pk, claim)
    except Fenced:
        logger.info("fenced", extra={"kind": claim.model._meta.label, "pk": claim.pk})
        return 0
    except SoftTimeLimitExceeded as error:
        fail(claim, error)
        raise
    except Exception as error:  # noqa: BLE001 - the task's entry: whatever failed, the row must say so and go on
        # The class and code only: a message may hold what a file or a reader said.
        logger.warning("work failed: %s", _describe(error), extra={"kind": claim.model._meta.label, "pk": claim.pk})
        fail(claim, error)
        return 0
    return 1


def _describe(error: BaseException) -> str:
    code = getattr(error, "code", "")
    return f"{type(error).__name__}: {code}" if isinstance(code, str) and code else type(error).__name__


def _working_name() -> str | None:
    return getattr(current_task.request, "hostname", None) if current_task else None


def _token(worker: str) -> str:
    return f"{worker}:{secrets.token_hex(12)}"


class _Renewer:
    """A thread that renews the leases of one message each third of a lease; short work never wakes it."""

    def __init__(self, model: type[DueRow], pairs: Sequence[Sequence[Any]], lease_seconds: float) -> None:
        self._model = model
        self._held: dict[Any, str] = {pair[0]: pair[1] for pair in pairs}
        self._lease_seconds = lease_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="lease-renewer", daemon=True)

    def __enter__(self) -> "_Renewer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def hold(self, pk: Any, token: str) -> None:
        """Renew this token from now on instead of the one that was sent."""
        self._held[pk] = token

    def drop(self, pk: Any) -> None:
        """Renew this row no more."""
        self._held.pop(pk, None)

    def _loop(self) -> None:
        while not self._stop.wait(self._lease_seconds / 3):
            try:
                self._renew_all()
            except DatabaseError:
                # The work itself meets the same trouble and reports it; the fence keeps a lost lease harmless.
                logger.warning("lease not renewed", extra={"kind": self._model._meta.label})
            finally:
                connection.close()

    def _renew_all(self) -> None:
        until = locking.now() + timedelta(seconds=self._lease_seconds)
        tokens: dict[str, list[Any]] = {}
        for pk, token in dict(self._held).items():
            tokens.setdefault(token, []).append(pk)
        for token, pks in tokens.items():
            self._model._base_manager.filter(pk__in=pks, claim=token).update(claimed_until=until)
