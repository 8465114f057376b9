"""Label maps as the places where the label changes, and several of them as stretches on which no label changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qc.readings.base import AnyArray, IntArray, ReadingError

Labels = npt.NDArray[np.uint8]

_CHUNK = 1 << 18
_PER_BYTE = 256
# Codes are looked up in a table while it is no larger than this many entries a code; then they are sorted.
_TABLE_SHARE = 8
# From so many heads a voxel on, counting voxels is cheaper than sorting heads.
_RAGGED = 16


@dataclass(frozen=True, slots=True, eq=False)
class LabelRuns:
    """A label map as runs of one label in C order (last axis fastest).

    Parameters
    ----------
    shape : tuple of int
        Voxels along each axis.
    heads : int64 array (runs,)
        First place of each run, increasing; the first is 0.
    labels : uint8 array (runs,)
        Label of each run.
    """

    shape: tuple[int, ...]
    heads: IntArray
    labels: Labels

    @classmethod
    def from_map(cls, labels: Labels) -> "LabelRuns":
        """Return the runs of an array of uint8, of any shape with at least one voxel."""
        flat = np.ascontiguousarray(labels).reshape(-1)
        pieces = [np.zeros(1, dtype=np.int64)]
        for start in range(0, flat.size - 1, _CHUNK):
            part = flat[start : start + _CHUNK + 1]
            pieces.append(np.flatnonzero(part[1:] != part[:-1]) + (start + 1))
        heads = np.concatenate(pieces)
        return cls(labels.shape, heads, flat[heads])

    @classmethod
    def from_lengths(cls, lengths: AnyArray, labels: Labels, shape: Sequence[int]) -> "LabelRuns":
        """Return the label map of run lengths, each at least 1, and the label of each run."""
        ends = np.cumsum(lengths, dtype=np.int64)
        if lengths.size != labels.size or not ends.size or int(ends[-1]) != prod(shape):
            raise ReadingError("wrong-total", "The runs do not cover the shape.")
        return cls(tuple(shape), ends - lengths, np.asarray(labels, dtype=np.uint8))

    @property
    def size(self) -> int:
        """Return the number of voxels."""
        return prod(self.shape)

    def map(self) -> Labels:
        """Return the label map as an array of uint8."""
        return np.repeat(self.labels, np.diff(self.heads, append=self.size)).reshape(self.shape)


class LabelCounts(NamedTuple):
    """What all readers said of each stretch.

    Parameters
    ----------
    heads : int64 array (stretches,) or None
        First place of each stretch; None where every voxel is one.
    rows : uint32 array (stretches,)
        Row of ``patterns`` of each.
    patterns : uint8 array (patterns, readers)
        Labels; the first is 0 for everybody.
    counts : int64 array (patterns,)
        Voxels of each.
    """

    heads: IntArray | None
    rows: npt.NDArray[np.uint32]
    patterns: Labels
    counts: IntArray


def count_labels(maps: Sequence[LabelRuns]) -> LabelCounts:
    """Return the patterns of several label maps, each kept as runs.

    Parameters
    ----------
    maps : sequence of LabelRuns
        One shape.
    """
    size = maps[0].size
    if sum(one.heads.size for one in maps) * _RAGGED >= size * len(maps):
        return count_voxels([one.map() for one in maps])
    heads = np.concatenate([one.heads for one in maps])
    heads.sort()
    heads = heads[np.append(True, heads[1:] != heads[:-1])]
    columns = []
    for one in maps:
        begins = np.zeros(heads.size, dtype=np.int64)
        begins[np.searchsorted(heads, one.heads)] = 1
        columns.append(one.labels[np.cumsum(begins) - 1])
    rows, patterns = _factorised(columns)
    counts = np.bincount(rows, weights=np.diff(heads, append=size), minlength=len(patterns))
    return LabelCounts(heads, rows, patterns, counts.astype(np.int64))


def count_voxels(maps: Sequence[Labels]) -> LabelCounts:
    """Return the patterns of several label maps voxel by voxel; for maps so ragged that runs would not be fewer."""
    rows, patterns = _factorised([np.ascontiguousarray(one).reshape(-1) for one in maps])
    counts = np.zeros(len(patterns), dtype=np.int64)
    for start in range(0, rows.size, _CHUNK):
        counts += np.bincount(rows[start : start + _CHUNK], minlength=len(patterns))
    return LabelCounts(None, rows, patterns, counts)


def _factorised(columns: Sequence[Labels]) -> tuple[npt.NDArray[np.uint32], Labels]:
    """Return the row of each place and the distinct patterns, chunk by chunk."""
    known = {bytes(len(columns)): 0}
    rows = np.empty(columns[0].size, dtype=np.uint32)
    for start in range(0, rows.size, _CHUNK):
        found, patterns = _chunk([column[start : start + _CHUNK] for column in columns])
        numbers = [known.setdefault(pattern.tobytes(), len(known)) for pattern in patterns]
        rows[start : start + _CHUNK] = np.array(numbers, dtype=np.uint32)[found]
    patterns = np.frombuffer(b"".join(known), dtype=np.uint8).reshape(len(known), len(columns))
    return rows, patterns


def _chunk(columns: Sequence[Labels]) -> tuple[IntArray, Labels]:
    """Return the row of each place of a chunk and its distinct patterns, one reader after the other."""
    rows: IntArray = np.zeros(columns[0].size, dtype=np.int64)
    first = np.zeros(min(columns[0].size, 1), dtype=np.int64)
    for column in columns:
        radix = int(column.max(initial=0)) + 1
        rows, first = _compact(rows * radix + column.astype(np.int64), first.size * radix)
    return rows, np.column_stack([column[first] for column in columns])


def _compact(codes: IntArray, bound: int) -> tuple[IntArray, IntArray]:
    """Return codes renumbered without gaps, in their order, and one place at which each occurs."""
    if bound > max(_TABLE_SHARE * codes.size, _PER_BYTE):
        _, first, rows = np.unique(codes, return_index=True, return_inverse=True)
        return rows, first
    place = np.full(bound, -1, dtype=np.int64)
    place[codes] = np.arange(codes.size)
    used = np.flatnonzero(place >= 0)
    row_of = np.empty(bound, dtype=np.int64)
    row_of[used] = np.arange(used.size)
    return row_of[codes], place[used]
