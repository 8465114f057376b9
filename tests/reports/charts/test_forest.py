from qc.agreement.base import TOO_FEW
from reports.charts.forest import ForestRow, Reference, forest
from tests.reports.charts.samples import SVG, parsed

ROWS = [
    ForestRow("All", 0.71, 0.66, 0.76, 412, href="/p/x/cases"),
    ForestRow("Site C", None, None, None, 3, TOO_FEW),
    ForestRow("Site D", 0.5, None, None, 9, TOO_FEW),
]


def _drawn(reference=None):
    chart = forest(ROWS, name="kappa", title="κ by site", axis="Fleiss κ, 95 % bounds", reference=reference)
    return chart, parsed(chart.svg)


def test_places_follow_the_values():
    _, root = _drawn()
    dots = {node.attrib["class"]: float(node.attrib["cx"]) for node in root.iter(f"{SVG}circle")}
    bar = next(node for node in root.iter(f"{SVG}line") if node.attrib["class"] == "c-stroke")
    assert float(bar.attrib["x1"]) < float(bar.attrib["x2"])
    first = next(node for node in root.iter(f"{SVG}circle") if node.attrib["class"] == "c-mark")
    middle = (float(bar.attrib["x1"]) + float(bar.attrib["x2"])) / 2
    assert abs(float(first.attrib["cx"]) - middle) < 0.02
    assert "c-hollow" in dots


def test_an_undefined_row_is_hollow_and_says_why():
    chart, root = _drawn()
    hollow = [node for node in root.iter(f"{SVG}circle") if node.attrib["class"] == "c-hollow"]
    assert len(hollow) == 1
    assert "undefined because there are too few items" in chart.svg
    assert chart.rows[1] == (
        "Site C",
        "undefined",
        "undefined",
        "undefined",
        "3",
        "undefined because there are too few items",
    )


def test_a_value_without_interval_draws_no_bar_and_says_why():
    chart, root = _drawn()
    assert sum(node.attrib["class"] == "c-stroke" for node in root.iter(f"{SVG}line")) == 1
    assert chart.rows[2][-1] == "no interval: there are too few items"


def test_the_reference_line_is_on_the_axis_even_when_beyond_all_values():
    chart, root = _drawn(Reference(0.9, "target 0.90"))
    dashed = next(node for node in root.iter(f"{SVG}line") if node.attrib["class"] == "c-limit")
    right = max(float(node.attrib["cx"]) for node in root.iter(f"{SVG}circle") if node.attrib["class"] == "c-mark")
    assert float(dashed.attrib["x1"]) > right
    assert "target 0.90 at 0.900" in chart.description


def test_a_row_links_to_its_cases():
    _, root = _drawn()
    assert [node.attrib["href"] for node in root.iter(f"{SVG}a")] == ["/p/x/cases"]


def test_no_rows_and_no_values_still_draw_an_axis():
    assert forest([], name="n", title="t").rows == ()
    assert "undefined" in forest([ROWS[1]], name="n", title="t").svg
