"""Agreement below the limit, and agreement that does not exist, go to a person."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.consensus.base import SETTLED, Consensus
from qc.routing.base import Accept, Facts, Refer
from qc.routing.low_agreement import SPEC, low_agreement

SETTLED_ONE = Consensus(SETTLED, "x", 1.0, {}, ("Ada-7f", "Ben-9c"))
DICE = {"statistic": "dice", "minimum": 0.7}
SPREAD = {"statistic": "spread", "maximum": 1}


def facts(kind="mask", values=None, undefined=None, n_answered=4) -> Facts:
    return Facts(kind, SETTLED_ONE, values or {}, undefined or {}, 4, n_answered)


@pytest.mark.parametrize(
    ("kind", "values", "policy"),
    [("mask", {"dice": 0.7}, DICE), ("mask", {"dice": 1.0}, DICE), ("grade", {"spread": 1.0}, SPREAD)],
)
def test_at_the_limit_passes(kind, values, policy):
    assert low_agreement(facts(kind, values), policy) == Accept()


@pytest.mark.parametrize(
    ("kind", "values", "policy", "cause", "explanation"),
    [
        ("mask", {"dice": 0.64}, DICE, "boundary", "Dice is 0.64; at least 0.70 is needed."),
        ("polygon", {"dice": 0.6999}, DICE, "boundary", "Dice is 0.6999; at least 0.7000 is needed."),
        ("grade", {"spread": 2.0}, SPREAD, "grade-distance", "The answers lie 2 apart; at most 1 is accepted."),
        (
            "measurement",
            {"spread": 1.5},
            SPREAD,
            "grade-distance",
            "The answers lie 1.50 apart; at most 1 is accepted.",
        ),
    ],
)
def test_beyond_the_limit(kind, values, policy, cause, explanation):
    verdict = low_agreement(facts(kind, values), policy)
    assert (verdict.cause, verdict.explanation) == (cause, explanation)
    name = policy["statistic"]
    assert verdict.evidence["value"] == values[name]
    assert set(verdict.evidence) == {"statistic", "value", *(policy.keys() - {"statistic"})}


def test_numbers_that_differ_never_look_equal():
    verdict = low_agreement(facts(values={"dice": math.nextafter(0.7, 0)}), DICE)
    assert "0.6999999999999" in verdict.explanation


@pytest.mark.parametrize(
    ("undefined", "cause", "words"),
    [
        ({"dice": "no_spacing"}, "technical", "Dice could not be computed: no spacing."),
        ({"dice": "one_empty"}, "existence", "Some readers marked nothing, others something."),
        ({"dice": "both_empty"}, "technical", "Dice could not be computed: both empty."),
        ({}, "technical", "Dice could not be computed: not computed."),
    ],
)
def test_undefined_is_never_accepted(undefined, cause, words):
    verdict = low_agreement(facts(undefined=undefined), DICE)
    assert (verdict.cause, verdict.explanation) == (cause, words)


def test_not_a_number_is_never_accepted():
    assert low_agreement(facts(values={"dice": math.nan}), DICE).cause == "technical"


def test_both_empty_follows_the_declared_policy():
    both = facts(undefined={"dice": "both_empty"})
    assert low_agreement(both, {**DICE, "both_empty": "accept"}) == Accept()
    assert isinstance(low_agreement(both, {**DICE, "both_empty": "refer"}), Refer)


@pytest.mark.parametrize("n_answered", [0, 1])
def test_with_one_answer_there_is_nothing_to_compare(n_answered):
    """no_majority, which every document names, refers the unit."""
    assert low_agreement(facts(n_answered=n_answered), DICE) == Accept()


UNUSABLE = [
    {},
    {"statistic": "dice"},
    {"statistic": "", "minimum": 0.7},
    {"statistic": "dice", "minimum": 0.7, "maximum": 0.9},
    {"statistic": "dice", "minimum": True},
    {"statistic": "dice", "minimum": "0.7"},
    {"statistic": "dice", "minimum": math.nan},
    {"statistic": "dice", "minimum": 0.7, "least": 2},
    {"statistic": "dice", "minimum": 0.7, "both_empty": "maybe"},
]


@pytest.mark.parametrize("policy", UNUSABLE)
def test_unusable_policies(policy):
    with pytest.raises(ValueError, match=r".+\."):
        SPEC.check_policy(policy)
    verdict = low_agreement(facts(values={"dice": 1.0}), policy)
    assert verdict.cause == "technical"
    assert "unusable" in verdict.explanation


@pytest.mark.parametrize("policy", [DICE, SPREAD, {**DICE, "both_empty": "accept"}])
def test_usable_policies(policy):
    SPEC.check_policy(policy)


NAMES = st.sampled_from(["dice", "spread"])


@given(
    st.sampled_from(["mask", "grade", "category", "unheard-of"]),
    st.dictionaries(NAMES, st.floats()),
    st.dictionaries(NAMES, st.sampled_from(["both_empty", "one_empty", "no_spacing"])),
    st.integers(0, 5),
    st.sampled_from([DICE, SPREAD, *UNUSABLE]),
)
def test_total_and_never_silent(kind, values, undefined, n_answered, policy):
    verdict = low_agreement(facts(kind, values, undefined, n_answered), policy)
    if isinstance(verdict, Accept):
        value = values.get(policy["statistic"])
        within = value is not None and policy.get("minimum", -math.inf) <= value <= policy.get("maximum", math.inf)
        assert within or n_answered < 2
    else:
        assert verdict.explanation.endswith(".")
        assert "Ada" not in verdict.explanation + repr(verdict.evidence)
