"""Distances of mask borders against a slow, independent way, and what may not change them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_erosion, distance_transform_edt, generate_binary_structure

from qc.agreement._mask_pair import compare_masks
from qc.agreement._surface import border_of, nearest_mm, neighbourhood
from qc.registry import STATISTICS

MEASURES = {name: spec.pair for name, spec in STATISTICS.items() if spec.pair is not None}
SPACINGS = [0.3, 0.5, 1.0, 2.5, 7.0, 40.0]
quick = settings(max_examples=25, deadline=None)


def slow_border(mask):
    return mask & ~binary_erosion(mask, generate_binary_structure(mask.ndim, 1), border_value=0)


def slow_distances(first, second, spacing):
    return distance_transform_edt(~slow_border(second), sampling=spacing)[slow_border(first)]


@st.composite
def pairs(draw, axes=None, empty=False):
    """Return two masks, often touching the edge of the grid, and a spacing that may be far from cubic."""
    shape = draw(st.lists(st.integers(2, 9), min_size=axes or 1, max_size=axes or 3))
    generator = np.random.Generator(np.random.PCG64(draw(st.integers(0, 10**6))))
    masks = [generator.random(shape) < draw(st.sampled_from([0.05, 0.4, 0.95])) for _ in range(2)]
    for mask in masks:
        if not mask.any() and not empty:
            mask.flat[int(generator.integers(mask.size))] = True
    return masks[0], masks[1], tuple(draw(st.sampled_from(SPACINGS)) for _ in shape)


def measured(first, second, spacing, image_shape=None, tolerance=1.0):
    masks = {"a": first, "b": second}
    (pair,) = compare_masks(masks, spacing_mm=spacing, tolerance_mm=tolerance, image_shape=image_shape)
    return {name: function(pair) for name, function in MEASURES.items()}


def close(values, **options):
    return {
        name: value if value is None else pytest.approx(value, abs=1e-9, **options) for name, value in values.items()
    }


@quick
@given(pairs())
def test_distances_are_those_of_the_distance_transform(drawn):
    first, second, spacing = drawn
    start, goal = border_of(first, spacing), border_of(second, spacing)
    np.testing.assert_allclose(nearest_mm(start, goal), slow_distances(first, second, spacing), rtol=0, atol=1e-9)


def test_far_borders_ask_the_tree_and_near_ones_the_grid():
    mask = np.zeros((6, 90, 90), dtype=bool)
    mask[2:4, 3:60, 3:60] = True
    moved = np.zeros_like(mask)
    moved[2:5, 30:88, 5:61] = True
    spacing = (3.0, 0.7, 0.7)
    start, goal = border_of(mask, spacing), border_of(moved, spacing)
    found = nearest_mm(start, goal)
    assert found.max() > neighbourhood(spacing).lengths_mm[-1] > found.min()
    np.testing.assert_allclose(found, slow_distances(mask, moved, spacing), rtol=0, atol=1e-9)
    assert "tree" in vars(goal)


@pytest.mark.parametrize("spacing", [(1.0,), (1.0, 1.0), (5.0, 0.5, 0.5), (0.1, 100.0), (1e-3, 1.0, 1.0)])
def test_no_neighbour_within_the_longest_step_is_missing(spacing):
    around = neighbourhood(spacing)
    longest = around.lengths_mm[-1]
    reach = [int(longest / step) for step in spacing]
    axes = np.meshgrid(*(np.arange(-size, size + 1) * step for size, step in zip(reach, spacing, strict=True)))
    assert len(around.steps) == int((np.sqrt(sum(axis**2 for axis in axes)) <= longest + 1e-12).sum())
    assert (np.diff(around.lengths_mm) >= 0).all()
    assert not around.steps[0].any()


@quick
@given(pairs())
def test_exchanged_readers_measure_the_same(drawn):
    first, second, spacing = drawn
    assert measured(first, second, spacing) == close(measured(second, first, spacing))


@quick
@given(pairs(), st.sampled_from([0.5, 2.0, 10.0]))
def test_distances_grow_with_the_spacing(drawn, factor):
    first, second, spacing = drawn
    wide = tuple(factor * step for step in spacing)
    before, after = measured(first, second, spacing), measured(first, second, wide, tolerance=factor)
    for name in ("hausdorff", "hd95", "assd", "centre_distance"):
        assert after[name] == pytest.approx(factor * before[name], abs=1e-9)
    assert after["surface_dice"] == before["surface_dice"]
    if before["volume_difference"] is not None:
        assert after["volume_difference"] == pytest.approx(factor**3 * before["volume_difference"])


@quick
@given(pairs(), st.data())
def test_mirrored_and_turned_images_measure_the_same(drawn, data):
    first, second, spacing = drawn
    axes = data.draw(st.permutations(range(first.ndim)))
    mirrored = data.draw(st.integers(0, first.ndim - 1))
    turned = [np.flip(mask, mirrored).transpose(axes) for mask in (first, second)]
    after = measured(*turned, tuple(spacing[axis] for axis in axes))
    assert after == close(measured(first, second, spacing))


@quick
@given(pairs(), st.integers(1, 6))
def test_what_lies_around_the_marks_never_matters(drawn, margin):
    first, second, spacing = drawn
    wide = [np.pad(mask, margin) for mask in (first, second)]
    # The band of the boundary IoU is as wide as the image says, so the image is named.
    cut = measured(first, second, spacing, image_shape=wide[0].shape)
    assert measured(*wide, spacing) == close(cut)


@quick
@given(pairs(empty=True))
def test_bounds_and_equal_masks(drawn):
    first, second, spacing = drawn
    values = measured(first, second, spacing)
    assert not any(value is not None and math.isnan(value) for value in values.values())
    assert 0 <= values["assd"] <= values["hausdorff"]
    assert values["hd95"] <= values["hausdorff"]
    assert 0 <= values["surface_dice"] <= 1
    same = measured(first, first, spacing)
    assert all(same[name] == 0 for name in ("hausdorff", "hd95", "assd", "centre_distance"))
    assert same["surface_dice"] == 1
    assert same["boundary_iou"] == (1 if first.ndim == 2 else None)
