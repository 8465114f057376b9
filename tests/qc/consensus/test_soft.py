"""How sure: entropy, bounds, the value of one more read, and the consensus without one reader."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.agreement.base import TOO_FEW, TOO_FEW_MINORITY
from qc.consensus._em import Design
from qc.consensus._gain import expected_gain, symmetric, typical
from qc.consensus._intervals import NOT_MET, Draws, parameter_bounds
from qc.consensus._leave_out import leave_one_out, places, without_vote
from qc.consensus._soft import leader, median_level, uncertainty, vote_facts, wilson
from qc.consensus.base import SETTLED, TIE
from qc.consensus.dawid_skene import dawid_skene
from qc.consensus.ordinal_dawid_skene import ordinal_dawid_skene
from tests.qc.consensus import anaesthesia, crowd


@pytest.mark.parametrize(
    ("votes", "entropy", "normalised", "margin", "variation"),
    [
        ([3, 0], 0.0, 0.0, 1.0, 0.0),
        ([2, 1], 0.918295834054, 0.918295834054, 1 / 3, 1 / 3),
        ([2, 2], 1.0, 1.0, 0.0, 0.5),
        ([1, 1, 1], math.log2(3), 1.0, 0.0, 2 / 3),
        ([4, 1, 0], 0.721928094887, 0.455485915004, 0.6, 0.2),
    ],
)
def test_entropy_and_margin(votes, entropy, normalised, margin, variation):
    found = uncertainty(np.array(votes, dtype=float))
    assert (found.entropy_bits, found.normalised) == (pytest.approx(entropy), pytest.approx(normalised))
    assert (found.margin, found.variation_ratio) == (pytest.approx(margin), pytest.approx(variation))
    assert math.copysign(1, found.entropy_bits) == 1


def test_a_scale_of_one_code_has_no_normalised_entropy():
    found = uncertainty(np.array([2.0]))
    assert (found.entropy_bits, found.normalised, found.margin) == (0.0, None, 1.0)


@pytest.mark.parametrize("shares", [[], [0, 0], [-1, 2]])
def test_shares_of_nothing_are_refused(shares):
    with pytest.raises(ValueError, match="positive"):
        uncertainty(np.array(shares, dtype=float))


def test_wilson_bounds_of_newcombe():
    """Newcombe RG. Stat Med 17:857-872, 1998: 81 of 263 and 0 of 20."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
    assert wilson(20, 20) == pytest.approx((1 - 0.1611, 1), abs=5e-5)
    assert wilson(0, 0) is None


def test_facts_of_a_vote():
    facts = vote_facts({"x": 2, "y": 1})
    assert facts["margin"] == pytest.approx(1 / 3)
    assert (facts["share_low"], facts["share_high"]) == pytest.approx(wilson(2, 3))
    assert vote_facts({}) == {}


def test_a_leader_and_a_tie():
    assert leader(np.array([0.2, 0.8])) == (SETTLED, 1)
    assert leader(np.array([0.5, 0.5])) == (TIE, None)


@pytest.mark.parametrize(
    ("shares", "level"), [([0.2, 0.5, 0.3], (1, False)), ([0.5, 0.0, 0.5], (0, True)), ([0.1, 0.1, 0.8], (2, False))]
)
def test_median_level(shares, level):
    assert median_level(np.array(shares)) == level


def test_value_of_an_adjudication():
    """Nothing where the posterior is as sure as the adjudicator; the exception with three classes."""
    two = expected_gain(np.array([[0.97, 0.03], [0.5, 0.5], [0.8, 0.2]]), symmetric(0.95, 2))
    assert two == pytest.approx([0, 0.45, 0.15])
    assert expected_gain(np.array([[0.9, 0.1, 0.0]]), symmetric(0.9, 3)) == pytest.approx([0.045])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=4), st.floats(0, 1))
def test_a_read_is_never_expected_to_hurt(raw, accuracy):
    shares = np.array([raw]) / sum(raw)
    gain = expected_gain(shares, symmetric(accuracy, len(raw)))[0]
    assert 0 <= gain <= 1 - shares.max() + 1e-12


@pytest.mark.parametrize(("accuracy", "codes"), [(1.1, 2), (0.5, 1)])
def test_an_impossible_reader_is_refused(accuracy, codes):
    with pytest.raises(ValueError, match="accuracy"):
        symmetric(accuracy, codes)


def test_the_typical_reader_is_weighed_by_what_he_met():
    found = dawid_skene(anaesthesia.table(), design=anaesthesia.DESIGN)
    matrix = typical(found)
    assert matrix.sum(axis=1) == pytest.approx(np.ones(4))
    # Observer 1 gave three of seven readings.
    assert abs(matrix - found.confusion["1"]).max() < abs(matrix - found.confusion["3"]).max()
    assert typical(dawid_skene(crowd.table_of([[-1]], 2))) is None


