"""Voxel majority, and the half-way border of two."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import distance_transform_edt

from qc.consensus.base import DEGENERATE, INSUFFICIENT, NO_MAJORITY, SETTLED, TIE
from qc.consensus.majority_mask import majority_mask, vote_counts

SHAPE = (3, 8, 8)
MM = (2.0, 0.5, 0.5)


def box(z: slice, y: slice, x: slice, shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    mask[z, y, x] = True
    return mask


EMPTY = np.zeros(SHAPE, dtype=bool)
ALL = slice(None)


def test_three_raters_settle_voxel_by_voxel():
    masks = {"a": box(ALL, ALL, slice(0, 4)), "b": box(ALL, ALL, slice(2, 6)), "c": box(ALL, ALL, slice(3, 8))}
    result = majority_mask(masks, spacing_mm=MM)
    assert result.outcome == SETTLED
    assert (result.value == box(ALL, ALL, slice(2, 6))).all()
    # Columns 2, 4 and 5 have two votes of three, column 3 has all.
    assert result.support == pytest.approx((2 + 3 + 2 + 2) / 12)
    assert result.details["undecided_voxels"] == 0
    assert result.details["disputed_voxels"] == 7 * 24
    # Column 3 parts the dispute in two.
    assert result.details["disputed_components"] == 2
    assert result.details["volume_voxels"] == {"a": 96, "b": 96, "c": 120}
    assert result.details["volume_mm3"] == {"a": 48.0, "b": 48.0, "c": 60.0}


def test_half_of_four_is_undecided_and_outside():
    masks = {
        "a": box(ALL, ALL, slice(0, 4)),
        "b": box(ALL, ALL, slice(0, 4)),
        "c": box(ALL, ALL, slice(0, 3)),
        "d": box(ALL, ALL, slice(0, 3)),
    }
    result = majority_mask(masks)
    assert (result.value == box(ALL, ALL, slice(0, 3))).all()
    assert result.details["undecided_voxels"] == 24
    assert "volume_mm3" not in result.details


def test_half_of_four_marking_something_is_a_tie():
    marked = box(ALL, slice(2, 5), slice(2, 5))
    result = majority_mask({"a": marked, "b": marked, "c": EMPTY, "d": EMPTY})
    assert (result.outcome, result.value, result.support) == (TIE, None, None)
    assert result.details["reason"] == "half_undecided"
    assert result.details["undecided_voxels"] == 27


def test_most_mark_nothing():
    result = majority_mask({"a": box(ALL, ALL, slice(0, 2)), "b": EMPTY, "c": EMPTY})
    assert result.outcome == SETTLED
    assert not result.value.any()
    assert result.support == pytest.approx(2 / 3)


def test_three_disjoint_masks_have_no_majority():
    result = majority_mask({name: box(ALL, ALL, slice(x, x + 2)) for name, x in (("a", 0), ("b", 3), ("c", 6))})
    assert (result.outcome, result.value) == (NO_MAJORITY, None)
    assert result.details["reason"] == "nothing_shared"


def test_two_meet_half_way_in_millimetres():
    """Two walls four columns apart: the border lies in the middle, and both intersection and union lose."""
    first, second = box(ALL, ALL, slice(0, 2), (1, 8, 12)), box(ALL, ALL, slice(0, 6), (1, 8, 12))
    result = majority_mask({"a": first, "b": second}, spacing_mm=MM)
    assert result.outcome == SETTLED
    assert (result.value == box(ALL, ALL, slice(0, 4), (1, 8, 12))).all()
    assert result.details["rule"] == "mean_signed_distance"
    assert result.details["undecided_voxels"] == 0
    swapped = majority_mask({"a": second, "b": first}, spacing_mm=MM)
    assert (swapped.value == result.value).all()


def test_the_zero_level_is_undecided():
    first, second = box(ALL, ALL, slice(0, 2), (1, 8, 12)), box(ALL, ALL, slice(0, 5), (1, 8, 12))
    result = majority_mask({"a": first, "b": second}, spacing_mm=MM)
    assert (result.value == box(ALL, ALL, slice(0, 3), (1, 8, 12))).all()
    assert result.details["undecided_voxels"] == 8


def test_distances_are_millimetres_not_voxels():
    """Where a slice is thick, the slice away costs more than the columns away."""
    first = box(slice(1, 2), slice(3, 4), slice(0, 16), (3, 8, 16))
    second = box(slice(1, 2), slice(3, 6), slice(0, 16), (3, 8, 16))
    thick = majority_mask({"a": first, "b": second}, spacing_mm=(10.0, 1.0, 1.0))
    thin = majority_mask({"a": first, "b": second}, spacing_mm=(0.1, 1.0, 1.0))
    assert not (thick.value == thin.value).all()


def test_cropping_leaves_the_distance_unchanged():
    generator = np.random.Generator(np.random.PCG64(5))
    small = {name: np.pad(generator.random((4, 9, 9)) < 0.6, 1) for name in "ab"}
    wide = {name: np.pad(mask, 12) for name, mask in small.items()}
    distance = np.zeros(wide["a"].shape)
    for mask in wide.values():
        distance += distance_transform_edt(~mask, sampling=MM) - distance_transform_edt(mask, sampling=MM)
    for masks, cut in ((wide, slice(None)), (small, slice(12, -12))):
        result = majority_mask(masks, spacing_mm=MM)
        assert (result.value == (distance < 0)[cut, cut, cut]).all()
        assert result.details["undecided_voxels"] == (distance == 0).sum()


def test_two_without_spacing_are_never_measured_in_voxels():
    result = majority_mask({"a": box(ALL, ALL, slice(0, 4)), "b": box(ALL, ALL, slice(0, 5))})
    assert (result.outcome, result.value) == (INSUFFICIENT, None)
    assert result.details["reason"] == "no_spacing"


def test_two_equal_masks_need_no_spacing():
    mask = box(ALL, slice(1, 4), slice(2, 6))
    result = majority_mask({"a": mask, "b": mask.copy()})
    assert result.outcome == SETTLED
    assert (result.value == mask).all()
    assert result.support == 1.0


@pytest.mark.parametrize(
    ("second", "outcome", "reason"),
    [
        (EMPTY, TIE, "one_empty"),
        (np.ones(SHAPE, dtype=bool), DEGENERATE, "no_background"),
        (box(slice(0, 1), slice(7, 8), slice(7, 8)), NO_MAJORITY, "nothing_shared"),
    ],
)
def test_two_that_cannot_meet(second, outcome, reason):
    first = box(slice(0, 1), slice(0, 1), slice(0, 1))
    result = majority_mask({"a": first, "b": second}, spacing_mm=MM)
    assert (result.outcome, result.value, result.details["reason"]) == (outcome, None, reason)


@pytest.mark.parametrize("n_raters", [2, 3, 4])
def test_all_empty_is_unanimous(n_raters):
    result = majority_mask({str(number): EMPTY for number in range(n_raters)}, spacing_mm=MM)
    assert (result.outcome, result.support) == (SETTLED, 1.0)
    assert result.value.shape == SHAPE
    assert not result.value.any()


@pytest.mark.parametrize("masks", [{}, {"a": box(ALL, ALL, ALL)}])
def test_too_few(masks):
    result = majority_mask(masks)
    assert (result.outcome, result.details) == (INSUFFICIENT, {"reason": "too_few"})


@pytest.mark.parametrize("spacing", [(0.0, 1.0, 1.0), (1.0, 1.0), (1.0, float("nan"), 1.0)])
def test_spacing_is_checked(spacing):
    with pytest.raises(ValueError, match="Spacing"):
        majority_mask({"a": EMPTY, "b": EMPTY}, spacing_mm=spacing)


def test_components_touch_over_corners_and_small_ones_do_not_count():
    base = box(slice(0, 1), slice(0, 2), slice(0, 2))
    extra = base.copy()
    for step in range(3, 8):
        extra[1, step, step] = True
    extra[2, 0, 5] = True
    masks = {"a": base, "b": base, "c": extra}
    assert majority_mask(masks).details["disputed_components"] == 1
    assert majority_mask(masks, least_component=1).details["disputed_components"] == 2
    assert majority_mask(masks, least_component=6).details["disputed_components"] == 0


MASKS = st.lists(arrays(np.bool_, (2, 3, 4)), min_size=3, max_size=7)


@settings(max_examples=40)
@given(MASKS)
def test_the_value_is_the_plain_count(masks):
    named = {f"r{number}": mask for number, mask in enumerate(masks)}
    copies = [mask.copy() for mask in masks]
    counts = np.sum(masks, axis=0)
    result = majority_mask(named)
    if result.outcome == SETTLED:
        assert (result.value == (2 * counts > len(masks))).all()
    else:
        assert not (2 * counts > len(masks)).any()
    assert result.details["undecided_voxels"] == (2 * counts == len(masks)).sum() * bool(counts.any())
    assert (vote_counts(named) == counts).all()
    assert all((mask == copy).all() for mask, copy in zip(masks, copies, strict=True))


@settings(max_examples=25)
@given(arrays(np.bool_, (2, 5, 5)), arrays(np.bool_, (2, 5, 5)))
def test_two_readers_are_equal(first, second):
    one = majority_mask({"a": first, "b": second}, spacing_mm=MM)
    other = majority_mask({"a": second, "b": first}, spacing_mm=MM)
    assert one.outcome == other.outcome
    if one.value is not None:
        assert (one.value == other.value).all()
        # What both marked is inside; what a mean distance adds never reaches beyond both on its own.
        assert not (first & second & ~one.value).any()
