"""Closed lines on planes of a volume to voxels, as RT structure sets draw them.

Lines of one plane are joined by even-odd: one within another takes away (DICOM PS3.3 C.8.8.6.3, "inner and outer
contours"). A voxel is inside when its centre is, as in ``_raster``. Nothing between two planes is made up.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from annotations.labels._raster import PIXEL_CENTRE, rasterise
from annotations.labels._rings import EDGE, Ring
from annotations.labels.base import LabelError
from annotations.labels.polygon import Polygon

# Share of a voxel by which a line may leave its plane, and its plane that of the image.
MOST_SHIFT = 0.1
# So many gaps and no two planes side by side are a habit; fewer may be parts of a structure.
FEWEST_GAPS = 3

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def drawn(contours: Sequence[Floats], shape: tuple[int, int, int]) -> Bools:
    """Return the voxels [z, y, x] inside closed lines.

    Parameters
    ----------
    contours : sequence of float64 array (points, 3)
        Indices (x, y, z) of the volume, whole at the centres of voxels; all on planes of one of its axes.
    shape : tuple of int
        Voxels along (z, y, x).

    Returns
    -------
    ndarray of bool
        LabelError: ``turned`` for a line across the planes, ``between`` for one that lies between two,
        ``outside`` for one that leaves the volume, ``sparse`` where the lines leave planes out throughout.
    """
    axis = _axis_of(contours)
    size = np.array(shape[::-1])
    across, down = (other for other in range(3) if other != axis)
    # A view on the planes of the axis: [plane, down, across].
    mask = np.zeros(shape, dtype=np.bool_)
    planes = np.moveaxis(mask, 2 - axis, 0)
    found = []
    for points in contours:
        plane = _plane_of(points[:, axis], int(size[axis]))
        flat = points[:, [across, down]]
        if (flat < -0.5 - EDGE).any() or (flat > size[[across, down]] - 0.5 + EDGE).any():
            raise LabelError("outside", "", "A line lies outside the image.")
        found.append((plane, flat))
    _refuse_sparse({plane for plane, _ in found})
    for plane, flat in found:
        line = Polygon(PIXEL_CENTRE, (Ring(0, hole=False, points=tuple(map(tuple, (flat + 0.5).tolist()))),))
        z0, z1, y0, y1, x0, x1 = line.bounds()
        window = planes[plane, y0 : min(y1, size[down]), x0 : min(x1, size[across])]
        if window.size:
            window ^= rasterise(line, (z0, z1, y0, y0 + window.shape[0], x0, x0 + window.shape[1]))[0]
    return mask


def _axis_of(contours: Sequence[Floats]) -> int:
    """Return the axis (0 for x) along which every line stays where it is."""
    spread = np.max([np.ptp(points, axis=0) for points in contours], axis=0)
    axis = int(np.argmin(spread))
    if spread[axis] > 2 * MOST_SHIFT:
        raise LabelError("turned", "", "The lines do not lie on the image's planes; nothing is resampled.")
    return axis


def _plane_of(values: Floats, n_planes: int) -> int:
    plane = round(float(values.mean()))
    if np.abs(values - plane).max() > MOST_SHIFT:
        raise LabelError("between", "", "A line lies between two planes of the image; nothing is resampled.")
    if not 0 <= plane < n_planes:
        raise LabelError("outside", "", "A line lies outside the image.")
    return plane


def _refuse_sparse(planes: set[int]) -> None:
    """Refuse lines drawn for thicker slices: filled as they are they would be a comb, not a structure."""
    steps = np.diff(sorted(planes))
    if len(steps) >= FEWEST_GAPS and steps.min() > 1:
        raise LabelError("sparse", "", "The lines leave planes of the image out; they were drawn on another image.")
