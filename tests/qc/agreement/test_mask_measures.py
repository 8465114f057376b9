"""Measures of two masks on shapes small enough to be measured by hand."""

import math

import numpy as np
import pytest

from qc.agreement._mask_pair import compare_masks
from qc.agreement.assd import pair_assd
from qc.agreement.boundary_iou import pair_boundary_iou
from qc.agreement.centre_distance import pair_centre_distance
from qc.agreement.hausdorff import pair_hausdorff
from qc.agreement.hd95 import pair_hd95
from qc.agreement.surface_dice import pair_surface_dice
from qc.agreement.volume_difference import pair_volume_difference
from qc.readings.base import ReadingError
from qc.registry import STATISTICS


def block(shape, *spans):
    mask = np.zeros(shape, dtype=bool)
    mask[tuple(slice(*span) for span in spans)] = True
    return mask


def pair_of(first, second, spacing=None, tolerance=None, image_shape=None):
    masks = {"ada": first, "ben": second}
    (pair,) = compare_masks(masks, spacing_mm=spacing, tolerance_mm=tolerance, image_shape=image_shape)
    return pair


# A square of 4 × 4 pixels and the same square one column on, pixels 2 mm high and 0.5 mm wide.
SQUARE, MOVED = block((8, 9), (2, 6), (2, 6)), block((8, 9), (2, 6), (3, 7))


def test_a_square_moved_by_one_column():
    pair = pair_of(SQUARE, MOVED, (2.0, 0.5), 0.4)
    # Of the 12 border pixels of either, the 2 in the middle of the outer and the 2 of the inner column are off.
    assert sorted(pair.there.tolist()) == [0.0] * 6 + [0.5] * 6
    assert (pair_hausdorff(pair), pair_hd95(pair), pair_assd(pair)) == (0.5, 0.5, 0.25)
    assert pair_surface_dice(pair) == 0.5
    assert pair_centre_distance(pair) == 0.5
    assert pair_volume_difference(pair) is None
    assert pair_surface_dice(pair_of(SQUARE, MOVED, (2.0, 0.5), 0.5)) == 1


def test_hd95_is_linear_between_ranks():
    line = block((1, 1, 60), (0, 1), (0, 1), (0, 11))
    point = block((1, 1, 60), (0, 1), (0, 1), (0, 1))
    pair = pair_of(line, point, (1.0, 1.0, 2.0))
    # Distances 0, 2 … 20 mm: rank 9.5 of 10.
    assert pair_hd95(pair) == 19.0
    assert pair_hd95(pair) == np.percentile(pair.there, 95)


def test_a_stray_voxel_moves_the_greatest_distance_only():
    organ = block((20, 20, 20), (4, 16), (4, 16), (4, 16))
    stray = organ.copy()
    stray[0, 0, 0] = True
    pair = pair_of(organ, stray, (1.0, 1.0, 1.0))
    assert pair_hausdorff(pair) == pytest.approx(math.sqrt(48))
    assert pair_hd95(pair) == 0


def test_a_mask_has_a_border_at_the_edge_of_the_image():
    whole = np.ones((3, 5, 5), dtype=bool)
    pair = pair_of(whole, whole, (1, 1, 1))
    assert len(pair.there) == 75 - 9


def test_an_image_of_one_slice_is_flat():
    flat = [mask[None] for mask in (SQUARE, MOVED)]
    pair = pair_of(*flat, (9.0, 2.0, 0.5), 0.4)
    assert len(pair.there) == 12
    assert pair_assd(pair) == 0.25
    assert pair_boundary_iou(pair) is not None
    # The same outline on one slice of a volume is a sheet: all of it is border.
    volume = [np.concatenate([mask, np.zeros_like(mask)]) for mask in flat]
    assert len(pair_of(*volume, (9.0, 2.0, 0.5)).there) == 16
    assert pair_boundary_iou(pair_of(*volume, (9.0, 2.0, 0.5))) is None


def test_volumes_and_centres():
    first, second = block((9, 9, 9), (0, 2), (0, 4), (0, 4)), block((9, 9, 9), (4, 6), (0, 4), (0, 2))
    pair = pair_of(first, second, (5.0, 2.0, 1.0))
    assert pair_volume_difference(pair) == pytest.approx(16 * 10 / 1000)
    assert pair_centre_distance(pair) == pytest.approx(math.hypot(20.0, 1.0))


def test_the_band_of_a_boundary_is_two_percent_of_the_diagonal():
    big, small = block((30, 40), (5, 25), (5, 35)), block((30, 40), (6, 24), (6, 34))
    # Diagonal 50: one pixel. The bands are the two rings, which share nothing.
    assert pair_boundary_iou(pair_of(big, small)) == 0
    # In an image ten times larger the band is ten pixels wide and holds all but a rest of each.
    wide = pair_of(big, small, image_shape=(300, 400))
    assert pair_boundary_iou(wide) == pytest.approx((18 * 28 - 10 * 0) / (20 * 30 - 0 * 10))


@pytest.mark.parametrize("empty", ["first", "second", "both"])
def test_empty_masks(empty):
    nothing, something = np.zeros((5, 5), dtype=bool), block((5, 5), (1, 3), (1, 3))
    sides = {"first": (nothing, something), "second": (something, nothing), "both": (nothing, nothing)}[empty]
    pair = pair_of(*sides, (1, 1), 1.0)
    far = 0.0 if empty == "both" else math.inf
    assert pair.flag == ("both_empty" if empty == "both" else "one_empty")
    assert pair.is_marked == (empty != "both")
    assert {f(pair) for f in (pair_hausdorff, pair_hd95, pair_assd, pair_centre_distance)} == {far}
    assert {f(pair) for f in (pair_surface_dice, pair_boundary_iou)} == {float(empty == "both")}


def test_without_spacing_nothing_is_measured_in_voxels():
    pair = pair_of(SQUARE, MOVED, None, 1.0)
    in_mm = {name: spec.pair(pair) for name, spec in STATISTICS.items() if spec.pair and name != "boundary_iou"}
    assert set(in_mm.values()) == {None}
    with pytest.raises(ReadingError, match="spacing"):
        _ = pair.there
    assert pair_surface_dice(pair_of(SQUARE, MOVED, (1, 1))) is None


@pytest.mark.parametrize("spacing", [(1.0,), (1.0, 0.0), (1.0, math.nan), (-1.0, 1.0), (1.0, math.inf)])
def test_a_spacing_that_is_none_is_refused(spacing):
    with pytest.raises(ReadingError) as refused:
        pair_of(SQUARE, MOVED, spacing)
    assert refused.value.code == "bad-spacing"


@pytest.mark.parametrize("tolerance", [-1.0, math.nan, math.inf])
def test_a_tolerance_that_is_none_is_refused(tolerance):
    with pytest.raises(ReadingError) as refused:
        pair_of(SQUARE, MOVED, (1.0, 1.0), tolerance)
    assert refused.value.code == "bad-tolerance"


def test_masks_stay_as_they_were():
    first, second = SQUARE.copy(), MOVED.copy()
    pair = pair_of(first, second, (1.0, 1.0), 1.0)
    for spec in STATISTICS.values():
        if spec.pair:
            spec.pair(pair)
    assert (first == SQUARE).all()
    assert (second == MOVED).all()
