"""One mask in any of the layouts it may come in: voxels, runs or packed bits."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qc.consensus._frame import Box
from qc.readings import run_boxes
from qc.readings.packed import PackedMask
from qc.readings.runs import MOST_READERS, Runs

Mask = NDArray[np.bool_]
_WORD = 64
AnyMask: TypeAlias = Mask | Runs | PackedMask


def check_masks(masks: Mapping[str, AnyMask]) -> tuple[tuple[str, ...], list[AnyMask]]:
    """Return the raters, sorted, and their masks in that order.

    Raises
    ------
    ValueError
        A mask is not boolean (0/255 masks are refused rather than guessed) or has fewer than two axes, shapes or
        layouts differ, or there are more than 64 raters.
    """
    raters = tuple(sorted(masks))
    ordered = [masks[rater] for rater in raters]
    if len(raters) > MOST_READERS:
        raise ValueError(f"At most {MOST_READERS} masks can be combined, {len(raters)} were given.")
    if any(isinstance(mask, np.ndarray) and mask.dtype != np.bool_ for mask in ordered):
        raise ValueError("A mask must be an array of bool.")
    if len({type(mask) for mask in ordered}) > 1:
        raise ValueError("All masks must have one layout.")
    if any(len(mask.shape) < 2 for mask in ordered):
        raise ValueError("A mask must have at least two axes.")
    if len({mask.shape for mask in ordered}) > 1:
        raise ValueError("All masks must have one shape.")
    return raters, ordered


def cut(mask: AnyMask, box: Box) -> Mask:
    """Return the voxels of a box as an array of bool."""
    if isinstance(mask, Runs):
        return run_boxes.crop(mask, box).mask()
    if isinstance(mask, PackedMask):
        plane = int(np.prod(mask.shape[1:]))
        slab = mask.window(box[0].start * plane, box[0].stop * plane)
        return slab.reshape(-1, *mask.shape[1:])[(slice(None), *box[1:])]
    return mask[box]


def placed(part: Mask, box: Box, like: AnyMask) -> AnyMask:
    """Return the mask, in the layout of another, that holds ``part`` in a box and nothing outside it."""
    if isinstance(like, Runs):
        return run_boxes.embed(Runs.from_mask(part), like.shape, [side.start for side in box])
    whole = np.zeros(like.shape, dtype=np.bool_)
    whole[box] = part
    return PackedMask.from_mask(whole) if isinstance(like, PackedMask) else whole


def empty(like: AnyMask) -> AnyMask:
    """Return the empty mask in the layout and shape of another."""
    if isinstance(like, Runs):
        return Runs(like.shape, like.edges[:0])
    if isinstance(like, PackedMask):
        return PackedMask(like.shape, np.zeros_like(like.words))
    return np.zeros(like.shape, dtype=np.bool_)


def count(mask: AnyMask) -> int:
    """Return the number of voxels marked."""
    if isinstance(mask, Runs):
        return mask.marked
    if isinstance(mask, PackedMask):
        return int(np.bitwise_count(mask.words).sum(dtype=np.int64))
    return int(np.count_nonzero(mask))


def union_box(masks: Sequence[AnyMask]) -> Box | None:
    """Return the bounding box of the union; None when every mask is empty."""
    packed = [mask for mask in masks if isinstance(mask, PackedMask)]
    boxes = [box for box in map(_box, [_joined(packed)] if packed else masks) if box is not None]
    if not boxes:
        return None
    return tuple(
        slice(min(side.start for side in sides), max(side.stop for side in sides)) for sides in zip(*boxes, strict=True)
    )


def _box(mask: AnyMask) -> Box | None:
    if isinstance(mask, Runs):
        return run_boxes.bounds(mask)
    if isinstance(mask, PackedMask):
        return _packed_box(mask)
    # Slab by slab: an empty slab costs one read and nothing else.
    slabs = np.array([slab.any() for slab in mask], dtype=np.bool_)
    if not slabs.any():
        return None
    first, last = _extent(slabs)
    silhouette = np.asarray(mask[first:last].any(axis=0))
    sides = [slice(first, last)]
    for axis in range(silhouette.ndim):
        others = tuple(other for other in range(silhouette.ndim) if other != axis)
        sides.append(slice(*_extent(np.any(silhouette, axis=others))))
    return tuple(sides)


def _joined(masks: Sequence[PackedMask]) -> PackedMask:
    """Return the union of packed masks."""
    words = masks[0].words.copy()
    for mask in masks[1:]:
        words |= mask.words
    return PackedMask(masks[0].shape, words)


def _packed_box(mask: PackedMask) -> Box | None:
    """Return the bounding box from whole words where rows are whole words, else from voxels."""
    length = mask.shape[-1]
    if length % _WORD:
        return _box(mask.mask())
    rows = mask.words.reshape(*mask.shape[:-1], length // _WORD)
    inside = _box(rows != 0)
    if inside is None:
        return None
    columns = np.bitwise_or.reduce(rows.reshape(-1, length // _WORD), axis=0)
    return (*inside[:-1], slice(*_extent(np.unpackbits(columns.view(np.uint8)).view(np.bool_))))


def _extent(line: Mask) -> tuple[int, int]:
    first = int(line.argmax())
    last = int(line.size - line[::-1].argmax())
    return first, last
