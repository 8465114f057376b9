from importlib import import_module
from importlib.util import find_spec

import pytest

from annotations.errors import DomainError
from config.problems import refusals
from tests.architecture.source import APPS

ALLOWED = {400, 401, 403, 404, 409, 412, 413, 415, 416, 422, 428, 429, 503}

for app in APPS:
    if find_spec(f"{app}.errors"):
        import_module(f"{app}.errors")
OURS = sorted(
    (kind for kind in refusals() if kind.__module__.partition(".")[0] in APPS), key=lambda kind: kind.__qualname__
)


def test_there_are_refusals():
    assert len(OURS) >= 8


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_a_refusal_explains_itself(kind):
    assert kind.__doc__, f"{kind.__name__} needs a docstring: it is the page /problems/{kind.code}"
    assert kind.__doc__ != DomainError.__doc__
    assert kind.status in ALLOWED
    assert kind.title
    assert kind.title != DomainError.title
    assert kind.code == kind.code.lower().strip("-")
    assert " " not in kind.code
    assert "_" not in kind.code


def test_codes_are_unique():
    codes = [kind.code for kind in OURS]
    assert len(codes) == len(set(codes)), sorted(code for code in codes if codes.count(code) > 1)
    assert DomainError.code not in codes
