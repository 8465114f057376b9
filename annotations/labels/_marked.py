"""The marked part of a mask alone: its box and the voxels within, without painting the grid around it."""

import math

import numpy as np
import numpy.typing as npt

from annotations.labels import _runs
from annotations.labels.mask import Mask

Box = tuple[int, int, int, int, int, int]


def marked_part(mask: Mask) -> tuple[Box, npt.NDArray[np.bool_]]:
    """Return the smallest box that holds every marked voxel, and the mask within it.

    Parameters
    ----------
    mask : Mask
        On a grid of any size; only what is marked takes memory.

    Returns
    -------
    box : tuple of int
        Half-open (z0, z1, y0, y1, x0, x1) in voxels; six zeros for an empty mask.
    part : ndarray of bool
        Of the box's shape; without voxels for an empty mask.
    """
    flat = _marked_places(mask)
    if not flat.size:
        return (0, 0, 0, 0, 0, 0), np.zeros((0, 0, 0), dtype=bool)
    axes = np.unravel_index(flat, mask.shape)
    z, y, x = ((int(axis.min()), int(axis.max()) + 1) for axis in axes)
    part = np.zeros((z[1] - z[0], y[1] - y[0], x[1] - x[0]), dtype=bool)
    part[axes[0] - z[0], axes[1] - y[0], axes[2] - x[0]] = True
    return (*z, *y, *x), part


def _marked_places(mask: Mask) -> npt.NDArray[np.int64]:
    """Return the places of the marked voxels in C order."""
    lengths = _runs.unpack(mask.runs, math.prod(mask.shape))
    starts = np.cumsum(lengths)[:-1:2]
    counts = lengths[1::2]
    before = np.cumsum(counts) - counts
    places: npt.NDArray[np.int64] = np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
    return places
