import pytest
from hypothesis import given, settings

from qc.agreement.base import CLUSTERING_UNKNOWN, NO_OVERLAP, RARE_CATEGORY, SMALL_SAMPLE, TOO_FEW
from qc.agreement.percent import percent_agreement
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from tests.qc.agreement import slow
from tests.qc.agreement.readings import readings
from tests.reference import published

YES_NO = Scale("nominal", ("no", "yes"))


def test_published_with_missing_ratings():
    found = percent_agreement(published.krippendorff_2011("nominal"))
    assert found.value == pytest.approx(0.81818, abs=5e-6)
    assert (found.n_units, found.n_dropped, found.n_raters) == (11, 1, 4)
    assert found.dropped_why == "fewer than two ratings"
    assert found.warnings == (RARE_CATEGORY, CLUSTERING_UNKNOWN, SMALL_SAMPLE)


@settings(max_examples=60, deadline=None)
@given(readings())
def test_equals_counting_pairs(table):
    expected = slow.percent(slow.units_of(table))
    found = percent_agreement(table, replicates=1)
    if expected is None:
        assert (found.value, found.undefined) == (None, NO_OVERLAP)
    else:
        assert found.value == pytest.approx(float(expected), abs=1e-12)


def test_perfect_agreement_has_the_exact_binomial_lower_bound():
    # Clopper and Pearson for 30 of 30: 0.8843 (any table of exact limits).
    table = PatternTable.from_codes([[0, 0]] * 20 + [[1, 1]] * 10, raters=["a", "b"], scale=YES_NO)
    found = percent_agreement(table)
    assert (found.value, found.high, found.interval_undefined) == (1.0, 1.0, None)
    assert found.low == pytest.approx(0.8843, abs=5e-5)
    assert "Clopper" in found.method


def test_one_unit_has_a_value_and_no_bounds():
    found = percent_agreement(PatternTable.from_codes([[0, 1]], raters=["a", "b"], scale=YES_NO))
    assert (found.value, found.low, found.high, found.interval_undefined) == (0.0, None, None, TOO_FEW)


def test_nothing_to_compare():
    found = percent_agreement(PatternTable.from_codes([[0, -1], [-1, 1]], raters=["a", "b"], scale=YES_NO))
    assert (found.value, found.undefined, found.n_units, found.n_dropped) == (None, NO_OVERLAP, 0, 2)


def test_common_categories_raise_no_warning():
    table = PatternTable.from_codes([[0, 0]] * 10 + [[1, 1]] * 10, raters=["a", "b"], scale=YES_NO, clusters=range(20))
    assert percent_agreement(table, replicates=10).warnings == ()
