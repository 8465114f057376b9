from hypothesis import given
from hypothesis import strategies as st

from reports.charts.distribution import Limit, Span, distribution
from tests.reports.charts.samples import SVG, parsed


def _drawn(values, limit=None):
    return distribution(values, name="d", title="Dice of each finding", span=Span("Dice"), limit=limit)


@given(st.lists(st.one_of(st.none(), st.floats(-0.5, 1.5)), max_size=60))
def test_every_known_value_is_in_one_bin(values):
    chart = _drawn(values)
    assert sum(int(row[1].replace(",", "")) for row in chart.rows) == sum(value is not None for value in values)


def test_bins_are_half_open_and_a_printed_edge_belongs_to_the_bin_above():
    chart = _drawn([0.0, 0.28, 0.279, 1.0])
    counted = {row[0]: row[1] for row in chart.rows if row[1] != "0"}
    assert counted == {"0.00–0.04": "1", "0.24–0.28": "1", "0.28–0.32": "1", "0.96–1.00": "1"}


def test_the_summary_states_n_median_those_below_and_those_undefined():
    chart = _drawn([0.2, 0.69, 0.7, 0.9, None], Limit(0.7, "limit 0.70"))
    assert chart.description.startswith("n 4, median 0.695, 2 below limit 0.70, 1 undefined.")


def test_bins_below_the_limit_have_their_own_mark():
    root = parsed(_drawn([0.2, 0.9], Limit(0.72, "limit")).svg)
    assert [node.attrib["class"] for node in root.iter(f"{SVG}rect")] == ["c-below", "c-mark"]


def test_nothing_known_has_no_median():
    chart = _drawn([None, None])
    assert chart.description == "n 0, 2 undefined."
