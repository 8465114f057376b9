"""Fixtures that every part of the suite may use, and the rule that absence is said or fails."""

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, settings

from annotations import locking, triggers
from tests.personas import Cast, assemble

# Times are for benchmarks: a busy machine must not fail a property that holds.
settings.register_profile("consilium", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("consilium")

NEEDS_POSTGRES = "the database of this run is not PostgreSQL: set CONSILIUM_DATABASE=postgresql://…"


@pytest.fixture(autouse=True)
def _respect_database(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip(NEEDS_POSTGRES)


@pytest.fixture(autouse=True)
def _forget_tries() -> None:
    cache.clear()


# Every migration that puts triggers on tables of evidence.
APPEND_ONLY = [
    f"{app}.migrations.{path.stem}"
    for app in ("accounts", "annotations", "qc", "reports")
    for path in sorted((Path(__file__).resolve().parents[1] / app / "migrations").glob("*append_only.py"))
]


@pytest.fixture(autouse=True)
def _flush_evidence(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty the append-only tables after a test that commits, where their triggers would refuse the flush."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = (marker is not None and marker.kwargs.get("transaction")) or {
        "transactional_db",
        "live_server",
    } & set(request.fixturenames)
    if not commits or locking.has_row_functions():
        return
    tables = [table for module in APPEND_ONLY for table in import_module(module).TABLES]
    with connection.cursor() as cursor:
        for statement in triggers.drop_statements(tables):
            cursor.execute(statement)
        call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
        for statement in triggers.create_statements(tables):
            cursor.execute(statement)


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A transaction around a module: what its fixtures write once stands for each of its tests, and goes at the end.

    What a test writes goes with the test, as ever: its own transaction lies within this one.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def cast(db: None) -> Cast:
    """Everybody: one person of each role, an outsider, the administrator and nobody."""
    return assemble()


@pytest.fixture(scope="session")
def require_services() -> bool:
    """Whether a missing service is a failure and not a skip."""
    return os.environ.get("CONSILIUM_REQUIRE_SERVICES") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only", action="store_true", help="Run the tests that touch the database: the second pass of CI."
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # What takes long begins first: at the end one process would wait for the other.
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    if not config.getoption("--database-only"):
        return
    kept = [item for item in items if _touches_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _touches_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("browser") or item.get_closest_marker("one_database"):
        # What a browser shows comes from views, and those run on both databases.
        return False
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(
        fixtures & {"db", "transactional_db", "live_server"}
    )
