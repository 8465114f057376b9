"""Gold regions slice by slice: the marked pixels of each, and the outline where it says the same."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.labels._marked import Box, marked_part
from annotations.labels._raster import PIXEL_CENTRE, rasterise
from annotations.labels._rings import parse_rings
from annotations.labels.mask import mask_of
from annotations.labels.polygon import Polygon

Bools = npt.NDArray[np.bool_]
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Plane:
    """What a region marks on one slice.

    Parameters
    ----------
    slice : int
        From 0.
    top, left : int
        First row and column of the pixels in the image.
    pixels : ndarray of bool
        [row, column], as small as the region allows.
    rings : tuple of points
        (x, y) in pixel corners, where the region is outlines by the rule ``pixel_centre`` without a hole;
        else empty.
    corners : tuple of float or None
        (left, top, right, bottom) in pixel corners, where the region is a box; ``pixels`` are then those it touches.
    """

    slice: int
    top: int
    left: int
    pixels: Bools
    rings: tuple[Points, ...]
    corners: tuple[float, float, float, float] | None = None

    @property
    def area(self) -> int:
        """Return the number of pixels."""
        return int(self.pixels.sum())

    def full(self, shape: tuple[int, int, int]) -> Bools:
        """Return the pixels within the whole slice of an image of this shape (z, y, x)."""
        whole = np.zeros(shape[1:], dtype=np.bool_)
        height, width = self.pixels.shape
        whole[self.top : self.top + height, self.left : self.left + width] = self.pixels
        return whole


def planes_of(label: Mapping[str, Any], shape: tuple[int, int, int]) -> list[Plane]:
    """Return the slices on which a region marks anything, in order.

    Parameters
    ----------
    label : mapping
        A mask, a polygon or a box.
    shape : tuple of int
        Voxels of the image along (z, y, x).
    """
    if label["kind"] == "box":
        return _box_planes(label)
    box, part = region_of(label, shape)
    outlines = _outlines(label)
    planes = []
    for depth, pixels in enumerate(part):
        rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
        if rows.size:
            top, left = int(rows[0]), int(columns[0])
            tight = pixels[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
            index = box[0] + depth
            planes.append(Plane(index, box[2] + top, box[4] + left, tight, outlines.get(index, ())))
    return planes


def _box_planes(label: Mapping[str, Any]) -> list[Plane]:
    """Return a box on each of its slices, with its corners as they were given."""
    (z0, y0, x0), (z1, y1, x1) = label["low"], label["high"]
    top, left = math.floor(y0), math.floor(x0)
    pixels = np.ones((math.ceil(y1) - top, math.ceil(x1) - left), dtype=np.bool_)
    return [Plane(z, top, left, pixels, (), (x0, y0, x1, y1)) for z in range(math.floor(z0), math.ceil(z1))]


def region_of(label: Mapping[str, Any], shape: tuple[int, int, int]) -> tuple[Box, Bools]:
    """Return a half-open box (z0, z1, y0, y1, x0, x1) that holds a region, and its voxels within.

    Parameters
    ----------
    label : mapping
        A mask or a polygon.
    shape : tuple of int
        Voxels of the image along (z, y, x).
    """
    if label["kind"] == "mask":
        return marked_part(mask_of(label))
    polygon = Polygon(label["rule"], parse_rings(label["rings"]))
    z0, z1, y0, y1, x0, x1 = polygon.bounds()
    box = (z0, min(z1, shape[0]), y0, min(y1, shape[1]), x0, min(x1, shape[2]))
    return box, rasterise(polygon, box)


def _outlines(label: Mapping[str, Any]) -> dict[int, tuple[Points, ...]]:
    """Return slice to rings, for polygons whose rings alone say which pixels are inside."""
    if label["kind"] != "polygon" or label["rule"] != PIXEL_CENTRE:
        return {}
    rings: dict[int, list[Points]] = {}
    holed = {ring["slice"] for ring in label["rings"] if ring["hole"]}
    for ring in label["rings"]:
        if ring["slice"] not in holed:
            rings.setdefault(ring["slice"], []).append(tuple((float(x), float(y)) for x, y in ring["points"]))
    return {index: tuple(found) for index, found in rings.items()}
