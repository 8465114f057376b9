"""Whether the process lives, and whether it can serve."""

import secrets

from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, JsonResponse

from config.pump import oldest_due_seconds


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as the process answers at all."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, migrations and storage are as they must be, else 503."""
    checks = {"database": _database_answers(), "storage": _storage_writes()}
    checks["migrations"] = checks["database"] and not pending_migrations()
    body: dict[str, object] = {"status": "ok" if all(checks.values()) else "failing", "checks": checks}
    if checks["migrations"]:
        # Reads go on without a worker, so a slow queue is told and fails nothing.
        body["oldest_due_seconds"] = oldest_due_seconds()
    return JsonResponse(body, status=200 if all(checks.values()) else 503)


def pending_migrations() -> list[str]:
    """Return the names of migrations that the database lacks."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _storage_writes() -> bool:
    try:
        name = default_storage.save(f"probe-{secrets.token_hex(8)}", ContentFile(b"ok"))
        default_storage.delete(name)
    except (OSError, SuspiciousFileOperation, BotoCoreError, ClientError):
        return False
    return True
