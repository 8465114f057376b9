"""Findings: the marks that several readers made of one thing, matched by the distance of their outlines."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from qc.readings.boxes import iou_table

Points = NDArray[np.float64]

_KEY_DIGITS = 16
# Below this many pairs of points all distances at once are quicker than building a tree.
_BRUTE_PAIRS = 30_000


@dataclass(frozen=True, slots=True)
class MarkOutline:
    """The outline points of one reader's mark.

    Parameters
    ----------
    reader : str
        Who made the mark.
    points_mm : ndarray of float64
        (n, 3) points in millimetres, in the same frame for all marks of a case.
    """

    reader: str
    points_mm: Points


def match_outlines(
    marks: Sequence[MarkOutline],
    *,
    tolerance_mm: float,
    max_marks: int = 4,
    shrink: float = 0.9,
    least_factor: float = 0.1,
) -> tuple[tuple[int, ...], ...]:
    """Group the marks of one case into findings.

    Two marks join when the least distance between their outline points is at most the tolerance; a finding is
    a connected component. While any finding of the case has more than ``max_marks`` marks, the tolerance of
    the whole case is multiplied by ``shrink``, but not below ``least_factor`` of itself. A finding that is
    still larger is returned as it is: the caller refers it as a split or merge, never drops it.

    Parameters
    ----------
    marks : sequence of MarkOutline
        All marks of all readers in one case.
    tolerance_mm : float
        Greatest distance at which two marks are the same finding, millimetres (the slice thickness by habit).
    max_marks : int
        Readers who read the case: no finding can have more marks unless it joins two things.
    shrink : float
        Factor between 0 and 1, both excluded.
    least_factor : float
        Smallest share of the tolerance that is tried, above 0.

    Returns
    -------
    tuple of tuple of int
        Positions in ``marks``, ascending in each finding; findings ordered by their first position. Every
        mark is in exactly one finding.

    Raises
    ------
    ValueError
        An outline has no points or points that are not finite (n, 3), or a parameter is out of range.

    References
    ----------
    Rule: Hancock MC, Magnan JF (2016), doi:10.1117/1.JMI.3.4.044504 (pylidc, which measures in voxel indices;
    here the points are in millimetres).
    """
    _check(tolerance_mm, max_marks, shrink, least_factor)
    outlines = [_checked(mark.points_mm) for mark in marks]
    pairs, distances = least_distances(outlines, reach_mm=tolerance_mm)
    tolerance = tolerance_mm
    groups = _components(len(marks), pairs[distances <= tolerance])
    while _largest(groups) > max_marks and tolerance * shrink >= least_factor * tolerance_mm:
        tolerance *= shrink
        groups = _components(len(marks), pairs[distances <= tolerance])
    return groups


def match_boxes(sides: Points, *, least_iou: float) -> tuple[tuple[int, ...], ...]:
    """Group the boxes of one case into findings: two join when they overlap by ``least_iou`` or more.

    Parameters
    ----------
    sides : ndarray of float64 (boxes, 2 · axes)
        Low corner, then high corner.
    least_iou : float
        Least intersection over union of two boxes around one thing, above 0 and not above 1.

    Returns
    -------
    tuple of tuple of int
        Positions in ``sides``, as ``match_outlines`` returns them.

    Raises
    ------
    ValueError
        The overlap is out of range.
    """
    if not 0 < least_iou <= 1:
        raise ValueError("least_iou must lie above 0 and not above 1.")
    near = np.argwhere(np.triu(iou_table(sides, sides) >= least_iou, k=1))
    return _components(len(sides), near)


def least_distances(outlines: Sequence[Points], *, reach_mm: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the least distance between the points of every two outlines that come within reach.

    Parameters
    ----------
    outlines : sequence of ndarray of float64
        Each (n, 3), n at least 1, millimetres.
    reach_mm : float
        Pairs farther apart are left out.

    Returns
    -------
    pairs : ndarray of int64
        (pairs, 2) positions, first below second.
    distances : ndarray of float64
        (pairs,) millimetres, at most ``reach_mm``.
    """
    boxes = [(points.min(axis=0), points.max(axis=0)) for points in outlines]
    pairs: list[tuple[int, int]] = []
    distances: list[float] = []
    for first, second in combinations(range(len(outlines)), 2):
        gap = np.maximum(boxes[first][0] - boxes[second][1], boxes[second][0] - boxes[first][1])
        if gap.max() > reach_mm:
            continue
        distance = _least(
            _near(outlines[first], boxes[second], reach_mm), _near(outlines[second], boxes[first], reach_mm)
        )
        if distance <= reach_mm:
            pairs.append((first, second))
            distances.append(distance)
    return np.array(pairs, dtype=np.int64).reshape(-1, 2), np.array(distances, dtype=np.float64)


def finding_key(marks: Iterable[tuple[str, str]]) -> str:
    """Return the name of a finding: the same marks give the same name, in any order.

    Parameters
    ----------
    marks : iterable of tuple of str
        Reader and the reader's own name of the mark; at least one. The name is unique within a case only.

    Returns
    -------
    str
        The first 16 hexadecimal digits of the SHA-256 of the sorted ``reader:mark`` lines.

    Raises
    ------
    ValueError
        There is no mark.
    """
    lines = sorted(f"{reader}:{mark}" for reader, mark in marks)
    if not lines:
        raise ValueError("A finding has at least one mark.")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:_KEY_DIGITS]


def _check(tolerance_mm: float, max_marks: int, shrink: float, least_factor: float) -> None:
    if not (tolerance_mm > 0 and math.isfinite(tolerance_mm)):
        raise ValueError("tolerance_mm must be a positive number.")
    if max_marks < 1:
        raise ValueError("max_marks must be at least 1.")
    if not 0 < shrink < 1:
        raise ValueError("shrink must lie between 0 and 1.")
    if not 0 < least_factor <= 1:
        raise ValueError("least_factor must lie above 0 and not above 1.")


def _checked(points_mm: Points) -> Points:
    if points_mm.ndim != 2 or points_mm.shape[1] != 3 or not len(points_mm):
        raise ValueError("An outline must be an (n, 3) array with at least one point.")
    if not np.isfinite(points_mm).all():
        raise ValueError("Every coordinate of an outline must be finite.")
    return points_mm.astype(np.float64, copy=False)


def _near(points: Points, box: tuple[Points, Points], reach_mm: float) -> Points:
    # A point farther than the reach from the other's box cannot be the nearer end of a pair within reach.
    inside = (points >= box[0] - reach_mm) & (points <= box[1] + reach_mm)
    return points[inside.all(axis=1)]


def _least(first: Points, second: Points) -> float:
    if not len(first) or not len(second):
        return math.inf
    if len(first) * len(second) <= _BRUTE_PAIRS:
        return float(cdist(first, second).min())
    distances, _ = cKDTree(first).query(second)
    return float(distances.min())


def _components(n_marks: int, pairs: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
    ones = np.ones(len(pairs), dtype=np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(n_marks, n_marks))
    _, labels = connected_components(graph, directed=False)
    groups: dict[int, list[int]] = {}
    for position, label in enumerate(labels.tolist()):
        groups.setdefault(label, []).append(position)
    return tuple(sorted(tuple(group) for group in groups.values()))


def _largest(groups: Sequence[Sequence[int]]) -> int:
    return max((len(group) for group in groups), default=0)
