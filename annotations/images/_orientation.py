"""From any order and direction of axes to LPS, and back."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from annotations.images.base import ImageProblem, Volume, stored

Affine = NDArray[np.float64]
Array = NDArray[np.generic]

_LEAST_VOLUME = 1e-6


@dataclass(frozen=True, slots=True)
class Turn:
    """How the axes of an array are put in the order z, y, x of LPS.

    Parameters
    ----------
    order : tuple of int
        The array's axis that becomes z, y and x.
    flips : tuple of bool
        Whether z, y and x then run the other way.
    """

    order: tuple[int, int, int]
    flips: tuple[bool, bool, bool]

    def apply(self, values: Array) -> Array:
        """Return a view of a three-dimensional array, as [z, y, x] of LPS."""
        steps = tuple(slice(None, None, -1) if flip else slice(None) for flip in self.flips)
        return values.transpose(self.order)[steps]

    def undo(self, values: Array) -> Array:
        """Return a view of an array [z, y, x] of LPS, as the file had it."""
        steps = tuple(slice(None, None, -1) if flip else slice(None) for flip in self.flips)
        back = np.argsort(self.order)
        return values[steps].transpose(back)


def turn_of(affine: Affine) -> Turn:
    """Return the turn that brings each axis to the nearest of the patient's.

    Parameters
    ----------
    affine : ndarray of float64
        (4, 4), from indices to millimetres in LPS.

    Returns
    -------
    Turn
        The assignment with the largest sum of cosines; of equal ones the first in the order of the axes.

    Raises
    ------
    ImageProblem
        The axes do not span a space.
    """
    axes = affine[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    if not np.isfinite(affine).all() or not lengths.all():
        raise ImageProblem("no-orientation", "The directions of the image's axes are missing.")
    cosines = axes / lengths  # [patient's axis, array's axis]
    if abs(np.linalg.det(cosines)) < _LEAST_VOLUME:
        raise ImageProblem("flat-orientation", "The directions of the image's axes do not span a space.")
    best = max(permutations(range(3)), key=lambda order: sum(abs(cosines[2 - i, axis]) for i, axis in enumerate(order)))
    flips = tuple(bool(cosines[2 - i, axis] < 0) for i, axis in enumerate(best))
    return Turn((best[0], best[1], best[2]), (flips[0], flips[1], flips[2]))


def turned_affine(affine: Affine, turn: Turn, shape: tuple[int, ...]) -> Affine:
    """Return the matrix of the turned array.

    Parameters
    ----------
    affine : ndarray of float64
        (4, 4), from the array's indices to millimetres.
    turn : Turn
        What is done to the array.
    shape : tuple of int
        Voxels of the array along its own axes.

    Returns
    -------
    ndarray of float64
        (4, 4), from indices x, y, z (in this order) of the turned array to millimetres.
    """
    turned = np.eye(4)
    turned[:3, 3] = affine[:3, 3]
    for i, axis in enumerate(turn.order):
        step = affine[:3, axis]
        if turn.flips[i]:
            turned[:3, 3] += step * (shape[axis] - 1)
            step = -step
        turned[:3, 2 - i] = step
    return turned


def placed(values: Array, affine: Affine, notes: tuple[str, ...] = ()) -> Volume:
    """Return grey values as a volume on the patient's axes.

    Parameters
    ----------
    values : ndarray
        Real numbers along the array's own three axes.
    affine : ndarray of float64
        (4, 4), from the array's indices to millimetres in LPS.
    notes : tuple of str
        What must be known beside the pixels.
    """
    turn = turn_of(affine)
    voxels, slope, intercept = stored(values)
    turned = turned_affine(affine, turn, values.shape)
    steps = np.linalg.norm(turned[:3, :3], axis=0)
    return Volume(
        voxels=np.ascontiguousarray(turn.apply(voxels), dtype=np.int16),
        spacing_mm=(float(steps[2]), float(steps[1]), float(steps[0])),
        origin_mm=_triple(turned[:3, 3]),
        direction=tuple(_triple(turned[:3, axis] / steps[axis]) for axis in range(3)),
        slope=slope,
        intercept=intercept,
        notes=notes,
    )


def lying_nowhere(values: Array, spacing_mm: tuple[float, float, float] | None, notes: tuple[str, ...] = ()) -> Volume:
    """Return grey values [z, y, x] that do not say how they lie in the patient, as they are."""
    voxels, slope, intercept = stored(values)
    return Volume(
        voxels=np.ascontiguousarray(voxels),
        spacing_mm=spacing_mm,
        origin_mm=(0.0, 0.0, 0.0),
        direction=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
        slope=slope,
        intercept=intercept,
        notes=notes,
        is_placed=False,
    )


def _triple(values: Affine) -> tuple[float, float, float]:
    x, y, z = (float(value) + 0.0 for value in values)
    return x, y, z
