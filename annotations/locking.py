"""The only module that knows which database runs: its clock, its row locks and its claims."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.utils import timezone

Row = TypeVar("Row", bound=Model)

# Placeholders are names of tables and columns, quoted by the backend; every value is a parameter.
CLAIM = """
WITH picked AS (
    SELECT {pk} AS pk FROM {table}
    WHERE due_at <= %s AND (claimed_until IS NULL OR claimed_until < %s) AND attempts < %s {only}
    ORDER BY due_at, {pk} LIMIT %s {lock}
)
UPDATE {table} SET claimed_until = %s, claim = %s WHERE {pk} IN (SELECT pk FROM picked) RETURNING {pk}
"""


def now() -> datetime:
    """Return the one clock of leases and due times: the server's on PostgreSQL, the process's on SQLite."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        # clock_timestamp, not now(): a mark late in a long transaction must differ from an early one.
        cursor.execute("SELECT clock_timestamp()")
        instant: datetime = cursor.fetchone()[0]
    return instant


def lock(queryset: QuerySet[Row]) -> QuerySet[Row]:
    """Return the queryset with its rows locked until the transaction ends.

    SQLite has no row locks; there every transaction is IMMEDIATE and so holds the only write lock.
    """
    return queryset.select_for_update(of=("self",))


def lock_free(queryset: QuerySet[Row]) -> QuerySet[Row]:
    """Return the queryset with its rows locked, passing over rows that another transaction holds."""
    return queryset.select_for_update(of=("self",), skip_locked=True)


def claim_rows(
    model: type[Model], *, limit: int, token: str, lease_seconds: float, attempts: int, project: int | None = None
) -> list[Any]:
    """Claim up to ``limit`` due rows, of one project or of all, in one statement and return their primary keys."""
    instant = now()
    meta = model._meta
    pk = connection.ops.quote_name(str(meta.pk.column))
    table = connection.ops.quote_name(meta.db_table)
    lock_clause = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    only, wanted = ("AND project_id = %s", [project]) if project is not None else ("", [])
    statement = CLAIM.format(pk=pk, table=table, lock=lock_clause, only=only)
    values = [
        *_stored(instant, instant),
        attempts,
        *wanted,
        limit,
        *_stored(instant + timedelta(seconds=lease_seconds)),
        token,
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [meta.pk.to_python(row[0]) for row in cursor.fetchall()]


def _stored(*instants: datetime) -> Iterable[Any]:
    return [connection.ops.adapt_datetimefield_value(instant) for instant in instants]


def has_row_functions() -> bool:
    """Say whether triggers call a stored function (PostgreSQL) or hold their own statement (SQLite)."""
    return connection.vendor == "postgresql"
