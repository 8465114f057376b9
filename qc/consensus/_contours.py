"""From voxels back to outlines: marching squares at half height, slice by slice; painted, they are the voxels again.

An outline runs half-way between the centres of marked and unmarked pixels and never through a centre. A ring takes
away everything inside a hole, so that a slice whose hole holds an island is cut in two between two rows first.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from skimage import measure

from annotations.labels._raster import PIXEL_CENTRE
from annotations.labels._rings import Ring
from annotations.labels.polygon import Polygon
from qc.readings.base import BoolArray

_HALF = 0.5

Floats = npt.NDArray[np.float64]

# The library has no types of its own.
_trace: Callable[..., list[Floats]] = measure.find_contours


def polygon_of(mask: BoolArray, corner: tuple[int, int, int] = (0, 0, 0)) -> Polygon | None:
    """Return the outlines of a mask by the rule ``pixel_centre``; None when nothing is marked.

    Parameters
    ----------
    mask : ndarray of bool
        (z, y, x)
    corner : tuple of int
        First voxel of the mask in the image.

    Returns
    -------
    Polygon or None
        Rasterised by its rule it is the mask again. Pixels that touch at a corner only are not joined.

    References
    ----------
    Marching squares: Lorensen WE, Cline HE (1987), doi:10.1145/37402.37422.
    """
    rings = [ring for index, plane in enumerate(mask) for ring in _rings(plane, index, corner)]
    return Polygon(rule=PIXEL_CENTRE, rings=tuple(rings)) if rings else None


def _rings(plane: BoolArray, index: int, corner: tuple[int, int, int]) -> Iterator[Ring]:
    for top, part in _without_islands(plane, 0):
        for line in _outlines(part):
            points = _simplified(line)
            # A hole winds the other way round.
            hole = _signed_area(points) < 0
            shift = np.array([top + corner[1], corner[2]]) + _HALF
            yield Ring(index + corner[0], hole, tuple((float(x), float(y)) for y, x in (points + shift).tolist()))


def _outlines(part: BoolArray) -> list[Floats]:
    lines = _trace(np.pad(part, 1).astype(np.float64), _HALF, fully_connected="low")
    return [line[:-1] - 1 for line in lines]


def _without_islands(plane: BoolArray, top: int) -> Iterator[tuple[int, BoolArray]]:
    """Yield the plane, or its parts between rows, such that no hole holds an island; with the first row of each."""
    if not plane.any():
        return
    row = _row_of_island(plane)
    if row is None:
        yield top, plane
        return
    yield from _without_islands(plane[:row], top)
    yield from _without_islands(plane[row:], top + row)


def _row_of_island(plane: BoolArray) -> int | None:
    """Return a row that cuts through an island in a hole, or just below one of a single row; None without islands."""
    lines = _outlines(plane)
    holes = [line for line in lines if _signed_area(line) < 0]
    for line in lines:
        if _signed_area(line) > 0 and any(_contains(hole, line[0]) for hole in holes):
            low, high = int(np.ceil(line[:, 0].min())), int(np.floor(line[:, 0].max()))
            return (low + high) // 2 + 1 if high + 1 < len(plane) else low
    return None


def _contains(ring: Floats, point: Floats) -> bool:
    """Return whether a point lies inside a ring, by even-odd crossing."""
    y, x = ring[:, 0], ring[:, 1]
    y1, x1 = np.roll(y, -1), np.roll(x, -1)
    spans = (y > point[0]) != (y1 > point[0])
    at = x[spans] + (point[0] - y[spans]) * (x1[spans] - x[spans]) / (y1[spans] - y[spans])
    return bool(np.count_nonzero(at > point[1]) % 2)


def _signed_area(line: Floats) -> float:
    y, x = line[:, 0], line[:, 1]
    return float((np.roll(y, -1) * x - y * np.roll(x, -1)).sum()) / 2


def _simplified(line: Floats) -> Floats:
    """Return the ring without points on straight stretches."""
    before, after = line - np.roll(line, 1, axis=0), np.roll(line, -1, axis=0) - line
    turns = before[:, 0] * after[:, 1] != before[:, 1] * after[:, 0]
    kept: Floats = line[turns]
    return kept
