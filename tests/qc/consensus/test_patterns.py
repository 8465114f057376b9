"""Pattern codes against the plainest way to count."""

from collections import Counter

import numpy as np
import pytest

from qc.consensus._frame import grow, size
from qc.consensus._layout import union_box
from qc.consensus._patterns import patterns_of


def random_masks(n_raters: int, shape: tuple[int, ...], seed: int, share: float = 0.2) -> dict[str, np.ndarray]:
    generator = np.random.Generator(np.random.PCG64(seed))
    return {f"r{number:02}": generator.random(shape) < share for number in range(n_raters)}


@pytest.mark.parametrize(
    ("n_raters", "shape"), [(1, (5, 6)), (3, (4, 5, 6)), (8, (3, 7, 9)), (9, (3, 7, 9)), (20, (2, 5, 6))]
)
def test_counts_are_those_of_a_voxel_loop(n_raters, shape):
    masks = random_masks(n_raters, shape, seed=n_raters)
    patterns = patterns_of(masks)
    stacked = np.stack([masks[rater][patterns.box] for rater in patterns.raters], axis=-1)
    slow = Counter(map(bytes, stacked.reshape(-1, n_raters)))
    fast = {bytes(row): count for row, count in zip(patterns.decisions, patterns.counts.tolist(), strict=True) if count}
    assert fast == dict(slow)
    assert not patterns.decisions[0].any()
    assert (patterns.decisions[patterns.spread(np.arange(len(patterns.decisions)))] == stacked).all()
    assert patterns.volumes() == {rater: int(mask.sum()) for rater, mask in masks.items()}


def test_the_box_is_tight_and_painting_fills_the_image():
    mask = np.zeros((6, 7, 8), dtype=bool)
    mask[1:3, 2:6, 7] = True
    other = np.zeros_like(mask)
    other[4, 2, 5] = True
    box = union_box([mask, other, np.zeros_like(mask)])
    assert box == (slice(1, 5), slice(2, 6), slice(5, 8))
    assert size(box) == 4 * 4 * 3
    assert grow(box, mask.shape, (3, 1, 9)) == (slice(0, 6), slice(1, 7), slice(0, 8))
    patterns = patterns_of({"a": mask, "b": other})
    assert (patterns.paint(patterns.votes() > 0) == (mask | other)).all()


def test_slices_of_a_larger_array_are_not_copied_wrongly():
    whole = random_masks(2, (6, 10, 12), seed=3)
    views = {rater: mask[::2, 1:9, ::3] for rater, mask in whole.items()}
    copies = {rater: view.copy() for rater, view in views.items()}
    assert (patterns_of(views).counts == patterns_of(copies).counts).all()


def test_all_empty_has_no_box():
    empty = np.zeros((3, 3), dtype=bool)
    assert patterns_of({"a": empty}) is None
    assert union_box([]) is None


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        ({"a": np.full((2, 2), 255, dtype=np.uint8)}, "bool"),
        ({"a": np.zeros((2, 2), bool), "b": np.zeros((2, 3), bool)}, "one shape"),
        ({"a": np.zeros(4, bool)}, "two axes"),
        ({str(number): np.zeros((2, 2), bool) for number in range(65)}, "At most 64"),
    ],
)
def test_what_is_refused(masks, message):
    with pytest.raises(ValueError, match=message):
        patterns_of(masks)
