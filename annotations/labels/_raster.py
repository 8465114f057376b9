"""Polygons to pixels, by the rule that the polygon states.

``pixel_centre``
    Pixel (r, c) covers [c, c+1) × [r, r+1); it is inside when its centre (c+½, r+½) is, by even-odd
    crossing. A centre exactly on an edge belongs to the shape at its right or below, so that shapes
    sharing an edge share no pixel. This is the COCO convention (Lin et al. 2014,
    doi:10.1007/978-3-319-10602-1_48).
``outline_excluded``
    Whole coordinates are pixel centres. A pixel is inside when its centre lies strictly within the
    outline, by even-odd crossing; pixels whose centre the outline touches are outside, as in LIDC-IDRI,
    where readers drew just outside the nodule (Armato et al. 2011, doi:10.1118/1.3528204). A hole takes
    away its inside and its outline.

On a slice, the rings are joined, then the holes are taken away; the order of rings has no effect.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from annotations.labels.base import LabelError

PIXEL_CENTRE = "pixel_centre"
OUTLINE_EXCLUDED = "outline_excluded"
RULES = (PIXEL_CENTRE, OUTLINE_EXCLUDED)

MAX_VOXELS = 2**30
_CHUNK = 2**21  # crossings, and pixels, handled at a time: bounds the memory that a hostile zigzag can ask for

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Ends = tuple[Floats, Floats, Floats, Floats]


class RingLike(Protocol):
    """A closed line on one slice."""

    @property
    def slice(self) -> int:
        """Return the slice index, from 0."""
        ...

    @property
    def hole(self) -> bool:
        """Return whether the ring is taken away."""
        ...

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """Return (x, y) = (column, row) in pixels; not closed."""
        ...


class PolygonLike(Protocol):
    """What can be rasterised."""

    @property
    def rule(self) -> str:
        """Return ``pixel_centre`` or ``outline_excluded``."""
        ...

    @property
    def rings(self) -> Sequence[RingLike]:
        """Return the rings in any order."""
        ...


def rasterise(polygon: PolygonLike, within: tuple[int, ...]) -> Bools:
    """Return the pixels of a polygon, by the rule that it states.

    Parameters
    ----------
    polygon : Polygon
        Rule and rings.
    within : tuple of int
        Shape (z, y, x) of the whole image, or half-open box (z0, z1, y0, y1, x0, x1) of pixels, which
        may be any (several readers' union, say); what lies outside is left out.

    Returns
    -------
    ndarray of bool
        [z, y, x] in the box.
    """
    z0, z1, y0, y1, x0, x1 = within if len(within) == 6 else (0, within[0], 0, within[1], 0, within[2])
    depth, height, width = z1 - z0, y1 - y0, x1 - x0
    if min(depth, height, width) < 0 or depth * height * width > MAX_VOXELS:
        raise LabelError("too-large", "", f"A box of {depth} × {height} × {width} voxels cannot be rasterised.")
    mask = np.zeros((depth, height, width), dtype=np.bool_)
    shift = 0.5 if polygon.rule == PIXEL_CENTRE else 0.0
    for ring in sorted(polygon.rings, key=lambda one: one.hole):
        if z0 <= ring.slice < z1:
            points = np.array(ring.points, dtype=np.float64)
            points -= (x0 + shift, y0 + shift)
            _paint(mask[ring.slice - z0], points, hole=ring.hole, keep_outline=polygon.rule == PIXEL_CENTRE)
    return mask


def _paint(plane: Bools, points: Floats, *, hole: bool, keep_outline: bool) -> None:
    """Add or take away one ring, whose whole coordinates are the plane's pixel centres."""
    low = np.maximum(np.ceil(points.min(axis=0)), 0).astype(np.int64)
    high = np.minimum(np.floor(points.max(axis=0)), (plane.shape[1] - 1, plane.shape[0] - 1)).astype(np.int64) + 1
    if (high <= low).any():
        return
    closed = np.concatenate((points, points[:1])) - low
    band = max(_CHUNK // int(high[0] - low[0]), 1)
    for top in range(int(low[1]), int(high[1]), band):
        window = plane[top : min(top + band, int(high[1])), low[0] : high[0]]
        ends: Ends = (closed[:-1, 0], closed[:-1, 1], closed[1:, 0], closed[1:, 1])
        inside = _fill(ends, window.shape)
        if not keep_outline:
            outline = _outline(ends, window.shape)
            inside = inside | outline if hole else inside & ~outline
        if hole:
            window &= ~inside
        else:
            window |= inside
        closed[:, 1] -= band


def _fill(ends: Ends, shape: tuple[int, ...]) -> Bools:
    """Return which centres lie inside, half-open at the right and below."""
    height, width = shape
    ax, ay, bx, by = ends
    y0, x0, y1, x1 = _ascending(ay, ax, by, bx)
    drop = np.where(y1 > y0, y1 - y0, 1.0)
    first = np.maximum(np.ceil(y0), 0).astype(np.int64)
    after = np.minimum(np.ceil(y1), height).astype(np.int64)
    flips = np.zeros(height * (width + 1), dtype=np.int64)
    for edge, row in _lines(first, after):
        # Multiplying before dividing keeps a crossing at a whole coordinate whole.
        crossing = x0[edge] + (row - y0[edge]) * (x1 - x0)[edge] / drop[edge]
        column = np.minimum(np.maximum(np.ceil(crossing), 0), width).astype(np.int64)
        flips += np.bincount(row * (width + 1) + column, minlength=flips.size)
    crossed = flips.reshape(height, width + 1)[:, :width].cumsum(axis=1)
    return (crossed & 1).astype(np.bool_)


def _outline(ends: Ends, shape: tuple[int, ...]) -> Bools:
    """Return which centres lie exactly on an edge."""
    found = np.zeros(shape, dtype=np.bool_)
    ax, ay, bx, by = ends
    column, row = ax.astype(np.int64), ay.astype(np.int64)
    traced = np.maximum(np.abs(bx - ax), np.abs(by - ay)).max() <= 1 and (column == ax).all() and (row == ay).all()
    if traced:  # from pixel to neighbouring pixel: an edge meets no other centres than its ends
        _set(found, row, column)
        return found
    steep = np.abs(by - ay) >= np.abs(bx - ax)
    u0, v0, u1, v1 = _ascending(
        np.where(steep, ay, ax), np.where(steep, ax, ay), np.where(steep, by, bx), np.where(steep, bx, by)
    )
    length = np.where(u1 > u0, u1 - u0, 1.0)
    first = np.maximum(np.ceil(u0), 0).astype(np.int64)
    after = np.minimum(np.floor(u1) + 1, np.where(steep, shape[0], shape[1])).astype(np.int64)
    for edge, u in _lines(first, after):
        v = v0[edge] + (u - u0[edge]) * (v1 - v0)[edge] / length[edge]
        whole = np.floor(v)
        on = v == whole
        upright, line, across = steep[edge][on], u[on], whole[on].astype(np.int64)
        _set(found, np.where(upright, line, across), np.where(upright, across, line))
    return found


def _set(plane: Bools, row: Ints, column: Ints) -> None:
    """Switch on the pixels that lie in the plane."""
    seen = (row >= 0) & (column >= 0) & (row < plane.shape[0]) & (column < plane.shape[1])
    plane[row[seen], column[seen]] = True


def _ascending(u0: Floats, v0: Floats, u1: Floats, v1: Floats) -> Ends:
    """Return the ends of each edge by rising u, so that nothing depends on the edge's direction."""
    turned = u1 < u0
    return np.where(turned, u1, u0), np.where(turned, v1, v0), np.where(turned, u0, u1), np.where(turned, v0, v1)


def _lines(first: Ints, after: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield pairs (edge, line) for the lines that each edge meets, a bounded number at a time."""
    counts = np.maximum(after - first, 0)
    ends = counts.cumsum()
    start = 0
    while start < counts.size:
        done = int(ends[start - 1]) if start else 0
        stop = max(int(ends.searchsorted(done + _CHUNK, side="right")), start + 1)
        edge = np.arange(start, stop).repeat(counts[start:stop])
        line = np.arange(done, int(ends[stop - 1])) - (ends - counts - first)[edge]
        yield edge, line
        start = stop
