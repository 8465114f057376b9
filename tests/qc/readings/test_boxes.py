import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.agreement.box_giou import box_giou
from qc.agreement.box_iou import box_iou
from qc.readings.base import ReadingError
from qc.readings.boxes import BoxTable, giou, iou, iou_table, match_boxes

side = st.integers(-5, 5)
spans = st.tuples(side, st.integers(0, 6))


@st.composite
def boxes(draw, axes=2):
    drawn = [draw(spans) for _ in range(axes)]
    return np.array([*(low for low, _ in drawn), *(low + size for low, size in drawn)], dtype=float)


@given(boxes(3), boxes(3))
def test_overlap_by_counting_unit_cells(first, second):
    def cells(box):
        ranges = [range(int(low), int(high)) for low, high in zip(box[:3], box[3:], strict=True)]
        return {(x, y, z) for x in ranges[0] for y in ranges[1] for z in ranges[2]}

    both, either = cells(first) & cells(second), cells(first) | cells(second)
    expected = 1.0 if (first == second).all() else len(both) / len(either) if either else 0.0
    assert float(iou(first, second)) == pytest.approx(expected)
    assert float(iou(second, first)) == pytest.approx(expected)


@given(boxes(), boxes())
def test_generalised_overlap_is_never_the_greater_one(first, second):
    assert -1 <= float(giou(first, second)) <= float(iou(first, second)) + 1e-12


def test_matched_boxes_of_three_readers():
    units = [
        {
            "ada": np.array([[0.0, 0, 4, 4], [10, 0, 14, 4]]),
            "ben": np.array([[10.0, 0, 14, 2]]),
            "cleo": np.zeros((0, 4)),
        },
        {"ada": np.array([[0.0, 0, 2, 2]]), "ben": np.array([[0.0, 0, 2, 2]])},
    ]
    table = match_boxes(units, threshold=0.5, clusters=["p", "q"])
    assert (table.first, table.second, table.unit.tolist()) == (("ada", "ada"), ("ben", "ben"), [0, 1])
    assert box_iou(table).value == 0.75
    assert box_giou(table).value == 0.75
    assert match_boxes(units, threshold=0.6).unit.tolist() == [1]
    alone = box_iou(match_boxes([{"ada": units[0]["ada"]}], threshold=0.5))
    assert (alone.value, alone.undefined) == (None, "no_overlap")


def test_no_boxes():
    assert iou_table(np.zeros((0, 4)), np.array([[0.0, 0, 1, 1]])).shape == (0, 1)


@pytest.mark.parametrize("box", [[0, 0, -1, 1], [0, 0, np.nan, 1], [0, 0, 1]])
def test_what_is_no_box_is_refused(box):
    boxes = np.array([box], dtype=float)
    with pytest.raises(ReadingError):
        BoxTable(n_units=1, unit=[0], first=("ada",), second=("ben",), box_first=boxes, box_second=boxes)
