"""Fixtures that every part of the suite may use, and the rule that absence is said or fails."""

import os

import pytest
from django.db import connection

NEEDS_POSTGRES = "the database of this run is not PostgreSQL: set CONSILIUM_DATABASE=postgresql://…"


@pytest.fixture(autouse=True)
def _respect_database(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip(NEEDS_POSTGRES)


@pytest.fixture(scope="session")
def require_services() -> bool:
    """Whether a missing service is a failure and not a skip."""
    return os.environ.get("CONSILIUM_REQUIRE_SERVICES") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only", action="store_true", help="Run the tests that touch the database: the second pass of CI."
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--database-only"):
        return
    kept = [item for item in items if _touches_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(
        fixtures & {"db", "transactional_db", "live_server"}
    )
