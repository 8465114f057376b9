"""Runs, boxes of runs and packed bits against plain voxels."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from annotations.labels import _runs as codec
from qc.readings import packed, runs
from qc.readings.base import ReadingError
from qc.readings.masks import pair_counts
from qc.readings.packed import PackedMask, choose, pair_intersections, subset_counts
from qc.readings.run_boxes import bounds, crop, embed
from qc.readings.runs import Runs, count_segments, decisions_of, is_ragged, paint, select, sweep

LAYOUTS = (Runs.from_mask, PackedMask.from_mask)
SHAPES = array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=7)
MASKS = SHAPES.flatmap(lambda shape: arrays(bool, shape))
PANELS = st.tuples(SHAPES, st.integers(1, 6)).flatmap(
    lambda one: st.lists(arrays(bool, one[0]), min_size=one[1], max_size=one[1])
)


def some_box(data, shape: tuple[int, ...]) -> tuple[slice, ...]:
    starts = [data.draw(st.integers(0, length - 1)) for length in shape]
    return tuple(
        slice(first, data.draw(st.integers(first + 1, length))) for first, length in zip(starts, shape, strict=True)
    )


def codes_of(masks: list[np.ndarray]) -> np.ndarray:
    return sum(mask.astype(int) << reader for reader, mask in enumerate(masks))


@settings(max_examples=60, deadline=None)
@given(MASKS)
def test_there_and_back(mask):
    kept = Runs.from_mask(mask)
    assert (kept.mask() == mask).all()
    assert kept.marked == mask.sum()
    assert (np.diff(kept.edges) > 0).all()
    assert (PackedMask.from_mask(mask).mask() == mask).all()


@settings(max_examples=60, deadline=None)
@given(MASKS)
def test_the_text_that_is_stored_is_read_without_voxels(mask):
    text = codec.encode(mask)
    kept = Runs.from_lengths(codec.unpack(text, mask.size), mask.shape)
    assert (kept.mask() == mask).all()
    assert codec.pack(kept.lengths()) == text


@settings(max_examples=80, deadline=None)
@given(MASKS, st.data())
def test_boxes_without_voxels(mask, data):
    kept = Runs.from_mask(mask)
    marked = np.nonzero(mask)
    tight = tuple(slice(int(axis.min()), int(axis.max()) + 1) for axis in marked) if mask.any() else None
    assert bounds(kept) == tight
    box = some_box(data, mask.shape)
    part = crop(kept, box)
    assert (part.mask() == mask[box]).all()
    assert (np.diff(part.edges) > 0).all()
    whole = np.zeros_like(mask)
    whole[box] = mask[box]
    back = embed(part, mask.shape, [side.start for side in box])
    assert (back.mask() == whole).all()
    assert (np.diff(back.edges) > 0).all()


@settings(max_examples=80, deadline=None)
@given(PANELS, st.data())
def test_the_sweep_counts_as_a_voxel_loop_does(masks, data):
    shape, codes = masks[0].shape, codes_of(masks)
    segments = sweep([Runs.from_mask(mask) for mask in masks])
    found = count_segments(segments)
    assert found.codes[0] == 0
    marked = {int(code): int(count) for code, count in zip(found.codes[1:], found.counts[1:], strict=True)}
    assert marked == {code: int((codes == code).sum()) for code in np.unique(codes[codes > 0]).tolist()}
    assert (decisions_of(found.codes[1:], len(masks)).sum(axis=1) > 0).all()
    chosen = np.array([False, *data.draw(st.lists(st.booleans(), min_size=63, max_size=63))])
    mask = select(segments, chosen[segments.codes.astype(int)], shape)
    assert (mask.mask() == chosen[codes]).all()
    box = some_box(data, shape)
    assert (paint(segments, np.append(np.uint64(0), segments.codes), box, shape) == codes[box]).all()


@settings(max_examples=80, deadline=None)
@given(PANELS, st.data())
def test_bits_count_and_choose_as_a_voxel_loop_does(masks, data):
    codes, bits = codes_of(masks), [PackedMask.from_mask(mask) for mask in masks]
    assert (subset_counts(bits) == np.bincount(codes.ravel(), minlength=1 << len(masks))).all()
    size = (1 << len(masks)) - 1
    table = np.array([False, *data.draw(st.lists(st.booleans(), min_size=size, max_size=size))])
    assert (choose(bits, table).mask() == table[codes]).all()


@settings(max_examples=60, deadline=None)
@given(PANELS)
def test_pairs_are_counted_alike_in_every_layout(masks):
    named = {f"r{place}": mask for place, mask in enumerate(masks)}
    slow = [
        (a, b, int(named[a].sum()), int(named[b].sum()), int((named[a] & named[b]).sum()))
        for a, b in combinations(named, 2)
    ]
    for kept in (named, *({name: keep(mask) for name, mask in named.items()} for keep in LAYOUTS)):
        found = pair_counts(kept)
        assert [(p.first, p.second, p.size_first, p.size_second, p.intersection) for p in found] == slow


def test_smooth_runs_are_swept_for_pairs():
    masks = {f"r{place}": np.zeros((8, 64, 256), dtype=bool) for place in range(3)}
    for place, mask in enumerate(masks.values()):
        mask[2:6, 10 + place : 40, 30 : 200 + place] = True
    runs = {name: Runs.from_mask(mask) for name, mask in masks.items()}
    assert not is_ragged(list(runs.values()))
    assert pair_counts(runs) == pair_counts(masks)


@pytest.mark.parametrize("share", [0.002, 0.5])
def test_bits_of_many_chunks(share, monkeypatch):
    monkeypatch.setattr(packed, "_CHUNK", 64)
    generator = np.random.Generator(np.random.PCG64(5))
    masks = [generator.random((11, 40, 37)) < share for _ in range(4)]
    counts = subset_counts([PackedMask.from_mask(mask) for mask in masks])
    assert (counts == np.bincount(codes_of(masks).ravel(), minlength=16)).all()


def test_many_readers_have_codes_that_no_table_holds():
    generator = np.random.Generator(np.random.PCG64(6))
    masks = [generator.random((3, 5, 7)) < 0.3 for _ in range(64)]
    segments = sweep([Runs.from_mask(mask) for mask in masks])
    found = count_segments(segments)
    sizes = found.counts @ decisions_of(found.codes, 64)
    assert sizes.tolist() == [int(mask.sum()) for mask in masks]


def test_long_masks_are_read_chunk_by_chunk(monkeypatch):
    monkeypatch.setattr(runs, "_CHUNK", 8)
    generator = np.random.Generator(np.random.PCG64(7))
    mask = generator.random((5, 9)) < 0.5
    assert (Runs.from_mask(mask).mask() == mask).all()
    assert (Runs.from_mask(mask).window(7, 31) == mask.ravel()[7:31]).all()


def test_ragged_is_where_bits_would_be_smaller():
    chequered = np.indices((16, 16)).sum(axis=0) % 2 == 0
    block = np.zeros((64, 64), dtype=bool)
    block[:, :10] = True
    assert is_ragged([Runs.from_mask(chequered)])
    assert not is_ragged([Runs.from_mask(np.zeros((64, 64), dtype=bool))])
    # 64 rows with two ends each, less those that meet nothing: 128 ends × 64 voxels are more than 4,096.
    assert is_ragged([Runs.from_mask(block)])


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda: pair_counts({"a": np.zeros((2, 2), bool), "b": Runs.from_mask(np.zeros((2, 2), bool))}), "layout"),
        (lambda: pair_intersections([]), "no-masks"),
        (lambda: pair_intersections([PackedMask.from_mask(np.zeros((2, n), bool)) for n in (2, 3)]), "shape"),
        (lambda: sweep([]), "no-masks"),
        (lambda: sweep([Runs.from_mask(np.zeros((2, 2), bool)), Runs.from_mask(np.zeros((2, 3), bool))]), "shape"),
        (lambda: sweep([Runs.from_mask(np.zeros((2, 2), bool))] * 65), "too-many"),
        (lambda: sweep([Runs((1 << 30, 1 << 30), np.zeros(0, dtype=np.int64))]), "too-large"),
        (lambda: Runs.from_lengths(np.array([1, 2]), (2, 2)), "wrong-total"),
        (lambda: PackedMask.from_bytes(np.zeros(2, np.uint8), (2, 2)), "wrong-total"),
    ],
)
def test_what_is_refused(work, code):
    with pytest.raises(ReadingError) as refused:
        work()
    assert refused.value.code.startswith(code)
