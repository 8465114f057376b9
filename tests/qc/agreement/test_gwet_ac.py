import numpy as np
import pytest
from hypothesis import given, settings

from qc.agreement._weights import agreement_weights
from qc.agreement.base import NO_OVERLAP, NO_VARIATION, ZERO_VARIANCE
from qc.agreement.gwet_ac import gwet_ac
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from tests.qc.agreement import slow
from tests.qc.agreement.readings import readings
from tests.reference import published


def test_gwet_with_missing_ratings():
    assert gwet_ac(published.krippendorff_2011("nominal")).value == pytest.approx(0.77544, abs=5e-6)


@pytest.mark.parametrize(("table", "p_o", "kappa", "ac1"), published.PARADOXES)
def test_paradoxes(table, p_o, kappa, ac1):
    assert gwet_ac(published.from_table(table), replicates=10).value == pytest.approx(ac1, abs=5e-4)


@settings(max_examples=60, deadline=None)
@given(readings())
def test_equals_the_definition_in_fractions(table):
    units = slow.units_of(table)
    found = gwet_ac(table, replicates=1)
    if slow.percent(units) is None:
        assert found.undefined == NO_OVERLAP
    else:
        assert found.value == pytest.approx(float(slow.ac1(units, len(table.scale.codes))), abs=1e-12)


def test_one_category_is_full_agreement_without_bounds():
    table = PatternTable.from_codes([[0, 0]] * 5, raters=["a", "b"], scale=published.nominal(2))
    found = gwet_ac(table)
    assert (found.value, found.low, found.interval_undefined) == (1.0, None, ZERO_VARIANCE)


def test_one_declared_category_is_no_question():
    table = PatternTable.from_codes([[0, 0]] * 5, raters=["a", "b"], scale=published.nominal(1))
    assert (gwet_ac(table).value, gwet_ac(table).undefined) == (None, NO_VARIATION)


def test_a_declared_category_that_nobody_used_counts():
    used = PatternTable.from_codes([[0, 0], [1, 1], [0, 1]], raters=["a", "b"], scale=published.nominal(2))
    wider = PatternTable.from_codes([[0, 0], [1, 1], [0, 1]], raters=["a", "b"], scale=published.nominal(3))
    assert gwet_ac(wider, replicates=1).value > gwet_ac(used, replicates=1).value


def test_weights_follow_the_scale_and_distance():
    assert agreement_weights("linear", 3).tolist() == [[1, 0.5, 0], [0.5, 1, 0.5], [0, 0.5, 1]]
    assert agreement_weights("quadratic", 3)[0].tolist() == [1, 0.75, 0]
    assert np.array_equal(agreement_weights("identity", 2), np.eye(2))
    with pytest.raises(ValueError, match="cubic"):
        agreement_weights("cubic", 3)


def test_ordinal_scale_gives_credit_for_near_misses():
    near = [[0, 1], [1, 2], [2, 2], [0, 0]]
    by_kind = {
        kind: gwet_ac(
            PatternTable.from_codes(near, raters=["a", "b"], scale=Scale(kind, ("1", "2", "3"))), replicates=1
        ).value
        for kind in ("nominal", "ordinal")
    }
    assert by_kind["ordinal"] > by_kind["nominal"]
