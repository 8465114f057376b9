"""The folder of real data beside the checkout: present, skipped with a reason, or required."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(relative: str) -> Path:
    """Return a path under ``../shared``; skip the test when it is absent, fail where it is required."""
    path = SHARED / relative
    if not path.exists():
        reason = f"../shared/{relative} is not beside this checkout"
        if os.environ.get("CONSILIUM_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
