"""Combine the regions that readers marked: what any of them holds, or what all of them hold."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from annotations.labels.base import Geometry
from qc.settling.measure import REGIONS
from qc.settling.spatial import Bools, grid_of, grown, kept, mask_label, painted, shape_of, union_of

UNION = "union"
INTERSECTION = "intersection"
WAYS = (UNION, INTERSECTION)

_BOX = "box"
_AXES = 3


def combined(
    reads: Sequence[tuple[str, Mapping[str, Any]]], way: str, geometry: Geometry | None
) -> dict[str, Any] | None:
    """Return the union or the intersection of the readers' regions, as a label.

    Parameters
    ----------
    reads : sequence of (str, mapping)
        Reader code and canonical label of every mark, in voxels (z, y, x) of the case's grid. Labels that mark no
        region are passed over: what is combined is what those marked who marked something.
    way : str
        union or intersection. Several marks of one reader are first made one, so that a reader who drew a thing in
        two pieces counts once.
    geometry : Geometry or None
        The grid of the case; None where none is recorded.

    Returns
    -------
    dict or None
        A mask for masks and outlines, each outline painted by its own rule; for boxes the smallest box around them,
        or the box that they share. None where nobody marked anything, or nothing is shared.

    Raises
    ------
    ValueError
        No such way.
    """
    if way not in WAYS:
        raise ValueError(f"Regions are combined as one of {', '.join(WAYS)}.")
    boxes = [(reader, label) for reader, label in reads if label["kind"] == _BOX]
    if boxes:
        return _boxes(boxes, way)
    return _masks([(reader, label) for reader, label in reads if label["kind"] in REGIONS], way, geometry)


def _masks(
    marks: Sequence[tuple[str, Mapping[str, Any]]], way: str, geometry: Geometry | None
) -> dict[str, Any] | None:
    regions = {str(number): kept(shape_of(label)) for number, (_, label) in enumerate(marks)}
    if not regions:
        return None
    grid = grid_of(regions, geometry)
    box = grown(union_of(regions), grid)
    by_reader: dict[str, Bools] = {}
    for (reader, _), region in zip(marks, regions.values(), strict=True):
        part = painted(region, box)
        by_reader[reader] = by_reader[reader] | part if reader in by_reader else part
    every = np.stack(list(by_reader.values()))
    value: Bools = np.asarray(every.any(axis=0) if way == UNION else every.all(axis=0))
    return mask_label(value, box, grid) if value.any() else None


def _boxes(marks: Sequence[tuple[str, Mapping[str, Any]]], way: str) -> dict[str, Any] | None:
    by_reader: dict[str, list[Mapping[str, Any]]] = {}
    for reader, label in marks:
        by_reader.setdefault(reader, []).append(label)
    own = [_around(labels) for labels in by_reader.values()]
    lows, highs = np.array([low for low, _ in own]), np.array([high for _, high in own])
    low, high = (lows.min(axis=0), highs.max(axis=0)) if way == UNION else (lows.max(axis=0), highs.min(axis=0))
    if (high <= low).any():
        return None
    return {"kind": _BOX, "low": low.tolist(), "high": high.tolist()}


def _around(labels: Sequence[Mapping[str, Any]]) -> tuple[list[float], list[float]]:
    """Return the corners of the smallest box around one reader's boxes."""
    low = [min(float(label["low"][axis]) for label in labels) for axis in range(_AXES)]
    high = [max(float(label["high"][axis]) for label in labels) for axis in range(_AXES)]
    return low, high
