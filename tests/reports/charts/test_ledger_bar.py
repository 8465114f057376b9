import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts.ledger_bar import DISPOSITIONS, WIDTH, ledger_bar
from tests.reports.charts.samples import SVG, parsed


@given(st.dictionaries(st.sampled_from(sorted(DISPOSITIONS)), st.integers(0, 10**6)))
def test_the_parts_fill_the_bar_and_the_table_closes(counts):
    total = sum(counts.values())
    chart = ledger_bar(counts, name="l", title="t", total=total)
    bar = [n for n in parsed(chart.svg).iter(f"{SVG}rect") if n.attrib["height"] == "20"]
    assert len(bar) == sum(count > 0 for count in counts.values())
    assert sum(float(node.attrib["width"]) + 1 for node in bar) >= (WIDTH - 0.1 if total else 0)
    assert sum(int(row[1].replace(",", "")) for row in chart.rows[:-1]) == total
    assert chart.rows[-1][1] == f"{total:,}"


def test_the_equation_is_written_out():
    chart = ledger_bar({"auto": 812, "dispute": 130, "collecting": 9238}, name="l", title="t", total=10180)
    assert chart.description.startswith("9,238 collecting + 812 auto-accepted + 130 in dispute + ")
    assert chart.description.endswith(" = 10,180 cells.")


@pytest.mark.parametrize(
    ("counts", "total", "message"),
    [
        ({"auto": 3}, 4, "add up to 3, not to 4"),
        ({"gold": 1}, 1, "unknown dispositions: gold"),
        ({"auto": -1, "panel": 2}, 1, "fewer than 0"),
    ],
)
def test_a_ledger_that_does_not_close_is_not_drawn(counts, total, message):
    with pytest.raises(ValueError, match=message):
        ledger_bar(counts, name="l", title="t", total=total)
