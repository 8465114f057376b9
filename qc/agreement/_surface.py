"""Nearest distances between the borders of two masks, in millimetres: exact, and quick where readers nearly agree.

Readers who outline the same structure are mostly a voxel or two apart. From each border voxel the grid around it is
therefore asked in the order of its distance in mm, all voxels at once, until one lies on the other border. The few
that find nothing within reach ask a k-d tree. Both ways give the distance that a Euclidean distance transform gives.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from qc.readings.base import BoolArray, FloatArray, IntArray

# Neighbours asked before the tree: beyond some five voxels its search is the cheaper one.
_NEIGHBOURS = 600
# Questions asked at once: one gather that stays in the cache.
_AT_ONCE = 1 << 15
# Below this many pairs of points all distances at once are quicker than building a tree.
_BRUTE_PAIRS = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class Neighbourhood:
    """The grid around a voxel, nearest first.

    Parameters
    ----------
    steps : int64 array (neighbours, axes)
        Steps in voxels; the first is the voxel itself.
    lengths_mm : float64 array (neighbours,)
        Ascending; every step that is no longer than the last one is there.
    reach : tuple of int (axes,)
        Longest step along each axis, at least 1.
    """

    steps: IntArray
    lengths_mm: FloatArray
    reach: tuple[int, ...]


@lru_cache(maxsize=64)
def neighbourhood(spacing_mm: tuple[float, ...]) -> Neighbourhood:
    """Return the neighbours of a voxel on a grid.

    Parameters
    ----------
    spacing_mm : tuple of float (axes,)
        Millimetres between voxel centres, positive.
    """
    axes = len(spacing_mm)
    cell = math.prod(spacing_mm)
    unit_ball = math.pi ** (axes / 2) / math.gamma(axes / 2 + 1)
    radius = max((_NEIGHBOURS * cell / unit_ball) ** (1 / axes), min(spacing_mm))
    # On flat voxels the ball may hold far more steps along one axis than it is meant to have in all.
    most = [min(int(radius / step), _NEIGHBOURS) for step in spacing_mm]
    radius = min([radius] + [(most[i] + 1) * step * (1 - 1e-9) for i, step in enumerate(spacing_mm)])
    steps = np.stack(
        np.meshgrid(*(np.arange(-size, size + 1, dtype=np.int64) for size in most), indexing="ij"), axis=-1
    ).reshape(-1, axes)
    lengths = np.sqrt(((steps * np.array(spacing_mm)) ** 2).sum(axis=1))
    kept = np.flatnonzero(lengths <= radius)
    order = kept[np.argsort(lengths[kept], kind="stable")]
    return Neighbourhood(steps[order], lengths[order], tuple(max(size, 1) for size in most))


@dataclass(frozen=True, eq=False)
class Border:
    """The border of one mask: marked voxels with an unmarked face neighbour; outside the grid nothing is marked.

    Parameters
    ----------
    marked : bool array (voxels,)
        The border on the padded grid, flat.
    places : int64 array (border voxels,)
        Where it is marked, ascending.
    shape : tuple of int (axes,)
        Padded grid.
    spacing_mm : tuple of float (axes,)
        Millimetres between voxel centres.
    """

    marked: BoolArray
    places: IntArray
    shape: tuple[int, ...]
    spacing_mm: tuple[float, ...]

    @cached_property
    def tree(self) -> cKDTree:
        """The border voxels in millimetres, for far neighbours."""
        return cKDTree(self.points_mm(self.places), balanced_tree=False, compact_nodes=False)

    def points_mm(self, places: IntArray) -> FloatArray:
        """Return positions (voxels, axes) in millimetres, in the frame of the padded grid."""
        points: FloatArray = np.column_stack(np.unravel_index(places, self.shape)) * np.array(self.spacing_mm)
        return points


def border_of(mask: BoolArray, spacing_mm: tuple[float, ...]) -> Border:
    """Return the border X ∧ ¬erode(X) of a mask, faces as neighbours, nothing marked outside.

    Parameters
    ----------
    mask : bool array (axes…)
        The mask, or any box that holds all it marks.
    spacing_mm : tuple of float (axes,)
        In the order of the axes of the array.
    """
    reach = neighbourhood(spacing_mm).reach
    shape = tuple(size + 2 * pad for size, pad in zip(mask.shape, reach, strict=True))
    padded = np.zeros(shape, dtype=np.bool_)
    padded[tuple(slice(pad, pad + size) for size, pad in zip(mask.shape, reach, strict=True))] = mask
    flat = padded.reshape(-1)
    inner = flat.copy()
    for stride in _strides(shape):
        # The padding is at least one voxel wide, so that a step past an edge reads an unmarked voxel.
        inner[stride:] &= flat[:-stride]
        inner[:-stride] &= flat[stride:]
    marked = flat ^ inner
    return Border(marked, np.flatnonzero(marked), shape, spacing_mm)


def nearest_mm(start: Border, goal: Border) -> FloatArray:
    """Return the distance from each voxel of one border to the nearest of the other.

    Parameters
    ----------
    start, goal : Border
        On one grid; neither empty.

    Returns
    -------
    float64 array (border voxels of ``start``,)
        Millimetres, between voxel centres.
    """
    around = neighbourhood(start.spacing_mm)
    steps = around.steps @ np.array(_strides(start.shape), dtype=np.int64)
    distances = np.empty(len(start.places))
    left = np.arange(len(start.places))
    asked = 0
    while len(left) and asked < len(steps):
        # Most find their neighbour at once: ask for few steps first, then for twice as many.
        block = max(1, min(asked + 1, _AT_ONCE // len(left)))
        places = start.places[left]
        if block == 1:
            found = goal.marked[places + steps[asked]]
            distances[left[found]] = around.lengths_mm[asked]
        else:
            hits = goal.marked[places[:, None] + steps[None, asked : asked + block]]
            first = hits.argmax(axis=1)
            found = hits[np.arange(len(left)), first]
            distances[left[found]] = around.lengths_mm[asked + first[found]]
        left = left[~found]
        asked += block
    if len(left):
        distances[left] = _far(start, goal, start.places[left])
    return distances


def _far(start: Border, goal: Border, places: IntArray) -> FloatArray:
    points = start.points_mm(places)
    if len(places) * len(goal.places) <= _BRUTE_PAIRS:
        nearest: FloatArray = cdist(points, goal.points_mm(goal.places)).min(axis=1)
        return nearest
    distances: FloatArray = goal.tree.query(points)[0]
    return distances


def _strides(shape: Sequence[int]) -> list[int]:
    """Return voxels between neighbours along each axis of a C-ordered grid."""
    return [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
