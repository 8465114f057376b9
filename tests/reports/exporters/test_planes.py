import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reports.exporters._planes import planes_of
from reports.exporters.yolo import outline_of
from tests.reports.exporters.regions import mask_of, polygon, ring

VOLUMES = arrays(bool, st.tuples(st.integers(1, 3), st.integers(1, 6), st.integers(1, 6)))


@given(VOLUMES)
def test_the_planes_of_a_mask_are_the_mask(array):
    built = np.zeros_like(array)
    for plane in planes_of(mask_of(array), array.shape):
        built[plane.slice] = plane.full(array.shape)
        assert plane.area == built[plane.slice].sum() > 0
        assert plane.pixels[0].any() and plane.pixels[-1].any()
        assert plane.pixels[:, 0].any() and plane.pixels[:, -1].any()
    assert (built == array).all()


@given(VOLUMES)
def test_an_outline_in_one_ring_covers_the_same_pixels(array):
    for plane in planes_of(mask_of(array), array.shape):
        outline = outline_of(plane)
        if outline:
            again = polygon(ring(outline, plane.slice))
            (back,) = planes_of(again, array.shape)
            assert (back.full(array.shape) == plane.full(array.shape)).all()
            assert back.rings == (outline,)


@pytest.mark.parametrize(
    ("rows", "is_one"),
    [
        (["110", "011"], True),
        (["10", "01"], False),
        (["111", "101", "111"], False),
        (["101"], False),
        (["1"], True),
    ],
)
def test_parts_corners_and_holes_are_not_one_ring(rows, is_one):
    array = np.array([[list(map(int, row)) for row in rows]], dtype=bool)
    (plane,) = planes_of(mask_of(array), array.shape)
    assert bool(outline_of(plane)) is is_one


def test_only_outlines_by_pixel_centres_without_holes_stay_outlines():
    shape = (2, 8, 10)
    hole = ring(((2, 2), (3, 2), (3, 3), (2, 3)), hole=True)
    assert len(planes_of(polygon(), shape)[0].rings) == 1
    assert planes_of(polygon(ring(), hole), shape)[0].rings == ()
    assert planes_of(polygon(rule="outline_excluded"), shape)[0].rings == ()
    both = planes_of(polygon(ring(), ring(index=1), hole), shape)
    assert [(plane.slice, len(plane.rings)) for plane in both] == [(0, 0), (1, 1)]
