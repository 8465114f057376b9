"""More than half of those who rated, or no value."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.consensus.base import INSUFFICIENT, NO_MAJORITY, SETTLED, TIE
from qc.consensus.majority import majority

RATINGS = st.dictionaries(st.text(min_size=1, max_size=4), st.sampled_from(["0", "1", "2", "3"]), max_size=9)


def rated(*codes: str) -> dict[str, str]:
    return {f"r{number}": code for number, code in enumerate(codes)}


@pytest.mark.parametrize(
    ("codes", "outcome", "value", "support"),
    [
        (("b", "b", "s"), SETTLED, "b", 2 / 3),
        (("b", "b", "b"), SETTLED, "b", 1.0),
        (("b", "s"), TIE, None, None),
        (("b", "b", "s", "s"), TIE, None, None),
        (("b", "b", "s", "s", "n"), TIE, None, None),
        (("b", "b", "s", "n"), NO_MAJORITY, None, None),
        (("b", "b", "s", "n", "m"), NO_MAJORITY, None, None),
        (("b",), INSUFFICIENT, None, None),
        ((), INSUFFICIENT, None, None),
    ],
)
def test_outcomes(codes, outcome, value, support):
    result = majority(rated(*codes))
    assert (result.outcome, result.value, result.support) == (outcome, value, support)


def test_the_denominator_is_those_who_rated():
    """Votes 2-1-1-1 of five are 40 %, not a majority, and every vote stays in sight."""
    result = majority(rated("a", "a", "b", "c", "d"))
    assert result.votes == {"a": 2, "b": 1, "c": 1, "d": 1}
    assert result.outcome == NO_MAJORITY


def test_minimum_is_stored_and_obeyed():
    assert majority(rated("b"), minimum=1).value == "b"
    result = majority(rated("b", "b"), minimum=3)
    assert result.outcome == INSUFFICIENT
    assert result.parameters == {"minimum": 3}


@pytest.mark.parametrize("minimum", [1, 2])
def test_nobody_settles_nothing(minimum):
    assert majority({}, minimum=minimum).outcome == INSUFFICIENT


def test_minimum_below_one_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        majority(rated("b"), minimum=0)


@given(RATINGS, st.randoms(use_true_random=False))
def test_order_of_readers_never_matters(codes, shuffler: random.Random):
    items = list(codes.items())
    shuffler.shuffle(items)
    assert majority(codes) == majority(dict(items))


@given(RATINGS)
def test_settled_exactly_when_one_code_has_more_than_half(codes):
    before = dict(codes)
    result = majority(codes)
    winners = [code for code, count in Counter(codes.values()).items() if 2 * count > len(codes)]
    assert (result.outcome == SETTLED) == (len(codes) >= 2 and len(winners) == 1)
    assert result.value == (winners[0] if result.outcome == SETTLED else None)
    assert (result.value is None) == (result.support is None)
    assert codes == before


# Dawid & Skene 1979, table 1 (doi:10.2307/2346806): 45 patients, observer 1 three times and four more.
# Votes for classes 1 to 4 of the patients whose leading class is not unanimous are the hard ones.
PATIENTS = {2: (0, 0, 5, 2), 3: (3, 4, 0, 0), 12: (0, 3, 3, 1), 36: (0, 0, 4, 3), 38: (0, 3, 4, 0), 39: (0, 1, 5, 1)}


@pytest.mark.parametrize(("patient", "votes"), PATIENTS.items())
def test_dawid_skene_patients(patient, votes):
    codes = [str(place) for place, count in enumerate(votes, start=1) for _ in range(count)]
    result = majority(rated(*codes))
    assert (result.outcome == TIE) == (patient == 12)
    if patient != 12:
        assert result.value == str(votes.index(max(votes)) + 1)
