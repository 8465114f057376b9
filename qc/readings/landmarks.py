"""Named points that several readers set, compared pair by pair; a point that only one set is no distance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from qc.readings._pair_rows import PairRows
from qc.readings.base import BoolArray, FloatArray, ReadingError

# Reader → landmark → point along the axes of the image, in voxels; None where the reader says it is not visible.
Points = Mapping[str, Mapping[str, Sequence[float] | None]]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LandmarkTable(PairRows):
    """One row per landmark and pair of readers of one unit, of which at least one saw it.

    Parameters
    ----------
    landmark : tuple of str
        Name of the point.
    point_first, point_second : float64 array (rows, axes)
        Millimetres; 0 where not seen.
    seen_first, seen_second : bool array (rows,)
        Whether the reader set the point.
    area : float64 array (rows,)
        Area of the object that the point belongs to, mm²; 0 when unknown.
    sigma : float64 array (rows,)
        Spread of the landmark among readers as a share of the object's size; 0 when unknown.
    """

    COLUMNS: ClassVar[Mapping[str, type]] = {
        "landmark": str,
        "point_first": np.float64,
        "point_second": np.float64,
        "seen_first": np.bool_,
        "seen_second": np.bool_,
        "area": np.float64,
        "sigma": np.float64,
    }

    landmark: tuple[str, ...]
    point_first: FloatArray
    point_second: FloatArray
    seen_first: BoolArray
    seen_second: BoolArray
    area: FloatArray
    sigma: FloatArray

    @property
    def seen(self) -> BoolArray:
        """Whether both readers set the point (rows,)."""
        both: BoolArray = self.seen_first & self.seen_second
        return both

    @property
    def distance_mm(self) -> FloatArray:
        """Distance of the two points (rows,), NaN where one of them was not set."""
        if not len(self.unit):
            return np.zeros(0)
        distances = np.sqrt(((self.point_first - self.point_second) ** 2).sum(axis=1))
        return np.where(self.seen, distances, np.nan)


@dataclass(frozen=True, slots=True)
class Objects:
    """What object keypoint similarity needs to know beside the points.

    Parameters
    ----------
    areas : tuple of float (units,)
        Area of each unit's object, mm².
    sigmas : mapping from landmark to float
        Spread among readers as a share of the object's size.
    """

    areas: tuple[float, ...]
    sigmas: Mapping[str, float]


def landmark_table(
    units: Sequence[Points],
    spacings_mm: Sequence[Sequence[float]],
    *,
    objects: Objects | None = None,
    clusters: Sequence[str] | None = None,
) -> LandmarkTable:
    """Compare the points of every two readers of every unit.

    Parameters
    ----------
    units : sequence of mapping from reader to mapping from landmark to point
        Points in voxels, in the order of the axes of the image; None (or absent) where not visible.
    spacings_mm : sequence of sequence of float (units, axes)
        Millimetres between voxel centres of each unit's image, in the same order.
    objects : Objects or None
        For object keypoint similarity.
    clusters : sequence of str (units,) or None
        The cluster of each unit; None when unknown.
    """
    if len(spacings_mm) != len(units):
        raise ReadingError("bad-spacing", f"{len(spacings_mm)} spacings were given for {len(units)} units.")
    rows = [
        (number, first, second, name, set_by[first].get(name), set_by[second].get(name))
        for number, set_by in enumerate(units)
        for first, second in combinations(sorted(set_by), 2)
        for name in sorted({*set_by[first], *set_by[second]})
    ]
    rows = [row for row in rows if row[4] is not None or row[5] is not None]
    return LandmarkTable(
        n_units=len(units),
        unit=np.array([row[0] for row in rows], dtype=np.int64),
        first=tuple(row[1] for row in rows),
        second=tuple(row[2] for row in rows),
        landmark=tuple(row[3] for row in rows),
        point_first=_in_mm([row[4] for row in rows], [spacings_mm[row[0]] for row in rows]),
        point_second=_in_mm([row[5] for row in rows], [spacings_mm[row[0]] for row in rows]),
        seen_first=np.array([row[4] is not None for row in rows], dtype=np.bool_),
        seen_second=np.array([row[5] is not None for row in rows], dtype=np.bool_),
        area=np.array([objects.areas[row[0]] if objects else 0.0 for row in rows]),
        sigma=np.array([objects.sigmas[row[3]] if objects else 0.0 for row in rows]),
        clusters=None if clusters is None else tuple(clusters),
    )


def _in_mm(points: Sequence[Sequence[float] | None], spacings_mm: Sequence[Sequence[float]]) -> FloatArray:
    """Return points (rows, axes) in millimetres, 0 where there is none."""
    if not points:
        return np.zeros((0, 0))
    axes = {len(spacing) for spacing in spacings_mm} | {len(point) for point in points if point is not None}
    if len(axes) > 1:
        raise ReadingError("bad-point", "All points and spacings have the same number of axes.")
    steps = np.array(spacings_mm, dtype=np.float64)
    known = np.array([point if point is not None else np.zeros(steps.shape[1]) for point in points], dtype=np.float64)
    if not np.isfinite(known).all() or not (np.isfinite(steps) & (steps > 0)).all():
        raise ReadingError("bad-point", "Points are finite numbers and spacings positive ones.")
    return known * steps
