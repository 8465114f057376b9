"""Repair and overlap of outlines; areas by hand (shapely's documentation of make_valid, OGC simple features)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.readings.base import ReadingError
from qc.readings.polygons import joined, line_hausdorff, polygon_dice, polygon_iou, repaired


def square(x, y, size):
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size]]


def test_a_bow_tie_keeps_both_halves():
    found = repaired([[0, 0], [2, 2], [2, 0], [0, 2]])
    assert (found.area, found.change) == (2.0, 2.0)


def test_a_hole_outside_takes_nothing_away():
    found = repaired(square(0, 0, 4), [square(3, 3, 3)])
    assert found.area == 15.0


def test_a_valid_outline_is_not_changed():
    found = repaired(square(0, 0, 10), [square(2, 2, 6)])
    assert (found.area, found.change) == (64.0, 0.0)


@given(st.integers(1, 9), st.integers(-9, 9), st.integers(1, 9))
def test_overlap_of_squares(size, shift, other):
    first, second = repaired(square(0, 0, size)), repaired(square(shift, 0, other))
    shared = max(0, min(size, shift + other) - max(0, shift)) * min(size, other)
    assert polygon_iou(first, second) == pytest.approx(shared / (size**2 + other**2 - shared))
    assert polygon_dice(second, first) == pytest.approx(2 * shared / (size**2 + other**2))


def test_parts_that_overlap_count_once():
    assert joined([repaired(square(0, 0, 2)), repaired(square(1, 0, 2))]).area == 6.0
    with pytest.raises(ReadingError):
        joined([])


@pytest.mark.parametrize(
    ("ring", "code"),
    [
        ([[0, 0], [1, 1]], "too-few-points"),
        ([[0, 0], [1, 1], [0, 0], [1, 1]], "too-few-points"),
        ([[0, 0], [1, 1], [2, 2]], "zero-area"),
        ([[0, 0], [1, np.nan], [2, 2]], "bad-point"),
        ([[0, 0, 0], [1, 1, 1], [2, 0, 2]], "bad-point"),
    ],
)
def test_what_encloses_nothing_is_refused(ring, code):
    with pytest.raises(ReadingError) as refused:
        repaired(ring)
    assert refused.value.code == code


def test_a_long_straight_piece_is_not_missed():
    first, second = np.array([[0.0, 0], [10, 0]]), np.array([[0.0, 0], [5, 4], [10, 0]])
    assert line_hausdorff(first, second) == pytest.approx(4.0, abs=0.05)
    with pytest.raises(ReadingError):
        line_hausdorff(first, second, step=0.0)
