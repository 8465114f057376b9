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
