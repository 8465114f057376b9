"""Boxes of masks kept as runs: where they lie, what they hold, and back to the whole image."""

from collections.abc import Sequence
from math import prod

import numpy as np

from qc.readings.base import IntArray
from qc.readings.runs import Runs

Rows = tuple[IntArray, IntArray, IntArray]


def bounds(runs: Runs) -> tuple[slice, ...] | None:
    """Return the smallest box that holds every marked voxel, one slice an axis; None when nothing is marked."""
    first, last = runs.edges[::2], runs.edges[1::2] - 1
    if not first.size:
        return None
    # Division of small unsigned numbers is several times faster.
    dtype = np.uint32 if runs.size <= np.iinfo(np.uint32).max else np.uint64
    first, last = first.astype(dtype), last.astype(dtype)
    sides: list[slice] = []
    step, before = runs.size, (first * dtype(0), last * dtype(0))
    for length in runs.shape:
        step //= length
        places = first // dtype(step), last // dtype(step)
        # A run that goes on into the next row reaches the end of this one and the start of that.
        if np.any(before[0] != before[1]):
            sides.append(slice(0, length))
        else:
            low, high = (place - row * dtype(length) for place, row in zip(places, before, strict=True))
            sides.append(slice(int(low.min()), int(high.max()) + 1))
        before = places
    return tuple(sides)


def crop(runs: Runs, box: Sequence[slice]) -> Runs:
    """Return the mask inside a box, on the box's own grid, without writing a voxel.

    Parameters
    ----------
    runs : Runs
        The whole mask.
    box : sequence of slice
        One an axis, inside the mask's shape.
    """
    inner = tuple(side.stop - side.start for side in box)
    plane = prod(runs.shape[1:])
    low = int(np.searchsorted(runs.edges[1::2], box[0].start * plane, side="right"))
    high = int(np.searchsorted(runs.edges[::2], box[0].stop * plane, side="left"))
    rows, start, stop = _rows(Runs(runs.shape, runs.edges[2 * low : 2 * high]))
    start = np.maximum(start, box[-1].start) - box[-1].start
    stop = np.minimum(stop, box[-1].stop) - box[-1].start
    keep = start < stop
    target = np.zeros_like(rows)
    leading = np.unravel_index(rows, runs.shape[:-1]) if len(runs.shape) > 1 else ()
    for place, side, length in zip(leading, box, inner, strict=False):
        keep &= (place >= side.start) & (place < side.stop)
        target = target * length + (place - side.start)
    return _joined((target[keep], start[keep], stop[keep]), inner)


def embed(runs: Runs, shape: Sequence[int], corner: Sequence[int]) -> Runs:
    """Return the mask of a box as a mask of the image that the box was cut from.

    Parameters
    ----------
    runs : Runs
        The mask on the box's own grid.
    shape : sequence of int
        Of the image.
    corner : sequence of int
        First voxel of the box along each axis.
    """
    rows, start, stop = _rows(runs)
    target = np.zeros_like(rows)
    leading = np.unravel_index(rows, runs.shape[:-1]) if len(shape) > 1 else ()
    for place, first, length in zip(leading, corner, shape, strict=False):
        target = target * length + (place + first)
    return _joined((target, start + corner[-1], stop + corner[-1]), tuple(shape))


def _rows(runs: Runs) -> Rows:
    """Return the runs cut at the ends of rows: row, first place in it and first place after."""
    length = runs.shape[-1]
    first, last = runs.edges[::2], runs.edges[1::2] - 1
    head, tail = first // length, last // length
    n_rows = tail - head + 1
    run = np.repeat(np.arange(first.size), n_rows)
    rows = head[run] + np.arange(run.size) - (np.cumsum(n_rows) - n_rows)[run]
    start = np.where(rows == head[run], first[run] % length, 0)
    stop = np.where(rows == tail[run], last[run] % length + 1, length)
    return rows, start, stop


def _joined(rows: Rows, shape: tuple[int, ...]) -> Runs:
    """Return the mask of stretches of rows, neighbours joined."""
    place, start, stop = rows
    edges = np.column_stack((place * shape[-1] + start, place * shape[-1] + stop)).reshape(-1)
    meets = np.flatnonzero(edges[1:-1:2] == edges[2::2])
    return Runs(shape, np.delete(edges, np.concatenate((2 * meets + 1, 2 * meets + 2))))
