"""Rings of a polygon: reading them, and refusing those that enclose nothing or cross themselves."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from annotations.labels.base import LabelError, check_members, finite, pointer

MAX_POINTS = 100_000
MAX_COORDINATE = 2.0**20  # pixels; larger than any slide scanner writes
EDGE = 0.5  # pixels that a point may lie outside the image: a click on the border pixel's far side
_MAX_PAIRS = 50_000_000  # pairs of edges that a crossing check may have to compare: about two seconds

Floats = npt.NDArray[np.float64]
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed line on one slice.

    Parameters
    ----------
    slice : int
        Slice index, from 0.
    hole : bool
        Whether the ring is taken away from the others on its slice.
    points : tuple of (x, y)
        Column and row in pixels; the last point joins the first without repeating it.
    """

    slice: int
    hole: bool
    points: Points

    def dump(self) -> dict[str, Any]:
        """Return ``{"slice": …, "hole": …, "points": [[x, y], …]}``."""
        return {"slice": self.slice, "hole": self.hole, "points": [list(point) for point in self.points]}


def parse_rings(value: object) -> tuple[Ring, ...]:
    """Return the rings, or LabelError for a malformed one; their geometry is not checked here.

    Parameters
    ----------
    value : object
        What stands at ``/rings``; at least one ring must not be a hole.
    """
    if not isinstance(value, list | tuple) or not value:
        raise LabelError("no-rings", "/rings", "A list of at least one ring is needed.")
    left = MAX_POINTS
    rings = []
    for index, raw in enumerate(value):
        ring = _ring(raw, pointer("rings", index), left)
        left -= len(raw["points"])
        rings.append(ring)
    if all(ring.hole for ring in rings):
        raise LabelError("only-holes", "/rings", "At least one ring must not be a hole.")
    return tuple(rings)


def check_inside(rings: Collection[Ring], shape: tuple[int, int, int], *, centred: bool) -> None:
    """Refuse rings that leave the image by more than half a pixel.

    Parameters
    ----------
    rings : collection of Ring
        What to check.
    shape : tuple of int
        Voxels of the image along (z, y, x).
    centred : bool
        Whether whole coordinates are pixel centres (the image then ends at size − 1) or corners.
    """
    depth, height, width = shape
    far = EDGE - 1 if centred else EDGE
    for index, ring in enumerate(rings):
        if ring.slice >= depth:
            message = f"The slice is {ring.slice}; the image has slices 0 to {depth - 1}."
            raise LabelError("outside-image", pointer("rings", index, "slice"), message)
        for position, (x, y) in enumerate(ring.points):
            if x > width + far or y > height + far:
                message = f"The point ({x}, {y}) lies outside the image of {width} × {height} pixels."
                raise LabelError("outside-image", pointer("rings", index, "points", position), message)


def check_simple(points: Points, at: str) -> None:
    """Refuse a ring that encloses no area, or that touches, overlaps or crosses itself.

    Parameters
    ----------
    points : tuple of (x, y)
        In pixels.
    at : str
        JSON pointer to them.
    """
    if len(set(points)) < 3:
        raise LabelError("too-few-points", at, "A ring needs at least three different points.")
    ring = np.array(points, dtype=np.float64)
    from_first = ring - ring[0]
    reach = from_first[np.argmax((from_first**2).sum(axis=1))]
    if not (from_first[:, 0] * reach[1] - from_first[:, 1] * reach[0]).any():
        raise LabelError("zero-area", at, "All points of the ring lie on one line, so it encloses nothing.")
    if _overlapping_pairs(ring) > _MAX_PAIRS:
        message = "The ring is too intricate to be checked for crossings; mark the region as a mask instead."
        raise LabelError("too-intricate", at, message)
    shape = shapely.polygons(shapely.linearrings(ring))
    if not shapely.is_valid(shape):
        raise LabelError("self-crossing", at, _where(ring, str(shapely.is_valid_reason(shape))))


def _ring(raw: object, at: str, left: int) -> Ring:
    check_members(raw, ("slice", "hole", "points"), at=at)
    value: dict[str, Any] = raw  # type: ignore[assignment]
    index, hole, points = value["slice"], value["hole"], value["points"]
    if type(index) is not int or not 0 <= index < 2**31:
        raise LabelError("bad-slice", at + "/slice", "A slice is a whole number from 0.")
    if not isinstance(hole, bool):
        raise LabelError("not-a-boolean", at + "/hole", "The member 'hole' is true or false.")
    if not isinstance(points, list | tuple) or not points:
        raise LabelError("too-few-points", at + "/points", "A list of points [x, y] is needed.")
    if len(points) > left:
        raise LabelError("too-many-points", at + "/points", f"A polygon has at most {MAX_POINTS} points.")
    read = [_point(point, at, position) for position, point in enumerate(points)]
    while len(read) > 1 and read[-1] == read[0]:  # a repeated first point would be a second form of one ring
        read.pop()
    return Ring(index, hole, tuple(read))


def _point(raw: object, at: str, position: int) -> tuple[float, float]:
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        raise LabelError("bad-point", f"{at}/points/{position}", "A point is [x, y]: column and row in pixels.")
    x, y = (value if type(value) is float else finite(value, f"{at}/points/{position}") for value in raw)
    if not (-EDGE <= x <= MAX_COORDINATE and -EDGE <= y <= MAX_COORDINATE):
        finite(x, f"{at}/points/{position}/0")
        finite(y, f"{at}/points/{position}/1")
        raise LabelError("outside-image", f"{at}/points/{position}", f"The point ({x}, {y}) lies outside any image.")
    return x + 0.0, y + 0.0  # negative zero would be a second canonical form


def _overlapping_pairs(ring: Floats) -> int:
    """Return how many pairs of edges overlap along x, or along y where these are fewer."""
    following = np.roll(ring, -1, axis=0)
    low, high = np.sort(np.minimum(ring, following), axis=0), np.maximum(ring, following)
    size = len(ring)
    # Edges that start no later than another ends: an overlapping pair counts twice, any other pair once.
    counts = [int(low[:, axis].searchsorted(high[:, axis], side="right").sum()) for axis in (0, 1)]
    return min(counts) - size * (size + 1) // 2


def _where(ring: Floats, reason: str) -> str:
    """Return which edges meet, and where, from GEOS's reason (``Self-intersection[12 7.5]``)."""
    x, y = (float(number) for number in re.findall(r"[-+0-9.e]+", reason[reason.index("[") :]))
    along = np.roll(ring, -1, axis=0) - ring
    squared = np.maximum((along**2).sum(axis=1), np.finfo(np.float64).tiny)
    offset = np.array([x, y]) - ring
    share = np.clip((offset * along).sum(axis=1) / squared, 0, 1)
    distance = np.hypot(*(offset - along * share[:, None]).T)
    nearest = np.argsort(distance, kind="stable")
    first = int(nearest[0])
    gaps = np.minimum((nearest - first) % len(ring), (first - nearest) % len(ring))
    far = nearest[(gaps > 1) & (distance[nearest] <= 1e-6 * (1 + abs(x) + abs(y)))]
    second = int(far[0]) if far.size else int(nearest[1])
    verb = "overlap" if not far.size else "touch" if reason.startswith("Ring") else "cross"
    low, high = sorted((first, second))
    return f"The ring meets itself: edges {low} and {high} {verb} near ({x:.1f}, {y:.1f})."