def test_the_consensus_of_the_others_does_not_hold_ones_own_vote():
    """A reader who answers alone against all is right by a truth that holds his vote no more than by any other."""
    ratings, _ = crowd.simulated(crowd.even([0.9, 0.8, 0.7, 0.6], 2), [0.5, 0.5], 200, 3)
    table = crowd.table_of(ratings, 2)
    left = leave_one_out(dawid_skene, table)
    turned = ratings.copy()
    turned[:, 3] = 1 - turned[:, 3]
    other = crowd.table_of(turned, 2)
    again = leave_one_out(dawid_skene, other)
    first = crowd.per_unit(table, left["r3"].posterior, ratings)
    assert crowd.per_unit(other, again["r3"].posterior, turned) == pytest.approx(first, abs=1e-9)
    assert left["r3"].consensus.raters == ("r0", "r1", "r2")


def test_repeats_leave_together_and_gold_stays():
    found = leave_one_out(dawid_skene, anaesthesia.table(), design=anaesthesia.DESIGN)
    assert sorted(found) == ["1", "2", "3", "4", "5"]
    assert found["1"].consensus.raters == ("2", "3", "4", "5")
    assert found["2"].posterior.shape == (len(anaesthesia.table().patterns), 4)
    gold = leave_one_out(dawid_skene, crowd.table_of([[0, 0, 1], [1, 1, 1]], 2), design=Design(gold="r2"))
    assert sorted(gold) == ["r0", "r1"]


def test_without_the_only_reader_nothing_is_known():
    found = leave_one_out(dawid_skene, crowd.table_of([[0], [1]], 2))
    assert found["r0"].consensus.undefined == TOO_FEW
    assert len(found["r0"].posterior) == 0


def test_a_vote_taken_out_of_the_posterior():
    """By hand: the others' evidence times the prevalence."""
    ratings, _ = crowd.simulated(crowd.even([0.9, 0.8, 0.7], 2), [0.6, 0.4], 100, 3)
    table = crowd.table_of(ratings, 2)
    found = dawid_skene(table)
    shares = without_vote(found, table, "r0")
    row = table.patterns.tolist().index([0, 1, 1])
    joint = found.prevalence * found.confusion["r1"][:, 1] * found.confusion["r2"][:, 1]
    assert shares[row] == pytest.approx(joint / joint.sum())
    assert without_vote(found, table, "somebody else") == pytest.approx(found.posterior, abs=1e-6)
    assert places(table, ["r0", "r1", "r2"]).tolist() == list(range(len(table.patterns)))


def test_bounds_are_seeded_and_say_why_not():
    ratings, _ = crowd.simulated(crowd.even([0.9, 0.8, 0.7], 2), [0.9, 0.1], 40, 3)
    table = crowd.table_of(ratings, 3, clusters=np.arange(40))
    first, again = (parameter_bounds(dawid_skene, table, Draws(seed=4, replicates=20)) for _ in range(2))
    assert first == again
    nothing = parameter_bounds(dawid_skene, crowd.table_of([[-1, -1]], 2), Draws(replicates=3))
    assert nothing.prevalence["0"].undefined == TOO_FEW
    lonely = parameter_bounds(dawid_skene, crowd.table_of([[0, 1]], 2), Draws(replicates=3))
    assert lonely.prevalence["0"].interval_undefined == TOO_FEW


def test_a_class_that_few_resamples_hold_has_no_bounds():
    rows = np.array([[0, 0, -1]] * 30 + [[1, 1, 1]])
    table = crowd.table_of(rows, 2, clusters=np.arange(31))
    found = parameter_bounds(dawid_skene, table, Draws(replicates=40), prior=(0.0, 0.0, 0.0))
    assert found.confusion["r2", "0", "0"].undefined == NOT_MET
    assert found.confusion["r0", "1", "1"].interval_undefined == TOO_FEW_MINORITY
    assert found.confusion["r0", "0", "0"].low is not None


@pytest.mark.parametrize("bad", [{"level": 1.0}, {"replicates": 0}])
def test_draws_that_give_no_bounds_are_refused(bad):
    with pytest.raises(ValueError, match="level"):
        Draws(**bad)


def test_an_ordinal_reader_errs_by_a_step():
    """With few reads the band expects neighbours, where the plain prior expects any level alike."""
    rows = np.array([[0, 0, 1], [1, 1, 1], [2, 2, 2], [3, 3, 2], [0, 0, 0], [3, 3, 3]] * 3)
    table = crowd.table_of(rows, 4, kind="ordinal")
    banded, plain = ordinal_dawid_skene(table), dawid_skene(table)
    assert banded.confusion["r2"][0][3] < plain.confusion["r2"][0][3] / 2
    assert ordinal_dawid_skene(table, decay=1.0).posterior == pytest.approx(plain.posterior)
    with pytest.raises(ValueError, match="order"):
        ordinal_dawid_skene(crowd.table_of(rows, 4))
    with pytest.raises(ValueError, match="decay"):
        ordinal_dawid_skene(table, decay=0.0)
