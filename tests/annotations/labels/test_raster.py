import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.labels import _raster
from annotations.labels._raster import OUTLINE_EXCLUDED, PIXEL_CENTRE, rasterise
from annotations.labels._rings import Ring
from annotations.labels.base import LabelError
from annotations.labels.polygon import Polygon

SQUARE = ((1.0, 1.0), (4.0, 1.0), (4.0, 4.0), (1.0, 4.0))


def polygon(*points: tuple[float, float], rule: str = PIXEL_CENTRE) -> Polygon:
    return Polygon(rule, (Ring(0, False, tuple(points)),))


def slow(points, height, width, *, centre, strict):
    """Even-odd by one ray a pixel, in the plainest words."""
    shift = 0.5 if centre else 0.0
    mask = np.zeros((height, width), dtype=bool)
    for row in range(height):
        for column in range(width):
            x, y, inside, touched = column + shift, row + shift, False, False
            for (ax, ay), (bx, by) in zip(points, (*points[1:], points[0]), strict=True):
                cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
                within = min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)
                touched |= cross == 0 and within
                if (ay <= y) != (by <= y):
                    inside ^= (cross <= 0) if ay < by else (cross >= 0)
            mask[row, column] = inside and not (strict and touched)
    return mask


def test_published_convention_of_the_rectangle():
    # B_rasterise_convention: COCO and the exact area 24; scikit-image and OpenCV on raw vertices 35.
    assert rasterise(polygon((2, 2), (8, 2), (8, 6), (2, 6)), (1, 10, 12)).sum() == 24


def test_outline_excluded_leaves_the_traced_pixels_out():
    # The same vertices as pixel centres: 7 × 5 pixels with the outline, 5 × 3 within it.
    mask = rasterise(polygon((2, 2), (8, 2), (8, 6), (2, 6), rule=OUTLINE_EXCLUDED), (1, 10, 12))
    assert mask.sum() == 15
    assert mask[0, 3:6, 3:8].all()


def test_shapes_that_share_an_edge_share_no_pixel():
    left = polygon((0.5, 0.5), (3.5, 0.5), (2.5, 5.5), (0.5, 5.5))
    right = polygon((3.5, 0.5), (6.5, 0.5), (6.5, 5.5), (2.5, 5.5))
    both = rasterise(left, (1, 6, 7)).astype(int) + rasterise(right, (1, 6, 7))
    assert both.max() == 1
    assert both.sum() == rasterise(polygon((0.5, 0.5), (6.5, 0.5), (6.5, 5.5), (0.5, 5.5)), (1, 6, 7)).sum()


def test_a_hole_is_taken_away_whatever_the_order():
    outer = Ring(0, False, ((0.0, 0.0), (8.0, 0.0), (8.0, 8.0), (0.0, 8.0)))
    hole = Ring(0, True, ((2.0, 2.0), (5.0, 2.0), (5.0, 5.0), (2.0, 5.0)))
    masks = [rasterise(Polygon(PIXEL_CENTRE, rings), (1, 8, 8)) for rings in ((outer, hole), (hole, outer))]
    assert masks[0].sum() == 64 - 9
    assert np.array_equal(*masks)


def test_a_hole_takes_its_outline_with_it_where_outlines_are_excluded():
    outer = Ring(0, False, ((0.0, 0.0), (8.0, 0.0), (8.0, 8.0), (0.0, 8.0)))
    hole = Ring(0, True, ((2.0, 2.0), (5.0, 2.0), (5.0, 5.0), (2.0, 5.0)))
    assert rasterise(Polygon(OUTLINE_EXCLUDED, (outer, hole)), (1, 9, 9)).sum() == 49 - 16


def test_rings_of_one_slice_are_joined_and_slices_kept_apart():
    rings = (Ring(2, False, SQUARE), Ring(2, False, ((6.0, 1.0), (8.0, 1.0), (8.0, 2.0), (6.0, 2.0))))
    mask = rasterise(Polygon(PIXEL_CENTRE, (*rings, Ring(4, False, SQUARE))), (6, 5, 9))
    assert mask.sum(axis=(1, 2)).tolist() == [0, 0, 9 + 2, 0, 9, 0]


def test_a_box_is_a_window_on_the_whole():
    shape = polygon((1.2, 0.4), (9.7, 3.1), (5.0, 8.8), (2.2, 7.7))
    whole = rasterise(shape, (1, 10, 10))
    assert np.array_equal(rasterise(shape, (0, 1, 2, 7, 3, 6)), whole[:, 2:7, 3:6])
    z0, z1, y0, y1, x0, x1 = shape.bounds()
    assert rasterise(shape, shape.bounds()).sum() == whole.sum() > 0
    assert whole[z0:z1, y0:y1, x0:x1].sum() == whole.sum()
    beyond = rasterise(shape, (-1, 2, -3, 14, -2, 15))
    assert np.array_equal(beyond[1:2, 3:13, 2:12], whole)
    assert beyond.sum() == whole.sum()
    assert not rasterise(shape, (0, 1, 20, 25, 20, 25)).any()
    assert rasterise(shape, (3, 3, 0, 4, 0, 4)).shape == (0, 4, 4)


@pytest.mark.parametrize("within", [(2**10, 2**10, 2**11), (0, 1, 5, 4, 0, 3)])
def test_a_box_that_cannot_be_held_is_refused(within):
    with pytest.raises(LabelError):
        rasterise(polygon(*SQUARE), within)


def test_a_traced_outline_may_enclose_nothing():
    for points in ([(3.0, 3.0)], [(3.0, 3.0), (4.0, 3.0)], [(3.0, 3.0), (4.0, 3.0), (5.0, 3.0)]):
        assert not rasterise(polygon(*points, rule=OUTLINE_EXCLUDED), (1, 8, 8)).any()


ON_GRID = st.tuples(st.integers(-2, 10), st.integers(-2, 10))
ON_HALVES = st.tuples(st.integers(-4, 20), st.integers(-4, 20)).map(lambda point: (point[0] / 2, point[1] / 2))


@settings(max_examples=60)
@given(st.lists(ON_HALVES, min_size=1, max_size=7), st.sampled_from([PIXEL_CENTRE, OUTLINE_EXCLUDED]))
def test_equals_the_slow_way(points, rule):
    centre = rule == PIXEL_CENTRE
    found = rasterise(polygon(*points, rule=rule), (1, 9, 8))[0]
    assert np.array_equal(found, slow(points, 9, 8, centre=centre, strict=not centre))


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.floats(0, 12), st.floats(0, 12)), min_size=3, max_size=8),
    st.integers(0, 7),
    st.sampled_from([PIXEL_CENTRE, OUTLINE_EXCLUDED]),
)
def test_neither_direction_nor_first_point_matters(points, turn, rule):
    turned = [*points[turn % len(points) :], *points[: turn % len(points)]]
    masks = [rasterise(polygon(*some, rule=rule), (1, 13, 13)) for some in (points, turned, turned[::-1])]
    assert np.array_equal(masks[0], masks[1])
    assert np.array_equal(masks[0], masks[2])


@given(st.lists(ON_GRID, min_size=3, max_size=7))
def test_small_pieces_give_the_same(points):
    shape = polygon(*points, rule=OUTLINE_EXCLUDED)
    whole = rasterise(shape, (1, 9, 8))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_raster, "_CHUNK", 9)
        assert np.array_equal(rasterise(shape, (1, 9, 8)), whole)
