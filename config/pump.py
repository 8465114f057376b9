"""Due rows become messages: each worker has one thread that claims rows and then sends them."""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from celery import Celery
from celery.worker import state
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Min
from django.db.utils import Error as DatabaseError
from kombu.exceptions import OperationalError

from annotations import due, locking
from annotations.due import DueRow

logger = logging.getLogger(__name__)

QUEUES = ("import", "compute", "export", "notify")
# Rows in hand per process: enough that none waits for the next look, few enough that a lost worker holds little.
ROWS_PER_PROCESS = 4
# Tokens remembered so that a clean stop can give back what was sent and never begun.
REMEMBERED_TOKENS = 1_000
PAUSE_AFTER_FAILURE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class DueKind:
    """One kind of due row: which model, which task does it, and how many rows one message carries."""

    model: str
    task: str
    queue: str
    batch: int

    def rows(self) -> type[DueRow]:
        """Return the model."""
        return apps.get_model(self.model)


KINDS = (
    DueKind("annotations.ImportBatch", "annotations.tasks.run_imports", "import", batch=1),
    DueKind("annotations.Case", "qc.tasks.advance_cases", "compute", batch=20),
    DueKind("annotations.Project", "qc.tasks.evaluate_projects", "compute", batch=1),
    DueKind("reports.ReleaseOrder", "reports.tasks.freeze_releases", "export", batch=1),
    DueKind("reports.Channel", "reports.tasks.tell_channels", "notify", batch=1),
    DueKind("reports.GoldRelease", "reports.tasks.build_releases", "export", batch=1),
)

# A fork while a statement runs would give the child half a database connection: forks wait for the round to end.
_round_lock = threading.Lock()
os.register_at_fork(before=_round_lock.acquire, after_in_parent=_round_lock.release, after_in_child=_round_lock.release)


def oldest_due_seconds() -> float:
    """Return for how long the oldest due row of any kind has waited; 0 when none does."""
    instant = locking.now()
    ages = [0.0]
    for kind in KINDS:
        rows = kind.rows()._base_manager.filter(due_at__lte=instant, attempts__lt=kind.rows().attempt_limit)
        oldest = rows.aggregate(oldest=Min("due_at"))["oldest"]
        if oldest is not None:
            ages.append((instant - oldest).total_seconds())
    return max(ages)


class Pump(threading.Thread):
    """Claims before it sends: an unclaimed row sent twice would flood the queue with copies."""

    def __init__(self, app: Celery, worker: str) -> None:
        super().__init__(name="pump", daemon=True)
        self._app = app
        self._worker = worker
        self._sent: deque[tuple[DueKind, str]] = deque(maxlen=REMEMBERED_TOKENS)

    def run(self) -> None:
        """Look for due rows until the worker stops."""
        # What an earlier worker of this name held died with it.
        self._round(self._release_earlier)
        while not _stops():
            sent = self._round(self.send_due)
            if sent is None:
                time.sleep(PAUSE_AFTER_FAILURE_SECONDS)
            else:
                time.sleep(settings.PUMP_SECONDS if sent else settings.PUMP_IDLE_SECONDS)
        self._round(self._release_sent)

    def send_due(self) -> int:
        """Claim and send what is due, kind by kind; return how many rows were sent."""
        return sum(self._send_kind(kind) for kind in KINDS)

    def _send_kind(self, kind: DueKind) -> int:
        model = kind.rows()
        capacity = ROWS_PER_PROCESS * settings.CONCURRENCY * kind.batch
        held = due.count_held(model, self._worker)
        # Filled up from half, not row by row: small refills would travel as messages of one row each.
        if held > capacity // 2:
            return 0
        pairs = due.claim_due(model, capacity - held, self._worker)
        for batch in _batches(pairs, kind.batch, settings.CONCURRENCY):
            self._send(kind, batch)
        return len(pairs)

    def _send(self, kind: DueKind, batch: list[list[Any]]) -> None:
        token = batch[0][1]
        try:
            self._app.send_task(kind.task, args=[batch], queue=kind.queue)
        except OperationalError:
            due.release_token(kind.rows(), token)
            raise
        self._sent.append((kind, token))

    def _round(self, act: Callable[[], int]) -> int | None:
        with _round_lock:
            try:
                return act()
            except (DatabaseError, OperationalError) as error:
                logger.warning("pump: %s", type(error).__name__)
                return None
            finally:
                connection.close()

    def _release_earlier(self) -> int:
        return due.release_claims(self._worker, [kind.rows() for kind in KINDS])

    def _release_sent(self) -> int:
        return sum(due.release_token(kind.rows(), token) for kind, token in self._sent)


def _batches(pairs: list[tuple[Any, str]], largest: int, processes: int) -> list[list[list[Any]]]:
    # Shared out evenly, so that 20 cases keep every process busy and do not travel as one message.
    size = max(1, min(largest, -(-len(pairs) // processes)))
    return [[list(pair) for pair in pairs[start : start + size]] for start in range(0, len(pairs), size)]


def _stops() -> bool:
    return any(value is not None and value is not False for value in (state.should_stop, state.should_terminate))
