"""What holds for each entry of the chart catalogue."""

import re

import pytest

from reports.charts.base import Chart
from reports.registry import CHARTS
from tests.reports.charts.samples import HOSTILE, SVG, arguments, parsed


def _chart(name: str, label: str = "Site A") -> Chart:
    positional, keywords = arguments(label)[name]
    return CHARTS[name].function(*positional, **keywords)


def test_each_chart_has_a_sample():
    assert set(arguments("x")) == set(CHARTS)


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("label", ["Site A", HOSTILE, "", "é–数 " * 40])
def test_the_picture_is_valid_and_holds_no_style_or_script(name, label):
    root = parsed(_chart(name, label).svg)
    for node in root.iter():
        assert node.tag.removeprefix(SVG) in {"svg", "g", "a", "title", "desc", "text", "line", "rect", "circle"}
        assert "style" not in node.attrib
        assert not any(key.startswith("on") for key in node.attrib)


@pytest.mark.parametrize("name", CHARTS)
def test_title_and_description_are_named_by_the_picture(name):
    chart = _chart(name)
    root = parsed(chart.svg)
    ids = root.attrib["aria-labelledby"].split()
    named = {node.attrib.get("id"): node.text for node in root}
    assert [named[key] for key in ids] == [chart.title, chart.description]
    assert root.attrib["role"] == ("group" if "<a " in chart.svg else "img")


@pytest.mark.parametrize("name", CHARTS)
def test_the_description_holds_every_number_of_the_table(name):
    chart = _chart(name)
    for row in chart.rows:
        assert len(row) == len(chart.columns)
        for cell in row[1:]:
            if re.fullmatch(r"[\d,.−]+", cell) and cell not in {"0"} and name != "confusion_matrix":
                assert cell in chart.description
    if name == "confusion_matrix":
        assert "31 of 35" in chart.description
        assert "4 of 35" in chart.description


@pytest.mark.parametrize("name", CHARTS)
def test_the_same_data_give_the_same_bytes(name):
    assert _chart(name) == _chart(name)


@pytest.mark.parametrize("name", CHARTS)
def test_django_prints_the_picture_unescaped(name):
    svg = _chart(name, HOSTILE).svg
    assert isinstance(svg, str)
    assert svg.__html__() == svg
    assert "<script" not in svg


@pytest.mark.parametrize("name", CHARTS)
def test_nothing_is_drawn_outside_the_picture(name):
    root = parsed(_chart(name).svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for node in root.iter(f"{SVG}rect"):
        assert 0 <= float(node.attrib.get("x", 0)) <= width
        assert float(node.attrib.get("x", 0)) + float(node.attrib["width"]) <= width + 0.01
        assert float(node.attrib.get("y", 0)) + float(node.attrib["height"]) <= height + 0.01
    for node in root.iter(f"{SVG}text"):
        assert 0 <= float(node.attrib["x"]) <= width
        assert 0 < float(node.attrib["y"]) <= height
