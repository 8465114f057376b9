"""A method that cannot settle a question is refused with a sentence."""

import pytest

from qc.consensus.base import PROJECT_SCOPE
from qc.registry import METHODS
from qc.settling.fitting import misfit

QUORUM = {"positive": "yes", "negative": "no"}


@pytest.mark.parametrize(
    ("kind", "method", "parameters"),
    [
        ("category", "majority", {}),
        ("category", "n_of_m", QUORUM),
        ("category", "plurality", {"at_least": 2}),
        ("grade", "median", {}),
        ("grade", "majority", {"minimum": 3}),
        ("measurement", "closest_two", {}),
        ("polygon", "majority_mask", {}),
        ("mask", "staple", {}),
        ("multilabel", "set_vote", {}),
    ],
)
def test_what_fits(kind, method, parameters):
    assert misfit(kind, method, parameters) is None


@pytest.mark.parametrize(
    ("kind", "method", "parameters", "says"),
    [
        ("category", "median", {}, "does not give"),
        ("mask", "majority", {}, "does not give"),
        ("category", "n_of_m", {}, "positive"),
        ("category", "n_of_m", {**QUORUM, "quorum": [3, 6]}, "quorum"),
        ("category", "majority", {"minimum": 0}, "at least 1"),
        ("category", "majority", {"threshold": 0.5}, "threshold"),
        ("category", "majority", {"minimum": "two"}, "refuses its parameters"),
        ("category", "weighted_majority", {"accuracies": {"a": 2}, "n_codes": 2}, "between 0 and 1"),
        ("mask", "staple", {"colour": "red"}, "colour"),
    ],
)
def test_what_does_not(kind, method, parameters, says):
    assert says in misfit(kind, method, parameters)


@pytest.mark.parametrize("method", [name for name, spec in METHODS.items() if spec.scope == PROJECT_SCOPE])
def test_no_project_method_settles_a_case(method):
    assert "all cases together" in misfit("category", method, {})
