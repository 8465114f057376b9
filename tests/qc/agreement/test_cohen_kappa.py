import numpy as np
import pytest
from hypothesis import given, settings
from statsmodels.stats.inter_rater import cohens_kappa

from qc.agreement._two_raters import FLEISS_COHEN_EVERITT
from qc.agreement.base import NO_OVERLAP, NO_VARIATION, ZERO_VARIANCE
from qc.agreement.cohen_kappa import cohen_kappa, standard_error
from qc.readings.base import ReadingError
from qc.readings.pattern_table import PatternTable
from tests.qc.agreement import slow
from tests.qc.agreement.readings import readings
from tests.reference import published


def test_sas():
    reading = published.from_table(published.SAS_FREQ)
    found = cohen_kappa(reading, interval=FLEISS_COHEN_EVERITT)
    assert found.value == pytest.approx(0.4842, abs=5e-5)
    assert standard_error(reading) == pytest.approx(0.1380, abs=5e-5)
    assert (found.low, found.high) == pytest.approx((0.2137, 0.7547), abs=5e-5)
    assert found.seed is None


def test_fleiss_cohen_everitt_1969():
    reading = published.from_table(published.FCE_1969)
    assert cohen_kappa(reading, replicates=10).value == pytest.approx(0.429, abs=5e-4)
    assert standard_error(reading) == pytest.approx(0.054, abs=5e-4)


@pytest.mark.parametrize(("table", "p_o", "kappa", "ac1"), published.PARADOXES)
def test_paradoxes(table, p_o, kappa, ac1):
    assert cohen_kappa(published.from_table(table), replicates=10).value == pytest.approx(kappa, abs=5e-3)


@settings(max_examples=60, deadline=None)
@given(readings(raters=2))
def test_equals_the_definition_in_fractions(table):
    pairs = [unit for unit in slow.units_of(table) if len(unit) == 2]
    found = cohen_kappa(table, replicates=1)
    if not pairs:
        assert found.undefined == NO_OVERLAP
    elif (expected := slow.cohen(pairs, 4)) is None:
        assert (found.value, found.undefined) == (None, NO_VARIATION)
    else:
        assert found.value == pytest.approx(float(expected), abs=1e-12)


def test_equals_statsmodels_with_its_bounds():
    table = np.random.Generator(np.random.PCG64(3)).integers(1, 20, size=(4, 4))
    found = cohen_kappa(published.from_table(table.tolist()), interval=FLEISS_COHEN_EVERITT)
    peer = cohens_kappa(table)
    assert (found.value, found.low, found.high) == pytest.approx((peer.kappa, peer.kappa_low, peer.kappa_upp))


def test_perfect_agreement_has_no_large_sample_bounds():
    found = cohen_kappa(published.from_table([[5, 0], [0, 5]]), interval=FLEISS_COHEN_EVERITT)
    assert (found.value, found.low, found.high, found.interval_undefined) == (1.0, None, None, ZERO_VARIANCE)


def test_a_unit_that_only_one_rated_is_dropped_and_counted():
    table = PatternTable.from_codes([[0, 0], [1, 1], [0, 1], [1, -1]], raters=["a", "b"], scale=published.nominal(2))
    found = cohen_kappa(table, replicates=10)
    assert (found.value, found.n_units, found.n_dropped, found.dropped_why) == (0.4, 3, 1, "not rated by both")


def test_refuses_three_raters_and_unknown_bounds():
    with pytest.raises(ReadingError, match="two raters, not 4"):
        cohen_kappa(published.krippendorff_2011("nominal"))
    with pytest.raises(ValueError, match="neither"):
        cohen_kappa(published.from_table(published.SAS_FREQ), interval="wald")


@pytest.mark.parametrize("raters", [[], ["a"]])
def test_fewer_than_two_raters_have_nothing_to_compare(raters):
    table = PatternTable.from_codes(np.zeros((3, len(raters)), dtype=int), raters=raters, scale=published.nominal(2))
    found = cohen_kappa(table)
    assert (found.value, found.undefined, found.n_dropped) == (None, NO_OVERLAP, 3)
