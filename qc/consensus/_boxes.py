"""Axis-parallel boxes: overlap, and clusters of one box per reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qc.readings.base import FloatArray

# From so many boxes on the median of each side is steadier than the mean.
_MEDIAN_FROM = 4


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """One reader's box: low corner, then high corner; ``merged`` boxes of that reader are in it."""

    rater: str
    sides: FloatArray
    merged: int = 1

    @property
    def key(self) -> tuple[object, ...]:
        """Order that depends on nothing but the content."""
        return (*self.sides.tolist(), self.rater)


def box_iou(first: FloatArray, second: FloatArray) -> float:
    """Return intersection over union of two boxes of positive size (2·axes sides each)."""
    axes = len(first) // 2
    shared = np.minimum(first[axes:], second[axes:]) - np.maximum(first[:axes], second[:axes])
    both = float(np.prod(np.maximum(shared, 0.0)))
    sizes = float(np.prod(first[axes:] - first[:axes])) + float(np.prod(second[axes:] - second[:axes]))
    return both / (sizes - both)


def marks_of(boxes: Mapping[str, Sequence[Sequence[float]]]) -> list[Mark]:
    """Return all boxes, checked.

    Raises
    ------
    ValueError
        A box is not finite, has no extent, or has another number of sides than the others (4 or 6).
    """
    marks = [
        Mark(rater, np.array([float(side) for side in box]))
        for rater in sorted(boxes)
        for box in sorted(tuple(float(side) for side in box) for box in boxes[rater])
    ]
    if len({len(mark.sides) for mark in marks}) > 1 or any(len(mark.sides) not in (4, 6) for mark in marks):
        raise ValueError("A box has four sides, or six, and all boxes alike: low corner, then high corner.")
    for mark in marks:
        axes = len(mark.sides) // 2
        if not np.isfinite(mark.sides).all() or not (mark.sides[axes:] > mark.sides[:axes]).all():
            raise ValueError("A box has finite sides, and its high corner lies above its low one.")
    return marks


def fused(sides: Sequence[FloatArray]) -> FloatArray:
    """Return the mean of each side, or from four boxes on its median."""
    stack = np.stack(list(sides))
    middle: FloatArray = np.median(stack, axis=0) if len(stack) >= _MEDIAN_FROM else stack.mean(axis=0)
    return middle


def without_doubles(marks: Sequence[Mark], threshold: float) -> list[Mark]:
    """Return the marks with those of one reader that overlap by more than ``threshold`` averaged into one."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: mark.key):
        for place, other in enumerate(kept):
            if other.rater == mark.rater and box_iou(other.sides, mark.sides) > threshold:
                sides = (other.sides * other.merged + mark.sides) / (other.merged + 1)
                kept[place] = Mark(mark.rater, sides, other.merged + 1)
                break
        else:
            kept.append(mark)
    return kept


def clusters_of(marks: Sequence[Mark], threshold: float) -> list[list[Mark]]:
    """Return groups of boxes of different readers in which each overlaps each and the running mean.

    Boxes enter in the order of how many other readers' boxes they overlap, then of their sides, so that the groups
    do not depend on the order of readers. A box joins the group whose mean it overlaps most.
    """

    def friends(mark: Mark) -> int:
        return sum(other.rater != mark.rater and box_iou(other.sides, mark.sides) > threshold for other in marks)

    groups: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: (-friends(mark), mark.key)):
        fits = [(_fit(mark, group), -place) for place, group in enumerate(groups) if _may_join(mark, group, threshold)]
        if fits:
            groups[-max(fits)[1]].append(mark)
        else:
            groups.append([mark])
    return groups


def _fit(mark: Mark, group: Sequence[Mark]) -> float:
    return box_iou(mark.sides, fused([other.sides for other in group]))


def _may_join(mark: Mark, group: Sequence[Mark], threshold: float) -> bool:
    if any(other.rater == mark.rater for other in group) or _fit(mark, group) <= threshold:
        return False
    return all(box_iou(other.sides, mark.sides) > threshold for other in group)
