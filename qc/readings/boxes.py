"""Boxes of several readers: their overlap, and the pairs of boxes that two readers mean by one thing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from qc.readings._pair_rows import PairRows
from qc.readings.base import FloatArray, ReadingError
from qc.readings.instances import match


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BoxTable(PairRows):
    """One row per pair of boxes that two readers mean by one thing.

    Parameters
    ----------
    box_first, box_second : float64 array (rows, 2 · axes)
        Lower corner, then upper corner, in continuous coordinates without any + 1.
    """

    COLUMNS: ClassVar[Mapping[str, type]] = {"box_first": np.float64, "box_second": np.float64}

    box_first: FloatArray
    box_second: FloatArray

    def _check_rows(self) -> None:
        """Refuse what is no box."""
        # Named in full: a class with slots is made anew, and super() would not know it.
        PairRows._check_rows(self)
        checked(self.box_first)
        checked(self.box_second)


def checked(boxes: FloatArray) -> FloatArray:
    """Return the boxes, or refuse: two corners each, finite, the upper not below the lower.

    Parameters
    ----------
    boxes : float64 array (boxes, 2 · axes)
        No box at all may have any shape of length 0.
    """
    if not len(boxes):
        return boxes
    if boxes.ndim != 2 or boxes.shape[1] % 2 or not np.isfinite(boxes).all():
        raise ReadingError("bad-box", "A box is two corners of finite numbers.")
    axes = boxes.shape[1] // 2
    if (boxes[:, axes:] < boxes[:, :axes]).any():
        raise ReadingError("bad-box", "The upper corner of a box is not below its lower corner.")
    return boxes


def iou(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return intersection over union of boxes, row by row or broadcast.

    Parameters
    ----------
    first, second : float64 array (…, 2 · axes)
        Boxes.

    Returns
    -------
    float64 array (…)
        0 for boxes without content, but 1 where both are the same.
    """
    shared, union = _shared_and_union(first, second)
    share = np.zeros(union.shape)
    np.divide(shared, union, out=share, where=union > 0)
    return np.where((first == second).all(axis=-1), 1.0, share)


def giou(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return generalised IoU: IoU less the share of the smallest common box that neither fills.

    Parameters
    ----------
    first, second : float64 array (…, 2 · axes)
        Boxes.

    Returns
    -------
    float64 array (…)
        From −1, the farther the boxes the lower, to 1.
    """
    _, union = _shared_and_union(first, second)
    axes = first.shape[-1] // 2
    low = np.minimum(first[..., :axes], second[..., :axes])
    hull = (np.maximum(first[..., axes:], second[..., axes:]) - low).prod(axis=-1)
    unfilled = np.zeros(hull.shape)
    np.divide(hull - union, hull, out=unfilled, where=hull > 0)
    return iou(first, second) - unfilled


def iou_table(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the IoU of every two boxes (boxes of the first, boxes of the second).

    Parameters
    ----------
    first, second : float64 array (boxes, 2 · axes)
        Either may be empty.
    """
    if not len(first) or not len(second):
        return np.zeros((len(first), len(second)))
    return iou(checked(first)[:, None, :], checked(second)[None, :, :])


def match_boxes(
    units: Sequence[Mapping[str, FloatArray]], *, threshold: float, clusters: Sequence[str] | None = None
) -> BoxTable:
    """Return the pairs of boxes that every two readers mean by one thing, matched one to one in each image.

    Parameters
    ----------
    units : sequence of mapping from reader to float64 array (boxes, 2 · axes)
        One mapping an image.
    threshold : float
        Least IoU of two boxes that mean one thing; 0 for every pair that overlaps at all.
    clusters : sequence of str (units,) or None
        The cluster of each image; None when unknown.
    """
    rows = [
        (number, first, second, marks[first][row], marks[second][column])
        for number, marks in enumerate(units)
        for first, second in combinations(sorted(marks), 2)
        for row, column in match(iou_table(marks[first], marks[second]), threshold=threshold)
    ]
    return BoxTable(
        n_units=len(units),
        unit=np.array([row[0] for row in rows], dtype=np.int64),
        first=tuple(row[1] for row in rows),
        second=tuple(row[2] for row in rows),
        box_first=np.array([row[3] for row in rows], dtype=np.float64),
        box_second=np.array([row[4] for row in rows], dtype=np.float64),
        clusters=None if clusters is None else tuple(clusters),
    )


def _shared_and_union(first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    axes = first.shape[-1] // 2
    low = np.maximum(first[..., :axes], second[..., :axes])
    high = np.minimum(first[..., axes:], second[..., axes:])
    shared = np.maximum(high - low, 0.0).prod(axis=-1)
    sizes = [(boxes[..., axes:] - boxes[..., :axes]).prod(axis=-1) for boxes in (first, second)]
    return shared, sizes[0] + sizes[1] - shared
