"""Decision patterns of masks: what all readers said of a voxel, as one small integer.

With few readers there are few distinct patterns, so every consensus is computed on patterns and their counts and
comes back to voxels by look-up. Patterns are counted inside the bounding box of the union only; every voxel outside
it has the all-outside pattern, which is row 0. Masks kept as runs or packed bits are counted as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.consensus._cells import Cells, DenseCells, PackedCells, RunCells
from qc.consensus._frame import Box, Frame, frame_of, size
from qc.consensus._layout import AnyMask, Mask, check_masks, cut, union_box
from qc.readings.packed import MOST_SUBSET_READERS, PackedMask, subset_counts
from qc.readings.run_boxes import bounds
from qc.readings.runs import Runs, count_segments, decisions_of, is_ragged, select, sweep

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
    frame : Frame
        The image that the masks lie in.
    box : tuple of slice
        Bounding box of the union of all masks, in the masks.
    cells : Cells
        Which voxel shows which pattern.
    decisions : ndarray of bool
        (patterns, raters); row 0 is "outside for everybody".
    counts : ndarray of int64
        (patterns,) voxels of the box with each pattern.
    """

    raters: tuple[str, ...]
    shape: tuple[int, ...]
    frame: Frame
    box: Box
    cells: Cells
    decisions: NDArray[np.bool_]
    counts: NDArray[np.int64]

    def votes(self) -> NDArray[np.int64]:
        """Return (patterns,) the number of raters who say inside."""
        votes: NDArray[np.int64] = self.decisions.sum(axis=1, dtype=np.int64)
        return votes

    def paint(self, table: Mask) -> AnyMask:
        """Return the mask of ``table``, one decision per pattern; row 0, which reaches beyond the box, is outside."""
        if table[0]:
            raise ValueError("What nobody marked has no end to paint to.")
        return self.cells.paint(table)

    def spread(self, table: NDArray[Any]) -> NDArray[Any]:
        """Return the value of ``table``, one per pattern, of each voxel of the box."""
        return self.cells.spread(table)

    def volumes(self) -> dict[str, int]:
        """Return the voxels that each rater marked."""
        totals = self.counts @ self.decisions
        return {rater: int(total) for rater, total in zip(self.raters, totals, strict=True)}


def patterns_of(masks: Mapping[str, AnyMask]) -> Patterns | None:
    """Code the masks in one pass; None when every mask is empty.

    Parameters
    ----------
    masks : mapping of str to ndarray of bool, Runs or PackedMask
        Rater to mask, all of one shape and layout.

    Returns
    -------
    Patterns or None
    """
    raters, ordered = check_masks(masks)
    if not ordered:
        return None
    frame = frame_of(masks, ordered[0].shape)
    runs = [mask for mask in ordered if isinstance(mask, Runs)]
    if runs and not is_ragged(runs):
        return _from_runs(raters, runs, frame)
    box = union_box(ordered)
    if box is None:
        return None
    packed = [mask for mask in ordered if isinstance(mask, PackedMask)]
    if packed and len(packed) <= MOST_SUBSET_READERS:
        return _from_bits(raters, packed, frame, box)
    return _from_voxels(raters, ordered, frame, box)


def _from_runs(raters: tuple[str, ...], runs: Sequence[Runs], frame: Frame) -> Patterns | None:
    segments = sweep(runs)
    box = bounds(select(segments, segments.codes != 0, runs[0].shape))
    if box is None:
        return None
    rows, codes, counts = count_segments(segments)
    counts[0] = size(box) - counts[1:].sum()
    cells = RunCells(segments, rows, box, runs[0].shape)
    return Patterns(raters, runs[0].shape, frame, box, cells, decisions_of(codes, len(raters)), counts)


def _from_bits(raters: tuple[str, ...], masks: Sequence[PackedMask], frame: Frame, box: Box) -> Patterns:
    counts = subset_counts(masks)
    counts[0] -= masks[0].size - size(box)
    decisions = decisions_of(np.arange(counts.size, dtype=np.uint64), len(raters))
    return Patterns(raters, masks[0].shape, frame, box, PackedCells(masks, box), decisions, counts)


def _from_voxels(raters: tuple[str, ...], masks: Sequence[AnyMask], frame: Frame, box: Box) -> Patterns:
    if isinstance(masks[0], np.ndarray):
        codes = _codes([cut(mask, box) for mask in masks])
    else:
        codes = _codes_in_turn((cut(mask, box) for mask in reversed(masks)), len(masks))
    if len(raters) <= _TABLE_RATERS:
        table = np.arange(2 ** len(raters), dtype=np.uint64)
        counts = np.zeros(table.size, dtype=np.int64)
        # Slab by slab, because bincount widens its input to eight bytes a voxel.
        for slab in codes:
            counts += np.bincount(slab.ravel(), minlength=table.size)
    else:
        table, codes, counts = _distinct(codes)
    cells = DenseCells(codes, box, masks[0])
    return Patterns(raters, masks[0].shape, frame, box, cells, decisions_of(table, len(raters)), counts)


def _distinct(codes: NDArray[Any]) -> tuple[NDArray[np.uint64], NDArray[Any], NDArray[np.int64]]:
    """Return the codes that occur, the row of each voxel and the counts; neighbours repeat, so heads are sorted."""
    flat = codes.reshape(-1)
    heads = np.flatnonzero(np.concatenate(([True], flat[1:] != flat[:-1])))
    lengths = np.diff(heads, append=flat.size)
    table, rows = np.unique(np.append(flat[heads], np.uint64(0)), return_inverse=True)
    rows = rows[:-1].astype(np.uint32)
    counts = np.bincount(rows, weights=lengths, minlength=table.size).astype(np.int64)
    return table, np.repeat(rows, lengths).reshape(codes.shape), counts


def _width(n_raters: int) -> Any:
    widths = ((8, np.uint8), (16, np.uint16), (_MOST_RATERS, np.uint64))
    return next(width for raters, width in widths if n_raters <= raters)


def _codes(crops: Sequence[Mask]) -> NDArray[Any]:
    codes: NDArray[Any] = np.zeros(crops[0].shape, dtype=_width(len(crops)))
    for index, slab in enumerate(codes):
        # Doubling and or-ing in place needs no temporary and keeps the slab in the cache.
        for crop in reversed(crops):
            np.add(slab, slab, out=slab)
            np.bitwise_or(slab, crop[index].view(np.uint8), out=slab)
    return codes


def _codes_in_turn(crops: Iterable[Mask], n_raters: int) -> NDArray[Any]:
    """Return the codes of masks that are decoded one at a time, last rater first."""
    codes: NDArray[Any] | None = None
    for crop in crops:
        if codes is None:
            codes = np.zeros(crop.shape, dtype=_width(n_raters))
        codes += codes
        codes |= np.ascontiguousarray(crop).view(np.uint8)
    return np.zeros(0, dtype=np.uint8) if codes is None else codes
