"""Outlines of masks, painted again."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotations.labels._raster import rasterise
from annotations.labels._rings import check_simple
from qc.consensus._contours import polygon_of

PLANES = st.tuples(st.integers(1, 2), st.integers(1, 11), st.integers(1, 11)).flatmap(lambda s: arrays(bool, s))


@settings(max_examples=150, deadline=None)
@given(PLANES)
def test_painting_gives_the_voxels_back(mask):
    polygon = polygon_of(mask, (2, 3, 4))
    if not mask.any():
        assert polygon is None
        return
    z, y, x = mask.shape
    assert (rasterise(polygon, (2, 2 + z, 3, 3 + y, 4, 4 + x)) == mask).all()
    for ring in polygon.rings:
        check_simple(ring.points, "/rings")


def test_islands_in_holes():
    rows, columns = np.ogrid[:41, :41]
    radius = np.maximum(np.abs(rows - 20), np.abs(columns - 20))
    mask = (radius % 4 < 2)[None]
    polygon = polygon_of(mask)
    assert (rasterise(polygon, mask.shape) == mask).all()
    assert any(ring.hole for ring in polygon.rings) or len(polygon.rings) > 6


def test_a_square_is_four_half_corners():
    mask = np.zeros((1, 5, 5), dtype=bool)
    mask[0, 1:4, 1:4] = True
    (ring,) = polygon_of(mask).rings
    assert (ring.slice, ring.hole, len(ring.points)) == (0, False, 8)
    assert {x for x, _ in ring.points} == {1.0, 1.5, 3.5, 4.0}


def test_a_ring_has_a_hole():
    mask = np.ones((1, 5, 5), dtype=bool)
    mask[0, 2, 2] = False
    assert sorted(ring.hole for ring in polygon_of(mask).rings) == [False, True]
