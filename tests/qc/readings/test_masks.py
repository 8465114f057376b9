import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.readings.base import ReadingError
from qc.readings.masks import _CHUNK, pair_counts, pattern_counts, union_box


def random_masks(n_readers, shape, seed=0, density=0.3):
    generator = np.random.Generator(np.random.PCG64(seed))
    return {f"r{number:02}": generator.random(shape) < density for number in range(n_readers)}


@pytest.mark.parametrize("n_readers", [1, 2, 5, 8, 9, 16, 17, 33, 64])
@pytest.mark.parametrize("shape", [(3, 5, 7), (2, 4, 8)])
def test_codes_look_the_decisions_up(n_readers, shape):
    masks = random_masks(n_readers, shape)
    found = pattern_counts(masks)
    stacked = np.stack([masks[name] for name in sorted(masks)], axis=-1)
    assert np.array_equal(found.patterns[found.codes], stacked)
    assert np.array_equal(np.bincount(found.codes.ravel(), minlength=len(found.counts)), found.counts)
    assert not found.patterns[0].any()


@pytest.mark.parametrize(("n_readers", "dtype"), [(8, np.uint8), (16, np.uint16), (17, np.uint32)])
def test_codes_take_the_smallest_type(n_readers, dtype):
    assert pattern_counts(random_masks(n_readers, (2, 2, 2))).codes.dtype == dtype


@pytest.mark.parametrize("n_readers", [2, 17])
def test_more_voxels_than_one_chunk_and_a_ragged_end(n_readers):
    masks = random_masks(n_readers, (1, 3, _CHUNK // 2 + 5), density=0.01)
    masks["r00"][:] = False
    found = pattern_counts(masks)
    assert found.counts.sum() == masks["r00"].size
    sizes = {name: int(mask.sum()) for name, mask in masks.items()}
    columns = dict(zip(sorted(masks), (found.counts @ found.patterns).tolist(), strict=True))
    assert columns == sizes


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 6), st.integers(0, 1000))
def test_pair_counts_equal_direct_counting(n_readers, seed):
    masks = random_masks(n_readers, (2, 3, 5), seed)
    for pair in pair_counts(masks):
        first, second = masks[pair.first], masks[pair.second]
        assert pair.first < pair.second
        assert pair.size_first == first.sum()
        assert pair.size_second == second.sum()
        assert pair.intersection == (first & second).sum()
    assert len(pair_counts(masks)) == n_readers * (n_readers - 1) // 2


def test_pair_counts_of_many_readers_and_of_one():
    masks = random_masks(20, (4, 4, 4))
    assert all(pair.intersection == (masks[pair.first] & masks[pair.second]).sum() for pair in pair_counts(masks))
    assert pair_counts({"ada": masks["r00"]}) == ()


def test_order_of_readers_and_memory_layout_never_matter():
    masks = random_masks(3, (3, 4, 5))
    turned = {name: np.asfortranarray(masks[name]) for name in reversed(masks)}
    assert pair_counts(turned) == pair_counts(masks)
    assert np.array_equal(pattern_counts(turned).codes, pattern_counts(masks).codes)


def test_union_box_is_tight():
    first, second = np.zeros((2, 6, 7, 8), dtype=bool)
    first[2, 3, 4] = True
    second[4, 1, 6] = True
    box = union_box({"ada": first, "ben": second, "cho": np.zeros_like(first)})
    assert box == (slice(2, 5), slice(1, 4), slice(4, 7))
    assert union_box({"ada": np.zeros((2, 2), dtype=bool)}) is None


@pytest.mark.parametrize(
    ("masks", "code"),
    [
        ({}, "no-masks"),
        ({"a": np.zeros((2, 2), bool), "b": np.zeros((2, 3), bool)}, "shape-differs"),
        ({"a": np.zeros((2, 2), np.uint8)}, "not-boolean"),
        ({f"r{i}": np.zeros(1, bool) for i in range(65)}, "too-many-readers"),
    ],
)
def test_refusals(masks, code):
    with pytest.raises(ReadingError) as refusal:
        pattern_counts(masks)
    assert refusal.value.code == code


def test_masks_are_left_alone():
    masks = random_masks(9, (2, 2, 4))
    before = {name: mask.copy() for name, mask in masks.items()}
    pattern_counts(masks)
    pair_counts(masks)
    assert all(np.array_equal(masks[name], before[name]) for name in masks)
