from reports.charts.base import SHADES
from reports.charts.reader_heatmap import Pair, reader_heatmap
from tests.reports.charts.samples import SVG, parsed


def _drawn(pairs, readers=("R01", "R02", "R03")):
    chart = reader_heatmap(readers, pairs, name="m", title="t", statistic="Cohen κ")
    return chart, parsed(chart.svg)


def test_the_matrix_is_symmetric_and_each_pair_stands_once_in_the_table():
    chart, root = _drawn({("R02", "R01"): Pair(0.84, 40)})
    filled = [node.attrib["fill"] for node in root.iter(f"{SVG}rect") if node.attrib["class"].startswith("s")]
    assert filled == [SHADES[8]] * 2
    assert chart.rows[0] == ("R01 × R02", "0.840", "40", "")
    assert len(chart.rows) == 3


def test_a_pair_without_common_cases_is_hollow_and_says_so():
    chart, root = _drawn({})
    assert sum(node.attrib["class"] == "c-empty" for node in root.iter(f"{SVG}rect")) == 6
    assert chart.rows[0][1:] == ("undefined", "0", "undefined because no item was read by both")


def test_a_value_below_zero_takes_the_lowest_shade_and_keeps_its_number():
    chart, root = _drawn({("R01", "R02"): Pair(-0.2, 9)}, ("R01", "R02"))
    assert {node.attrib["fill"] for node in root.iter(f"{SVG}rect")} == {SHADES[0]}
    assert chart.rows[0][1] == "−0.200"


def test_many_readers_stay_within_the_page():
    readers = [f"R{number:02d}" for number in range(20)]
    chart, root = _drawn({(a, b): Pair(0.5, 9) for a in readers for b in readers if a < b}, readers)
    assert float(root.attrib["width"]) <= 600
    assert len(chart.rows) == 190
