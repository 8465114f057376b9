"""Masks as the places where they begin and end: what is stored, and some hundred times smaller than voxels.

Several masks are compared by one sweep over all their ends in order: an exclusive-or of the readers that change
there gives the decisions of every stretch, and its length the count. No voxel is ever written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np

from qc.readings.base import AnyArray, BoolArray, IntArray, ReadingError

# A reader's number fits below a place; 2^30 voxels leave room for both in one integer.
_READER_BITS = 6
MOST_READERS = 1 << _READER_BITS
# Ends of all readers from which packed bits (one in 64-bit words) would be smaller than runs.
_VOXELS_PER_END = 64
_CHUNK = 1 << 20
# Codes below this are counted in a table, which is cheaper than sorting them.
_MOST_LOOKED_UP = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """A mask as runs of marked voxels in C order (last axis fastest).

    Parameters
    ----------
    shape : tuple of int
        Voxels along each axis.
    edges : int64 array (2 × runs,)
        First place of a run and the first after it, in turn; strictly increasing, at most the number of voxels.
    """

    shape: tuple[int, ...]
    edges: IntArray

    @classmethod
    def from_lengths(cls, lengths: AnyArray, shape: Sequence[int]) -> "Runs":
        """Return the mask of run lengths as they are stored.

        Parameters
        ----------
        lengths : int array (runs,)
            Zeros and ones in turn; the first counts zeros and alone may be 0.
        shape : sequence of int
            Their sum is its product.
        """
        places = np.cumsum(lengths, dtype=np.int64)
        if not places.size or int(places[-1]) != prod(shape):
            raise ReadingError("wrong-total", "The runs do not cover the shape.")
        return cls(tuple(shape), places if places.size % 2 == 0 else places[:-1])

    @classmethod
    def from_mask(cls, mask: BoolArray) -> "Runs":
        """Return the runs of an array of bool, of any shape."""
        flat = np.ascontiguousarray(mask).reshape(-1)
        pieces = [np.zeros(int(flat.size > 0 and bool(flat[0])), dtype=np.int64)]
        for start in range(0, max(flat.size - 1, 0), _CHUNK):
            part = flat[start : start + _CHUNK + 1]
            pieces.append(np.flatnonzero(part[1:] != part[:-1]) + (start + 1))
        edges = np.concatenate(pieces)
        return cls(mask.shape, np.append(edges, flat.size) if edges.size % 2 else edges)

    @property
    def size(self) -> int:
        """Return the number of voxels, marked or not."""
        return prod(self.shape)

    @property
    def marked(self) -> int:
        """Return the number of voxels marked."""
        return int(self.edges[1::2].sum() - self.edges[::2].sum())

    def lengths(self) -> IntArray:
        """Return the run lengths as they are stored; the inverse of ``from_lengths``."""
        lengths = np.diff(self.edges, prepend=0, append=self.size)
        return lengths[:-1] if self.edges.size and not lengths[-1] else lengths

    def mask(self) -> BoolArray:
        """Return the mask as an array of bool."""
        return self.window(0, self.size).reshape(self.shape)

    def window(self, start: int, stop: int) -> BoolArray:
        """Return the voxels at the flat places ``start`` up to ``stop``, as an array of bool (stop − start,)."""
        low, high = np.searchsorted(self.edges, (start, stop), side="right")
        bounds = np.concatenate(([start], np.minimum(self.edges[low:high], stop), [stop]))
        is_marked = (np.arange(low, high + 1) % 2).astype(np.bool_)
        return np.repeat(is_marked, np.diff(bounds))


class Segments(NamedTuple):
    """Stretches of voxels on which nobody's decision changes.

    Parameters
    ----------
    heads : int64 array (segments,)
        First place of each, increasing; a segment reaches to the next. Nothing is marked before the first.
    codes : uint64 array (segments,)
        Decisions: bit r belongs to the r-th reader. The last is 0 and reaches to the end.
    """

    heads: IntArray
    codes: AnyArray

    def lengths(self) -> IntArray:
        """Return the voxels of every segment but the last."""
        return np.diff(self.heads)


def sweep(runs: Sequence[Runs]) -> Segments:
    """Return the segments of several masks in one pass over their ends.

    Parameters
    ----------
    runs : sequence of Runs
        One shape, 1 to 64 readers.
    """
    _check(runs)
    shift = max(len(runs) - 1, 1).bit_length()
    # A place and a reader in one integer, as narrow as both allow: a plain sort of them is vectorised, and the order
    # of readers at one place does not matter to exclusive-or.
    narrow = runs[0].size < 1 << (32 - shift)
    keys = np.concatenate([(one.edges << shift) | reader for reader, one in enumerate(runs)])
    keys = keys.astype(np.uint32 if narrow else np.uint64)
    keys.sort()
    readers = keys & keys.dtype.type((1 << shift) - 1)
    keys >>= keys.dtype.type(shift)
    width = np.uint32 if len(runs) <= 32 else np.uint64
    bits = width(1) << readers.astype(width)
    np.bitwise_xor.accumulate(bits, out=bits)
    is_last = np.append(keys[1:] != keys[:-1], np.ones(min(keys.size, 1), dtype=np.bool_))
    return Segments(keys[is_last].astype(np.int64), bits[is_last].astype(np.uint64))


def is_ragged(runs: Sequence[Runs]) -> bool:
    """Return whether the masks have so many ends that their voxels, as bits, are fewer.

    Parameters
    ----------
    runs : sequence of Runs
        One shape.
    """
    return sum(one.edges.size for one in runs) * _VOXELS_PER_END >= sum(one.size for one in runs)


class SegmentCounts(NamedTuple):
    """Distinct decisions of segments.

    Parameters
    ----------
    rows : int64 array (segments,)
        Row of ``codes`` of each segment.
    codes : uint64 array (patterns,)
        Increasing; the first is 0.
    counts : int64 array (patterns,)
        Voxels of each; those before the first and in the last segment are not counted.
    """

    rows: IntArray
    codes: AnyArray
    counts: IntArray


def count_segments(segments: Segments) -> SegmentCounts:
    """Return the distinct decisions and the voxels of each, the background of the image left out."""
    codes, rows = _factorised(segments.codes)
    # Doubles count exactly up to 2^53.
    counts = np.bincount(rows[:-1], weights=segments.lengths(), minlength=codes.size)
    return SegmentCounts(rows, codes, counts.astype(np.int64))


def _factorised(codes: AnyArray) -> tuple[AnyArray, IntArray]:
    """Return the distinct codes, increasing and with 0 among them, and the row of each."""
    if codes.size and int(codes.max()) >= _MOST_LOOKED_UP:
        table, rows = np.unique(np.append(codes, np.uint64(0)), return_inverse=True)
        return table, rows[:-1].astype(np.int64)
    places = codes.astype(np.int64)
    is_used = np.zeros(int(places.max(initial=0)) + 1, dtype=np.bool_)
    is_used[places] = True
    is_used[0] = True
    row_of = np.cumsum(is_used) - 1
    return np.flatnonzero(is_used).astype(np.uint64), row_of[places]


def decisions_of(codes: AnyArray, n_readers: int) -> BoolArray:
    """Return the decisions that codes stand for, as an array of bool (codes, readers)."""
    shifts = np.arange(n_readers, dtype=np.uint64)
    return ((codes[:, None] >> shifts) & np.uint64(1)).astype(np.bool_)


def select(segments: Segments, chosen: BoolArray, shape: Sequence[int]) -> Runs:
    """Return the mask of the chosen segments.

    Parameters
    ----------
    segments : Segments
        From ``sweep``.
    chosen : bool array (segments,)
        Which are inside; the last must not be.
    shape : sequence of int
        Of the masks.
    """
    changes = np.diff(chosen, prepend=np.False_)
    return Runs(tuple(shape), segments.heads[changes])


def paint(segments: Segments, values: AnyArray, box: Sequence[slice], shape: Sequence[int]) -> AnyArray:
    """Return one value a voxel of a box, slice by slice, so that no larger array is ever held.

    Parameters
    ----------
    segments : Segments
        Any heads, increasing.
    values : array (segments + 1,)
        The value before the first head, then one a segment.
    box : sequence of slice
        One an axis.
    shape : sequence of int
        Of the masks.

    Returns
    -------
    array of the type of ``values``, shape of the box
    """
    out = np.empty([side.stop - side.start for side in box], dtype=values.dtype)
    plane = prod(shape[1:])
    for index, place in enumerate(range(box[0].start, box[0].stop)):
        start, stop = place * plane, (place + 1) * plane
        low, high = np.searchsorted(segments.heads, (start, stop), side="right")
        bounds = np.concatenate(([start], np.minimum(segments.heads[low:high], stop), [stop]))
        flat = np.repeat(values[low : high + 1], np.diff(bounds))
        out[index] = flat.reshape(tuple(shape[1:]))[tuple(box[1:])]
    return out


def by_reader(masks: Mapping[str, Runs]) -> tuple[tuple[str, ...], list[Runs]]:
    """Return the readers, sorted, and their masks in that order."""
    names = tuple(sorted(masks))
    return names, [masks[name] for name in names]


def _check(runs: Sequence[Runs]) -> None:
    if not runs:
        raise ReadingError("no-masks", "At least one mask is needed.")
    if len({one.shape for one in runs}) > 1:
        raise ReadingError("shape-differs", "Masks that are compared have one shape.")
    if len(runs) > MOST_READERS:
        raise ReadingError("too-many-readers", f"At most {MOST_READERS} masks are compared at once.")
    if runs[0].size >= 1 << (63 - _READER_BITS):
        raise ReadingError("too-large", "The masks have more voxels than can be numbered.")
