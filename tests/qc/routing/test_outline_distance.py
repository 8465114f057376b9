"""Outlines that lie too far apart, and distances that do not exist, go to a person."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.consensus.base import SETTLED, Consensus
from qc.routing.base import Accept, Facts, Refer
from qc.routing.outline_distance import SPEC, outline_distance

SETTLED_ONE = Consensus(SETTLED, "x", 1.0, {}, ("Ada-7f", "Ben-9c"))
HD95 = {"statistic": "hd95", "maximum_mm": 3.0}


def facts(values=None, undefined=None, n_answered=3) -> Facts:
    return Facts("mask", SETTLED_ONE, values or {}, undefined or {}, 3, n_answered)


@pytest.mark.parametrize("distance", [0.0, 2.99, 3.0])
def test_at_the_limit_passes(distance):
    assert outline_distance(facts({"hd95": distance}), HD95) == Accept()


def test_beyond_the_limit():
    verdict = outline_distance(facts({"hd95": 5.123}), HD95)
    assert verdict.cause == "boundary"
    assert verdict.explanation == (
        "Of the borders of two outlines, 95 % lie within 5.12 mm of each other; at most 3.00 mm is accepted."
    )
    assert verdict.evidence == {"statistic": "hd95", "value": 5.123, "maximum_mm": 3.0}


@pytest.mark.parametrize(
    ("reason", "cause", "words"),
    [
        ("one_empty", "existence", "Some readers marked nothing"),
        ("no_spacing", "technical", "the image has no known spacing"),
        ("both_empty", "technical", "both empty"),
        ("too_few_items", "technical", "too few items"),
    ],
)
def test_a_distance_that_does_not_exist(reason, cause, words):
    verdict = outline_distance(facts(undefined={"hd95": reason}), HD95)
    assert verdict.cause == cause
    assert words in verdict.explanation


def test_empty_masks_may_pass_where_the_protocol_says_so():
    both = facts(undefined={"hd95": "both_empty"})
    assert outline_distance(both, {**HD95, "both_empty": "accept"}) == Accept()
    assert isinstance(outline_distance(both, HD95), Refer)


def test_one_answer_has_nothing_to_compare_with():
    assert outline_distance(facts(n_answered=1), HD95) == Accept()


@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"statistic": "dice", "maximum_mm": 3},
        {"statistic": "hd95"},
        {"statistic": "hd95", "maximum_mm": True},
        {"statistic": "hd95", "maximum_mm": -1},
        {"statistic": "hd95", "maximum_mm": math.nan},
        {"statistic": ["hd95"], "maximum_mm": 1},
        {**HD95, "minimum": 1},
        {**HD95, "both_empty": "drop"},
    ],
)
def test_an_unusable_policy_is_refused_and_refers(policy):
    with pytest.raises(ValueError, match=r"\.$"):
        SPEC.check_policy(policy)
    assert outline_distance(facts({"hd95": 0.0}), policy).cause == "technical"


@given(
    st.dictionaries(st.sampled_from(["hd95", "assd"]), st.floats()),
    st.dictionaries(st.sampled_from(["hd95", "assd"]), st.text()),
    st.integers(0, 3),
)
def test_every_unit_gets_a_verdict(values, undefined, n_answered):
    verdict = outline_distance(facts(values, undefined, n_answered), HD95)
    assert isinstance(verdict, Accept) or (verdict.cause and verdict.explanation.endswith("."))
    if n_answered > 1 and not values.get("hd95", math.inf) <= 3:
        assert isinstance(verdict, Refer)
