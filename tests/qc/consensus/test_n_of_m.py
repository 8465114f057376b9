"""Six of ten: early stop, the band, and the published mean reads."""

from collections import defaultdict
from math import comb

import pytest

from qc.consensus._quorum import BAND, NEGATIVE, OPEN, POSITIVE, Quorum
from qc.consensus.base import INSUFFICIENT, NO_MAJORITY, SETTLED
from qc.consensus.n_of_m import n_of_m

SIX_OF_TEN = Quorum(10, 6, 3)


def answers(yes, no):
    return {**{f"y{n}": "yes" for n in range(yes)}, **{f"n{n}": "no" for n in range(no)}}


def played(rule, chance):
    """Return mean reads and the chance of each end when all open seats are read at once."""
    states, reads, ends = {(0, 0): 1.0}, 0.0, defaultdict(float)
    while states:
        after = defaultdict(float)
        for (yes, no), weight in states.items():
            seats = rule.open_seats(yes, no)
            if not seats:
                ends[rule.state(yes, no)] += weight
                reads += weight * (yes + no)
            for more in range(seats + 1 if seats else 0):
                likely = comb(seats, more) * chance**more * (1 - chance) ** (seats - more)
                after[yes + more, no + seats - more] += weight * likely
        states = after
    return reads, ends


# Mean reads and chance of the band by P(yes); mean reads of the two-sided rule with four.
ORACLE = [
    (0.02, 7.14, 0.000, 6.12),
    (0.1, 7.75, 0.013, 6.66),
    (0.3, 8.99, 0.303, 8.23),
    (0.5, 9.14, 0.451, 9.05),
    (0.7, 8.19, 0.140, 8.23),
    (0.9, 6.66, 0.002, 6.66),
]


@pytest.mark.parametrize(("chance", "reads", "band", "two_sided"), ORACLE)
def test_mean_reads(chance, reads, band, two_sided):
    found, ends = played(SIX_OF_TEN, chance)
    assert found == pytest.approx(reads, abs=0.005)
    assert ends[BAND] == pytest.approx(band, abs=0.0005)
    assert played(Quorum(10, 6, 4), chance)[0] == pytest.approx(two_sided, abs=0.005)


@pytest.mark.parametrize("panel", range(1, 13))
def test_no_read_is_wasted_and_no_decision_can_turn(panel):
    """Slow check: a state is decided exactly when every way to fill the panel ends the same."""

    def ends(rule, yes, no):
        left = panel - yes - no
        totals = [yes + more for more in range(left + 1)]
        return {POSITIVE if t >= rule.at_least else NEGATIVE if t <= rule.at_most else BAND for t in totals}

    for at_least in range(1, panel + 1):
        for at_most in range(at_least):
            rule = Quorum(panel, at_least, at_most)
            for yes in range(panel + 1):
                for no in range(panel + 1 - yes):
                    possible, state = ends(rule, yes, no), rule.state(yes, no)
                    assert (state == OPEN) == (len(possible) > 1)
                    assert state == OPEN or possible == {state}
                    seats = rule.open_seats(yes, no)
                    sooner = range(seats)
                    assert not any(len(ends(rule, yes + a, no + k - a)) == 1 for k in sooner for a in range(k + 1))
                    assert any(len(ends(rule, yes + a, no + seats - a)) == 1 for a in range(seats + 1))


@pytest.mark.parametrize(
    ("yes", "no", "outcome", "value", "seats"),
    [
        (0, 0, INSUFFICIENT, None, 6),
        (6, 0, SETTLED, "yes", 0),
        (5, 0, INSUFFICIENT, None, 1),
        (0, 7, SETTLED, "no", 0),
        (4, 5, NO_MAJORITY, None, 0),
        (5, 5, NO_MAJORITY, None, 0),
        (6, 4, SETTLED, "yes", 0),
        (3, 6, INSUFFICIENT, None, 1),
    ],
)
def test_outcomes(yes, no, outcome, value, seats):
    found = n_of_m(answers(yes, no), positive="yes", negative="no")
    assert (found.outcome, found.value, found.details["open_seats"]) == (outcome, value, seats)
    assert found.details["is_sequential"]


def test_the_share_has_bounds_that_say_how_little_ten_readers_tell():
    found = n_of_m(answers(6, 4), positive="yes", negative="no")
    assert (found.details["share_low"], found.details["share_high"]) == pytest.approx((0.31, 0.83), abs=0.005)
    assert found.support == 0.6
    assert "share_low" not in n_of_m({}, positive="yes", negative="no").details


def test_minimum_holds_a_decision_back():
    found = n_of_m(answers(2, 0), positive="yes", negative="no", panel=3, quorum=(2, 1), minimum=3)
    assert (found.outcome, found.details["open_seats"]) == (INSUFFICIENT, 1)


@pytest.mark.parametrize("quorum", [(3, 3), (11, 3), (6, -1), (6,)])
def test_a_rule_that_contradicts_itself_is_refused(quorum):
    with pytest.raises(ValueError, match="quorum"):
        n_of_m({}, positive="yes", negative="no", quorum=quorum)


def test_more_answers_than_seats_are_refused():
    with pytest.raises(ValueError, match="panel of 10"):
        n_of_m(answers(6, 5), positive="yes", negative="no")
