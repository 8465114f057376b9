"""When it will be read: an interval that holds, and silence where nothing can be said."""

import numpy as np
import pytest

from qc.settling.completion import BEYOND, STOPPED, completion


def test_an_even_pace_has_a_day_and_no_spread():
    found = completion([10] * 28, 95)
    assert (found.days, found.low, found.high) == (10.0, 10.0, 10.0)
    assert (found.n_left, found.n_reads, found.n_days, found.per_day) == (95, 280, 28, 10.0)


def test_days_off_count_as_days():
    found = completion([10, 10, 10, 10, 10, 0, 0] * 4, 500)
    assert found.per_day == pytest.approx(50 / 7)
    assert 66 <= found.days <= 73


def test_nothing_left_is_done_today():
    assert completion([], 0).days == 0.0


@pytest.mark.parametrize(
    ("daily", "n_left", "reason"),
    [
        ([10] * 13, 50, "too_few_items"),
        ([1] * 19, 50, "too_few_items"),
        ([], 50, "too_few_items"),
        ([10] * 20 + [0] * 14, 50, STOPPED),
        ([1] * 30, 10_000, BEYOND),
    ],
)
def test_what_cannot_be_told_has_a_reason(daily, n_left, reason):
    found = completion(daily, n_left)
    assert found.undefined == reason
    assert (found.days, found.low, found.high) == (None, None, None)


def test_the_same_days_give_the_same_forecast():
    assert completion([3, 0, 9] * 10, 100, seed=3) == completion([3, 0, 9] * 10, 100, seed=3)


def test_the_interval_holds_the_day_that_comes():
    """Of 120 projects read unevenly for eight weeks, about 95 % are finished within the interval."""
    generator = np.random.default_rng(20261126)
    held = 0
    for _ in range(120):
        weekday = np.array([1.4, 1.4, 1.4, 1.4, 1.4, 0, 0] * 60)
        days = generator.negative_binomial(2, 2 / (2 + 12 * weekday + 1e-9))
        found = completion(days[:56].tolist(), 500, seed=1)
        truth = 1 + int(np.searchsorted(np.cumsum(days[56:]), 500))
        held += found.low <= truth <= found.high
    assert 108 <= held <= 120
