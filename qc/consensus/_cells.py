"""From patterns back to voxels, in the layout that the masks came in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from qc.consensus._frame import Box
from qc.consensus._layout import AnyMask, Mask, placed
from qc.readings.packed import PackedMask, choose
from qc.readings.runs import Runs, Segments, paint, select

Table = NDArray[Any]


class Cells(Protocol):
    """Which pattern each voxel shows."""

    def paint(self, table: Mask) -> AnyMask:
        """Return the mask of ``table``, one decision a pattern, nothing outside the box of the union."""
        ...

    def spread(self, table: Table) -> Table:
        """Return one value of ``table``, one a pattern, for each voxel of the box."""
        ...


@dataclass(frozen=True, slots=True)
class DenseCells:
    """A code for each voxel of the box.

    Parameters
    ----------
    codes : ndarray of unsigned int
        Row of the table, box-shaped.
    box : tuple of slice
        Bounding box of the union.
    like : mask
        Any of the masks: shape and layout.
    """

    codes: NDArray[np.unsignedinteger]
    box: Box
    like: AnyMask

    def paint(self, table: Mask) -> AnyMask:
        """Return the mask by look-up."""
        return placed(table[self.codes], self.box, self.like)

    def spread(self, table: Table) -> Table:
        """Return the values by look-up."""
        values: Table = table[self.codes]
        return values


@dataclass(frozen=True, slots=True)
class RunCells:
    """A code for each segment.

    Parameters
    ----------
    segments : Segments
        Heads in the masks.
    rows : ndarray of int64
        (segments,) row of the table.
    box : tuple of slice
        Bounding box of the union.
    shape : tuple of int
        Of the masks.
    """

    segments: Segments
    rows: NDArray[np.int64]
    box: Box
    shape: tuple[int, ...]

    def paint(self, table: Mask) -> Runs:
        """Return the mask as runs."""
        return select(self.segments, table[self.rows], self.shape)

    def spread(self, table: Table) -> Table:
        """Return the values, slice by slice."""
        return paint(self.segments, np.concatenate((table[:1], table[self.rows])), self.box, self.shape)


@dataclass(frozen=True, slots=True)
class PackedCells:
    """Bits, from which codes are made only when asked for.

    Parameters
    ----------
    masks : sequence of PackedMask
        In the order of the raters.
    box : tuple of slice
        Bounding box of the union.
    """

    masks: Sequence[PackedMask]
    box: Box

    def paint(self, table: Mask) -> PackedMask:
        """Return the mask as bits."""
        return choose(self.masks, table)

    def spread(self, table: Table) -> Table:
        """Return the values, slice by slice."""
        shape = self.masks[0].shape
        out = np.empty([side.stop - side.start for side in self.box], dtype=table.dtype)
        plane = int(np.prod(shape[1:]))
        for index, place in enumerate(range(self.box[0].start, self.box[0].stop)):
            codes = np.zeros(plane, dtype=np.uint8)
            for mask in reversed(self.masks):
                codes += codes
                codes |= mask.window(place * plane, (place + 1) * plane).view(np.uint8)
            out[index] = table[codes].reshape(shape[1:])[self.box[1:]]
        return out
