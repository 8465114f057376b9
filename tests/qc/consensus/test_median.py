"""The middle number."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.consensus.base import INSUFFICIENT, SETTLED
from qc.consensus.median import median

NUMBERS = st.dictionaries(st.text(max_size=3), st.floats(-1e6, 1e6), min_size=2, max_size=9)


@pytest.mark.parametrize(
    ("numbers", "value"), [((4.0, 9.0, 5.0), 5.0), ((4.0, 5.0), 4.5), ((1.0, 100.0, 2.0, 4.0), 3.0)]
)
def test_middle(numbers, value):
    result = median({str(place): number for place, number in enumerate(numbers)})
    assert (result.outcome, result.value) == (SETTLED, value)
    assert result.details["spread"] == max(numbers) - min(numbers)


def test_one_number_is_too_few():
    result = median({"a": 4.0})
    assert (result.outcome, result.value, result.raters) == (INSUFFICIENT, None, ("a",))
    assert median({}, minimum=1).outcome == INSUFFICIENT
    assert median({"a": 4.0}, minimum=1).value == 4.0


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_is_not_finite_is_refused(number):
    with pytest.raises(ValueError, match="finite"):
        median({"a": 1.0, "b": number})


def test_minimum_below_one_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        median({"a": 1.0}, minimum=0)


@given(NUMBERS)
def test_as_many_above_as_below(numbers):
    value = median(numbers).value
    assert sum(number < value for number in numbers.values()) <= len(numbers) / 2
    assert sum(number > value for number in numbers.values()) <= len(numbers) / 2
    assert median(dict(reversed(numbers.items()))) == median(numbers)
