import pytest

from reports.charts.base import SHADES
from reports.charts.confusion_matrix import Sides, confusion_matrix
from tests.reports.charts.samples import SVG, parsed

SIDES = Sides("Consensus", "Reader R03")


def test_counts_stand_in_the_cells_and_the_row_share_is_the_shade():
    chart = confusion_matrix(["benign", "malignant"], [[90, 10], [25, 75]], name="c", title="t", sides=SIDES)
    root = parsed(chart.svg)
    assert [node.attrib["fill"] for node in root.iter(f"{SVG}rect")] == [SHADES[9], SHADES[1], SHADES[2], SHADES[7]]
    assert chart.rows == (("benign", "90", "10", "100"), ("malignant", "25", "75", "100"))
    assert "Consensus malignant, Reader R03 benign: 25 of 100." in chart.description


def test_a_row_without_items_is_hollow():
    chart = confusion_matrix(["a", "b"], [[1, 0], [0, 0]], name="c", title="t", sides=SIDES)
    hollow = [n for n in parsed(chart.svg).iter(f"{SVG}rect") if n.attrib["class"] == "c-empty"]
    assert len(hollow) == 2


@pytest.mark.parametrize("counts", [[[1, 2]], [[1], [2]], [[1, 2], [3, 4], [5, 6]]])
def test_a_matrix_that_is_not_square_is_refused(counts):
    with pytest.raises(ValueError, match="2 × 2"):
        confusion_matrix(["a", "b"], counts, name="c", title="t", sides=SIDES)
