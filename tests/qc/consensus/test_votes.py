"""Plurality, weighted majority and votes on sets: explicit ties, no order of readers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.consensus.base import INSUFFICIENT, NO_MAJORITY, SETTLED, TIE
from qc.consensus.plurality import plurality
from qc.consensus.set_vote import set_vote
from qc.consensus.weighted_majority import reader_weight, weighted_majority
from tests.qc.consensus import anaesthesia

CODES = st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("xyz"), max_size=7)


def rated(*codes):
    return {f"r{number}": code for number, code in enumerate(codes)}


@pytest.mark.parametrize(
    ("codes", "outcome", "value"),
    [
        (("x", "x", "y", "z"), SETTLED, "x"),
        (("x", "x", "y", "y", "z"), TIE, None),
        (("x", "y"), TIE, None),
        (("x",), INSUFFICIENT, None),
        ((), INSUFFICIENT, None),
    ],
)
def test_plurality(codes, outcome, value):
    found = plurality(rated(*codes))
    assert (found.outcome, found.value) == (outcome, value)


def test_plurality_with_a_least_number_of_votes():
    assert plurality(rated("x", "y", "z", "x"), at_least=3).outcome == NO_MAJORITY
    assert plurality(rated("x", "x", "z", "x"), at_least=3).value == "x"


def test_one_patient_of_the_anaesthetists_is_tied():
    tied = [n for n, row in enumerate(anaesthesia.RATINGS, 1) if plurality(rated(*map(str, row))).outcome == TIE]
    assert tied == [12]


@pytest.mark.parametrize("bad", [{"minimum": 0}, {"at_least": 0}])
def test_plurality_refuses_less_than_one(bad):
    with pytest.raises(ValueError, match="at least 1"):
        plurality(rated("x"), **bad)


@given(CODES, st.randoms(use_true_random=False))
def test_the_order_of_readers_never_matters(codes, shuffler):
    items = list(codes.items())
    shuffler.shuffle(items)
    accuracies = {reader: 0.5 + place / 20 for place, reader in enumerate("abcdefg")}
    assert plurality(codes) == plurality(dict(items))
    first = weighted_majority(codes, accuracies=accuracies, n_codes=3)
    assert first == weighted_majority(dict(items), accuracies=accuracies, n_codes=3)


@given(CODES)
def test_equal_readers_weigh_as_a_strict_majority(codes):
    found = weighted_majority(codes, accuracies=dict.fromkeys("abcdefg", 0.8), n_codes=3)
    counts = {code: list(codes.values()).count(code) for code in set(codes.values())}
    winners = [code for code, count in counts.items() if 2 * count > len(codes)]
    assert found.value == (winners[0] if winners and len(codes) >= 2 else None)


def test_weights_are_those_of_nitzan_and_paroush():
    assert reader_weight(0.9, 2) == pytest.approx(math.log(9))
    assert reader_weight(0.7, 3) == pytest.approx(math.log(0.7 * 2 / 0.3))
    assert reader_weight(1.0, 2) == reader_weight(0.99, 2) == pytest.approx(math.log(99))
    # Worse than chance is held just above it: a weight never turns a vote round.
    assert reader_weight(0.1, 4) == pytest.approx(math.log(0.26 * 3 / 0.74))


def test_one_who_knows_outweighs_two_who_guess():
    codes, accuracies = rated("x", "y", "y"), {"r0": 0.95, "r1": 0.6, "r2": 0.6}
    found = weighted_majority(codes, accuracies=accuracies, n_codes=2)
    assert found.value == "x"
    assert found.support == pytest.approx(math.log(19) / (math.log(19) + 2 * math.log(1.5)))
    assert weighted_majority(codes, accuracies=accuracies, n_codes=2, ratio=1.5).value == "y"
    assert weighted_majority(codes, accuracies=accuracies, n_codes=2, ratio=2.0).outcome == TIE


def test_weighted_ties_and_half_weights_are_not_decided():
    same = dict.fromkeys(["r0", "r1", "r2", "r3"], 0.8)
    assert weighted_majority(rated("x", "y"), accuracies=same, n_codes=2).outcome == TIE
    assert weighted_majority(rated("x", "x", "y", "z"), accuracies=same, n_codes=3).outcome == NO_MAJORITY


def test_an_unknown_reader_has_no_invented_weight():
    found = weighted_majority(rated("x", "x"), accuracies={"r0": 0.9}, n_codes=2)
    assert (found.outcome, found.details["unknown"]) == (INSUFFICIENT, ["r1"])


@pytest.mark.parametrize(
    "bad", [{"accuracies": {"r0": 1.2}}, {"n_codes": 1}, {"minimum": 0}, {"ratio": 0.5}, {"ratio": float("nan")}]
)
def test_weighted_majority_refuses(bad):
    given_ = {"accuracies": {"r0": 0.9}, "n_codes": 2, **bad}
    with pytest.raises(ValueError, match=r"accuracy|codes"):
        weighted_majority(rated("x"), **given_)


@pytest.mark.parametrize(
    ("sets", "outcome", "value"),
    [
        (({"a", "b"}, {"b"}, set()), SETTLED, ("b",)),
        (({"a"}, {"b"}, {"c"}), SETTLED, ()),
        (({"a", "b"}, {"a", "c"}), TIE, None),
        ((set(), set()), SETTLED, ()),
        (({"a"},), INSUFFICIENT, None),
    ],
)
def test_set_vote(sets, outcome, value):
    found = set_vote(rated(*sets))
    assert (found.outcome, found.value) == (outcome, value)


def test_a_set_that_is_nobodys_is_said():
    found = set_vote(rated(["a", "b"], ["b", "c"], ["c", "a"]))
    assert found.value == ("a", "b", "c")
    assert not found.details["is_anybodys_answer"]
    assert found.support == pytest.approx(2 / 3)


def test_an_option_named_twice_is_one_vote_and_order_is_none():
    assert set_vote(rated(["a", "a", "b"], ["b", "a"], ["c"])) == set_vote(rated(["b", "a"], ["a", "b"], ["c"]))


def test_half_of_an_option_is_named():
    assert set_vote(rated({"a", "b"}, {"a", "c"})).details["undecided"] == ["b", "c"]


def test_set_vote_refuses_less_than_one():
    with pytest.raises(ValueError, match="at least 1"):
        set_vote({}, minimum=0)
