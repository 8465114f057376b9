"""Decision patterns of masks: what all readers said of a voxel, as one small integer.

With few readers there are few distinct patterns, so every consensus is computed on patterns and their
counts and comes back to voxels by look-up. Codes are made inside the bounding box of the union only; every
voxel outside it has the all-outside pattern, which is row 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Box = tuple[slice, ...]

# Up to here a table of all 2^R patterns is small; above it only those that occur are kept.
_TABLE_RATERS = 16
_MOST_RATERS = 64


@dataclass(frozen=True, slots=True)
class Patterns:
    """The masks of several raters as pattern codes.

    Parameters
    ----------
    raters : tuple of str
        Raters, sorted; the columns of ``decisions``.
    shape : tuple of int
        Shape of the masks.
    box : tuple of slice
        Bounding box of the union of all masks.
    codes : ndarray of unsigned int
        Row of ``decisions`` of each voxel of the box; box-shaped.
    decisions : ndarray of bool
        (patterns, raters); row 0 is "outside for everybody".
    counts : ndarray of int64
        (patterns,) voxels of the box with each pattern.
    """

    raters: tuple[str, ...]
    shape: tuple[int, ...]
    box: Box
    codes: NDArray[np.unsignedinteger]
    decisions: NDArray[np.bool_]
    counts: NDArray[np.int64]

    def votes(self) -> NDArray[np.int64]:
        """Return (patterns,) the number of raters who say inside."""
        votes: NDArray[np.int64] = self.decisions.sum(axis=1, dtype=np.int64)
        return votes

    def paint(self, table: NDArray[np.bool_]) -> Mask:
        """Return the full-size mask of ``table``, one decision per pattern; outside the box False."""
        mask = np.zeros(self.shape, dtype=np.bool_)
        mask[self.box] = table[self.codes]
        return mask

    def volumes(self) -> dict[str, int]:
        """Return the voxels that each rater marked."""
        totals = self.counts @ self.decisions
        return {rater: int(total) for rater, total in zip(self.raters, totals, strict=True)}


def check_masks(masks: Mapping[str, Mask]) -> tuple[tuple[str, ...], list[Mask]]:
    """Return the raters, sorted, and their masks in that order.

    Raises
    ------
    ValueError
        A mask is not boolean (0/255 masks are refused rather than guessed) or has fewer than two axes, shapes
        differ, or there are more than 64 raters.
    """
    raters = tuple(sorted(masks))
    ordered = [masks[rater] for rater in raters]
    if len(raters) > _MOST_RATERS:
        raise ValueError(f"At most {_MOST_RATERS} masks can be combined, {len(raters)} were given.")
    if any(mask.dtype != np.bool_ for mask in ordered):
        raise ValueError("A mask must be an array of bool.")
    if any(mask.ndim < 2 for mask in ordered):
        raise ValueError("A mask must have at least two axes.")
    if len({mask.shape for mask in ordered}) > 1:
        raise ValueError("All masks must have one shape.")
    return raters, ordered


def union_box(masks: Sequence[Mask]) -> Box | None:
    """Return the bounding box of the union; None when every mask is empty."""
    if not masks:
        return None
    shape = masks[0].shape
    occupied = [np.zeros(length, dtype=np.bool_) for length in shape]
    for mask in masks:
        # Slab by slab: an empty slab costs one read and nothing else.
        slabs = np.array([slab.any() for slab in mask], dtype=np.bool_)
        if not slabs.any():
            continue
        occupied[0] |= slabs
        first, last = _extent(slabs)
        silhouette = np.asarray(mask[first:last].any(axis=0))
        for axis in range(1, len(shape)):
            others = tuple(other for other in range(len(shape) - 1) if other != axis - 1)
            occupied[axis] |= np.any(silhouette, axis=others)
    if not occupied[0].any():
        return None
    return tuple(slice(*_extent(line)) for line in occupied)


def _extent(line: NDArray[np.bool_]) -> tuple[int, int]:
    first = int(line.argmax())
    last = int(line.size - line[::-1].argmax())
    return first, last


def grow(box: Box, shape: Sequence[int], margins: Sequence[int]) -> Box:
    """Return the box widened by ``margins`` voxels on both sides of each axis, cut at the image."""
    return tuple(
        slice(max(0, side.start - margin), min(length, side.stop + margin))
        for side, length, margin in zip(box, shape, margins, strict=True)
    )


def size(box: Box) -> int:
    """Return the number of voxels of a box."""
    return int(np.prod([side.stop - side.start for side in box], dtype=np.int64))


def patterns_of(masks: Mapping[str, Mask]) -> Patterns | None:
    """Code the masks in one pass; None when every mask is empty.

    Parameters
    ----------
    masks : mapping of str to ndarray of bool
        Rater to mask, all of one shape.

    Returns
    -------
    Patterns or None
    """
    raters, ordered = check_masks(masks)
    box = union_box(ordered)
    if box is None:
        return None
    codes = _codes([mask[box] for mask in ordered])
    if len(raters) <= _TABLE_RATERS:
        table = np.arange(2 ** len(raters), dtype=np.uint64)
        counts = np.zeros(table.size, dtype=np.int64)
        # Slab by slab, because bincount widens its input to eight bytes a voxel.
        for slab in codes:
            counts += np.bincount(slab.ravel(), minlength=table.size)
    else:
        table = np.union1d(np.unique(codes), np.zeros(1, dtype=np.uint64))
        rows = np.searchsorted(table, codes.ravel()).astype(np.uint32)
        counts = np.bincount(rows, minlength=table.size).astype(np.int64)
        codes = rows.reshape(codes.shape)
    decisions = (table[:, None] >> np.arange(len(raters), dtype=np.uint64)) & np.uint64(1)
    return Patterns(raters, ordered[0].shape, box, codes, decisions.astype(np.bool_), counts)


def _codes(crops: Sequence[Mask]) -> NDArray[np.unsignedinteger]:
    widths = ((8, np.uint8), (16, np.uint16), (_MOST_RATERS, np.uint64))
    dtype = next(width for raters, width in widths if len(crops) <= raters)
    codes: NDArray[np.unsignedinteger] = np.zeros(crops[0].shape, dtype=dtype)
    for index, slab in enumerate(codes):
        # Doubling and or-ing in place needs no temporary and keeps the slab in the cache.
        for crop in reversed(crops):
            np.add(slab, slab, out=slab)
            np.bitwise_or(slab, crop[index].view(np.uint8), out=slab)
    return codes
