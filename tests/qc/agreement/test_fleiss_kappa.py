import numpy as np
import pytest
from hypothesis import given, settings
from statsmodels.stats.inter_rater import fleiss_kappa as peer

from qc.agreement.base import NO_OVERLAP, NO_VARIATION, TOO_FEW_MINORITY, ZERO_VARIANCE
from qc.agreement.fleiss_kappa import fleiss_kappa
from qc.agreement.krippendorff_alpha import krippendorff_alpha
from qc.readings.pattern_table import PatternTable
from tests.qc.agreement import slow
from tests.qc.agreement.readings import readings
from tests.reference import published


def test_fleiss_1971():
    found = fleiss_kappa(published.fleiss_1971())
    assert found.value == pytest.approx(0.430, abs=5e-4)
    # Gwet's design-based standard error is .0542: bounds near .430 ± 2.05 · .0542, not half as wide.
    assert found.low == pytest.approx(0.319, abs=0.03)
    assert found.high == pytest.approx(0.541, abs=0.03)


def test_gwet_with_missing_ratings():
    found = fleiss_kappa(published.krippendorff_2011("nominal"))
    assert found.value == pytest.approx(0.76117, abs=5e-6)
    assert (found.n_units, found.n_dropped) == (11, 1)
    assert "prevalence" in found.dropped_why


@settings(max_examples=60, deadline=None)
@given(readings())
def test_equals_the_definition_in_fractions(table):
    units = slow.units_of(table)
    found = fleiss_kappa(table, replicates=1)
    if slow.percent(units) is None:
        assert found.undefined == NO_OVERLAP
    elif (expected := slow.fleiss(units, 4)) is None:
        assert (found.value, found.undefined) == (None, NO_VARIATION)
    else:
        assert found.value == pytest.approx(float(expected), abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(readings(missing=False))
def test_identity_with_alpha_on_complete_data(table):
    kappa, alpha = (statistic(table, replicates=1).value for statistic in (fleiss_kappa, krippendorff_alpha))
    if kappa is not None:
        ratings = table.n_units * len(table.raters)
        assert alpha == pytest.approx(1 - (1 - kappa) * (ratings - 1) / ratings, abs=1e-12)


def test_equals_statsmodels_on_complete_data():
    counts = np.random.Generator(np.random.PCG64(1)).multinomial(6, [0.2, 0.5, 0.3], size=40)
    assert fleiss_kappa(published.from_counts(counts.tolist()), replicates=1).value == pytest.approx(peer(counts))


def test_one_unit_of_a_minority_leaves_no_honest_bounds():
    ratings = [[0, 0, 0]] * 30 + [[1, 1, 0]]
    table = PatternTable.from_codes(ratings, raters=["a", "b", "c"], scale=published.nominal(2))
    found = fleiss_kappa(table)
    assert found.value == pytest.approx(float(slow.fleiss(slow.units_of(table), 2)))
    assert (found.low, found.interval_undefined) == (None, TOO_FEW_MINORITY)


def test_perfect_agreement_has_no_bounds():
    table = PatternTable.from_codes([[0, 0], [1, 1], [0, 0]], raters=["a", "b"], scale=published.nominal(2))
    found = fleiss_kappa(table)
    assert (found.value, found.low, found.interval_undefined) == (1.0, None, ZERO_VARIANCE)
