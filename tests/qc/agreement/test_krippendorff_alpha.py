import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.agreement.base import NO_OVERLAP, NO_VARIATION, RARE_CATEGORY
from qc.agreement.krippendorff_alpha import krippendorff_alpha
from qc.readings.pattern_table import PatternTable
from tests.qc.agreement import slow
from tests.qc.agreement.readings import readings
from tests.reference import published

KINDS = ["nominal", "ordinal", "interval", "ratio"]


@pytest.mark.parametrize(
    ("kind", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorff_2011(kind, value):
    found = krippendorff_alpha(published.krippendorff_2011(kind))
    assert found.value == pytest.approx(value, abs=5e-4)
    assert (found.n_units, found.n_dropped) == (11, 1)
    assert (RARE_CATEGORY in found.warnings) == (kind in ("nominal", "ordinal"))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(KINDS).flatmap(lambda kind: readings(kind=kind)))
def test_equals_the_definition_in_fractions(table):
    units = slow.units_of(table)
    found = krippendorff_alpha(table, replicates=1)
    if slow.percent(units) is None:
        assert found.undefined == NO_OVERLAP
    elif (expected := slow.alpha(units, table.scale.kind, [0, 1, 2, 3])) is None:
        assert (found.value, found.undefined) == (None, NO_VARIATION)
    else:
        assert found.value == pytest.approx(float(expected), abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(readings(kind="ordinal"))
def test_reversing_an_ordinal_scale_changes_nothing(table):
    turned = table.patterns.copy()
    turned[turned >= 0] = len(table.scale.codes) - 1 - turned[turned >= 0]
    ratings = turned.repeat(table.counts, axis=0)
    again = PatternTable.from_codes(ratings, raters=table.raters, scale=table.scale)
    first, second = (krippendorff_alpha(reading, replicates=1) for reading in (table, again))
    assert first.undefined == second.undefined
    if first.value is not None:
        assert first.value == pytest.approx(second.value, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(KINDS).flatmap(lambda kind: readings(kind=kind)))
def test_a_category_that_nobody_used_changes_nothing(table):
    scale = type(table.scale)(table.scale.kind, (*table.scale.codes, "99"))
    wider = PatternTable(table.raters, scale, table.patterns, table.counts, table.incidence)
    first, second = (krippendorff_alpha(reading, replicates=1) for reading in (table, wider))
    assert first.undefined == second.undefined
    if first.value is not None:
        assert first.value == pytest.approx(second.value, abs=1e-12)


def test_exactly_zero_with_one_deviating_value():
    table = PatternTable.from_codes([[0, 0], [0, 0], [0, 1]], raters=["a", "b"], scale=published.nominal(2))
    assert krippendorff_alpha(table).value == pytest.approx(0.0, abs=1e-12)


def test_negative_below_chance():
    table = PatternTable.from_codes([[0, 1], [1, 0]] * 10, raters=["a", "b"], scale=published.nominal(2))
    assert krippendorff_alpha(table).value < -0.9
