"""Outlines as exact regions of the plane: repaired or refused, overlapped, and measured border to border."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from qc.readings.base import FloatArray, ReadingError

# Pixels: contours are filled with points this near to each other, because the library compares points only.
_STEP = 0.25
_MOST_POINTS = 2_000_000


@dataclass(frozen=True, slots=True)
class Repaired:
    """A region and what its repair changed.

    Parameters
    ----------
    region : shapely geometry
        A valid polygon or several.
    area : float
        Of the region, square units of the points.
    change : float
        ``area`` less the area that the rings enclose as they were written; 0 where nothing had to be repaired.
    """

    region: shapely.Geometry
    area: float
    change: float


def repaired(shell: Sequence[Sequence[float]], holes: Sequence[Sequence[Sequence[float]]] = ()) -> Repaired:
    """Return the region that a ring with holes encloses, repaired where rings cross.

    A ring that overlaps itself encloses all it surrounds, a bow-tie both its halves, a hole that sticks out of its
    shell takes away only what lies inside (``make_valid`` by structure).

    Parameters
    ----------
    shell : sequence of (x, y)
        At least three different points, the last joined to the first.
    holes : sequence of sequence of (x, y)
        Rings taken away.

    Raises
    ------
    ReadingError
        ``too-few-points``, ``bad-point`` or ``zero-area``.
    """
    polygon = shapely.Polygon(_ring(shell), [_ring(hole) for hole in holes])
    fixed = shapely.make_valid(polygon, method="structure", keep_collapsed=False)
    parts = [part for part in shapely.get_parts(fixed) if part.geom_type == "Polygon" and part.area > 0]
    region = shapely.union_all(parts)
    if region.is_empty or region.area <= 0:
        raise ReadingError("zero-area", "The outline encloses nothing.")
    return Repaired(region, float(region.area), 0.0 if polygon.is_valid else float(region.area - polygon.area))


def joined(regions: Sequence[Repaired]) -> Repaired:
    """Return several regions of one reader as one; what overlaps counts once.

    Parameters
    ----------
    regions : sequence of Repaired
        At least one.
    """
    if not regions:
        raise ReadingError("no-regions", "At least one region is needed.")
    region = shapely.union_all([part.region for part in regions])
    return Repaired(region, float(region.area), float(region.area - sum(part.area - part.change for part in regions)))


def polygon_iou(first: Repaired, second: Repaired) -> float:
    """Return intersection over union of two regions, holes and several parts included."""
    shared = shapely.intersection(first.region, second.region).area
    return float(shared / (first.area + second.area - shared))


def polygon_dice(first: Repaired, second: Repaired) -> float:
    """Return twice the shared area over the areas of both regions."""
    return float(2 * shapely.intersection(first.region, second.region).area / (first.area + second.area))


def line_hausdorff(first: FloatArray, second: FloatArray, *, step: float = _STEP) -> float:
    """Return the Hausdorff distance of two lines, points filled in along them.

    The library compares the points of a line only, so that long straight pieces would be missed.

    Parameters
    ----------
    first, second : float64 array (points, 2)
        In one unit, which is that of the result.
    step : float
        Greatest distance of two neighbouring points, the error of the result.
    """
    lines = [shapely.linestrings(np.asarray(line, dtype=np.float64)) for line in (first, second)]
    if not step > 0 or sum(line.length for line in lines) / step > _MOST_POINTS:
        raise ReadingError("bad-step", "The step is positive and not too small for the lines.")
    return float(shapely.hausdorff_distance(*(shapely.segmentize(line, step) for line in lines)))


def _ring(points: Sequence[Sequence[float]]) -> FloatArray:
    ring = np.asarray(points, dtype=np.float64)
    if ring.ndim != 2 or ring.shape[1] != 2 or not np.isfinite(ring).all():
        raise ReadingError("bad-point", "A ring is a list of points of two finite numbers.")
    if len(np.unique(ring, axis=0)) < 3:
        raise ReadingError("too-few-points", "A ring needs at least three different points.")
    return ring
