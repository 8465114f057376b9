"""Masks on different grids: refused, or brought onto one named grid by nearest neighbour, in millimetres."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qc.readings.base import BoolArray, FloatArray, ReadingError

# Relative to the spacing, as ITK compares physical spaces.
_SAME = 1e-6
# Voxels of the target whose positions are computed at once.
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class PlacedGrid:
    """A grid of voxels in the room of the patient.

    Parameters
    ----------
    shape : tuple of int (axes,)
        Voxels, in the order of the axes of the array (z, y, x).
    spacing_mm : tuple of float (axes,)
        Millimetres between voxel centres, in the same order.
    origin_mm : tuple of float (axes,)
        Centre of the first voxel, in the same order of coordinates.
    direction : tuple of tuple of float (axes, axes)
        Column k is the unit vector along array axis k.
    """

    shape: tuple[int, ...]
    spacing_mm: tuple[float, ...]
    origin_mm: tuple[float, ...]
    direction: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        """Refuse what is no grid."""
        axes = len(self.shape)
        matrix = np.array(self.direction, dtype=np.float64)
        if len(self.spacing_mm) != axes or len(self.origin_mm) != axes or matrix.shape != (axes, axes):
            raise ReadingError("bad-grid", "Shape, spacing, origin and direction have one number of axes.")
        numbers = np.concatenate([self.spacing_mm, self.origin_mm, matrix.ravel()])
        if not np.isfinite(numbers).all() or min(self.spacing_mm) <= 0 or min(self.shape) < 1:
            raise ReadingError("bad-grid", "A grid has finite numbers, positive spacings and at least one voxel.")
        if abs(np.linalg.det(matrix)) < _SAME:
            raise ReadingError("bad-grid", "The directions of a grid are independent.")

    def is_same(self, other: "PlacedGrid") -> bool:
        """Tell whether both grids have the same voxels, within a millionth of the spacing."""
        slack = _SAME * min(self.spacing_mm)
        return (
            self.shape == other.shape
            and np.allclose(self.spacing_mm, other.spacing_mm, rtol=0, atol=slack)
            and np.allclose(self.origin_mm, other.origin_mm, rtol=0, atol=slack)
            and np.allclose(self.direction, other.direction, rtol=0, atol=_SAME)
        )


def check_same_grid(grids: Mapping[str, PlacedGrid]) -> None:
    """Refuse masks whose voxels are not the same: nothing is resampled unless somebody asks for it.

    Parameters
    ----------
    grids : mapping from reader to PlacedGrid
        At least one.

    Raises
    ------
    ReadingError
        ``different-grids``.
    """
    names = sorted(grids)
    for name in names[1:]:
        if not grids[names[0]].is_same(grids[name]):
            message = "These masks lie on different grids; resample them onto one named grid before comparing them."
            raise ReadingError("different-grids", message)


def resampled(mask: BoolArray, source: PlacedGrid, target: PlacedGrid) -> BoolArray:
    """Return the mask on another grid: each voxel takes what lies nearest to its centre.

    Parameters
    ----------
    mask : bool array (axes…)
        On the source grid.
    source, target : PlacedGrid
        In one room, with one number of axes.

    Returns
    -------
    bool array, shape of the target
        Nothing is marked outside the source, whose border voxels reach half a voxel beyond their centre. A centre
        half-way between two voxels takes the one with the higher index, as ITK does.
    """
    if mask.shape != source.shape:
        raise ReadingError("shape-differs", "The mask has the shape of its grid.")
    if len(source.shape) != len(target.shape):
        raise ReadingError("bad-grid", "Both grids have one number of axes.")
    forward = np.array(target.direction) * np.array(target.spacing_mm)
    backward = np.linalg.inv(np.array(source.direction) * np.array(source.spacing_mm))
    turn: FloatArray = backward @ forward
    shift: FloatArray = backward @ (np.array(target.origin_mm) - np.array(source.origin_mm))
    found = np.zeros(int(np.prod(target.shape)), dtype=np.bool_)
    for start in range(0, found.size, _CHUNK):
        flat = np.arange(start, min(start + _CHUNK, found.size))
        places = np.stack(np.unravel_index(flat, target.shape), axis=1) @ turn.T + shift
        # A rounding error must not decide on which side of a half a centre lies.
        nearest = np.floor(np.round(places, 9) + 0.5).astype(np.int64)
        inside = ((nearest >= 0) & (nearest < source.shape)).all(axis=1)
        found[flat[inside]] = mask[tuple(nearest[inside].T)]
    return found.reshape(target.shape)
