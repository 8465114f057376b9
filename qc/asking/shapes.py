"""Posted regions, boxes, points and time spans as the readings that spatial statistics take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotations.labels.base import Geometry, LabelError
from annotations.registry import KINDS
from qc.asking.base import Asked, AskError, Row, numbers
from qc.readings.base import BoolArray, FloatArray
from qc.readings.boxes import BoxTable, iou_table, match_boxes
from qc.readings.instances import MatchTable, match_units
from qc.readings.landmarks import LandmarkTable, Objects, landmark_table
from qc.readings.masks import pair_counts
from qc.readings.overlap_table import OverlapTable
from qc.readings.pair_table import PairMeasures, PairTable
from qc.readings.timelines import TimelineTable, timeline_table
from qc.settling.distances import Grid, measure_pairs, pair_measures
from qc.settling.spatial import Box, grown, kept, painted, shape_of, union_of

# Voxels of the box around all regions of one unit, all readers together.
MOST_VOXELS = 1 << 26
# Two boxes are one thing from this overlap on, where nothing else is said.
DEFAULT_THRESHOLD = 0.5
# The rasterisation of a polygon that names none.
DEFAULT_RULE = "pixel_centre"


def overlap_table(asked: Asked) -> OverlapTable:
    """Return answers that are labels of regions: masks or polygons, as the API of annotations takes them."""
    units = [pair_counts(unit.masks) for unit in painted_units(asked)]
    return OverlapTable.from_units(units, clusters=asked.clusters)


def pair_table(asked: Asked) -> PairTable:
    """Return what is measured on pairs of regions, in the millimetres of ``spacing_mm`` (z, y, x)."""
    tolerance = asked.facts.get("tolerance_mm")
    if tolerance is not None:
        tolerance = numbers([tolerance], "#/tolerance_mm")[0]
    spacing = spacing_of(asked)
    units: list[list[PairMeasures]] = []
    for unit in painted_units(asked):
        measured = measure_pairs(unit.masks, Grid(unit.shape, spacing, tolerance))
        pairs = [[p.first, p.second, p.size_first, p.size_second, p.intersection] for p in pair_counts(unit.masks)]
        units.append(pair_measures({"pairs": pairs, **measured.details}))
    return PairTable.from_units(units, clusters=asked.clusters)


def spacing_of(asked: Asked) -> tuple[float, float, float] | None:
    """Return the millimetres between voxel centres along (z, y, x); None when unknown."""
    value = asked.facts.get("spacing_mm")
    if value is None:
        return None
    z, y, x = numbers(value, "#/spacing_mm", 3)
    if min(z, y, x) <= 0:
        raise AskError("bad-spacing", "#/spacing_mm", "Spacings are positive numbers of millimetres.")
    return z, y, x


def box_table(asked: Asked) -> BoxTable:
    """Return answers that are lists of boxes, matched one to one: lower corner, then upper corner."""
    return match_boxes(boxes_of(asked), threshold=threshold_of(asked), clusters=asked.clusters)


def match_table(asked: Asked) -> MatchTable:
    """Return how many of the boxes of every two readers match."""
    return match_units(boxes_of(asked), iou_table, threshold=threshold_of(asked), clusters=asked.clusters)


def boxes_of(asked: Asked) -> list[dict[str, FloatArray]]:
    """Return for each unit the boxes of each reader (boxes, 2 · axes)."""
    axes = {len(box) for row in asked.rows for box in _listed(row) if isinstance(box, list)}
    if len(axes) > 1 or any(size not in (4, 6) for size in axes):
        raise AskError("bad-box", "#/reads", "Boxes have four numbers (two axes), or all have six (three axes).")
    width = axes.pop() if axes else 4
    found: dict[str, dict[str, FloatArray]] = {unit: {} for unit in asked.units}
    for row in asked.rows:
        rows = [numbers(box, f"{row.at}/answer/{place}", width) for place, box in enumerate(_listed(row))]
        found[row.unit][row.reader] = np.array(rows, dtype=np.float64).reshape(-1, width)
    return list(found.values())


def threshold_of(asked: Asked) -> float:
    """Return the least overlap at which two boxes are one thing."""
    value = numbers([asked.facts.get("threshold", DEFAULT_THRESHOLD)], "#/threshold")[0]
    if not 0 <= value <= 1:
        raise AskError("out-of-range", "#/threshold", "A threshold of overlap lies between 0 and 1.")
    return value


def landmarks(asked: Asked) -> LandmarkTable:
    """Return answers that are points by name, in voxels along the axes of ``spacing_mm``; null where not visible."""
    spacing = asked.fact("spacing_mm")
    steps = numbers(spacing, "#/spacing_mm", 2 if isinstance(spacing, list) and len(spacing) == 2 else 3)
    for row in asked.rows:
        points_of(row, len(steps))
    units = asked.by_unit()
    return landmark_table(units, spacings_mm=[steps] * len(units), objects=_objects(asked), clusters=asked.clusters)


def points_of(row: Row, axes: int) -> Mapping[str, Any]:
    """Return the points of a read."""
    if not isinstance(row.answer, Mapping):
        raise AskError("not-points", f"{row.at}/answer", "The answer is an object: name of a landmark to its point.")
    for name, point in row.answer.items():
        if point is not None:
            numbers(point, f"{row.at}/answer/{name}", axes)
    found: Mapping[str, Any] = row.answer
    return found


def _objects(asked: Asked) -> Objects | None:
    if "sigmas" not in asked.facts:
        return None
    sigmas, areas = asked.facts["sigmas"], asked.fact("areas_mm2")
    if not isinstance(sigmas, Mapping) or not isinstance(areas, Mapping):
        raise AskError("not-an-object", "#/sigmas", "Sigmas by landmark and areas by unit are objects.")
    lacking = sorted(set(asked.units) - set(areas))
    if lacking:
        raise AskError("required", "#/areas_mm2", f"No area is given for {lacking[0]!r}.")
    spread = {str(name): numbers([value], f"#/sigmas/{name}")[0] for name, value in sigmas.items()}
    named = {name for row in asked.rows for name in row.answer}
    if not named <= set(spread):
        raise AskError("required", "#/sigmas", "Each landmark has a sigma.")
    return Objects(tuple(numbers([areas[unit]], f"#/areas_mm2/{unit}")[0] for unit in asked.units), spread)


def timelines(asked: Asked) -> TimelineTable:
    """Return answers that are lists of time spans [start, end] in seconds."""
    return timeline_table(spans_of(asked), clusters=asked.clusters)


def spans_of(asked: Asked) -> list[dict[str, list[tuple[float, float]]]]:
    """Return for each unit the spans of each reader."""
    found: dict[str, dict[str, list[tuple[float, float]]]] = {unit: {} for unit in asked.units}
    for row in asked.rows:
        spans = [numbers(span, f"{row.at}/answer/{place}", 2) for place, span in enumerate(_listed(row))]
        found[row.unit][row.reader] = [(start, end) for start, end in spans]
    return list(found.values())


def _listed(row: Row) -> list[Any]:
    if not isinstance(row.answer, list):
        raise AskError("not-a-list", f"{row.at}/answer", "The answer is a list, empty where nothing was marked.")
    return row.answer


@dataclass(frozen=True, slots=True)
class Painted:
    """The regions of one unit, by reader, in the box of the grid that holds them all."""

    masks: Mapping[str, BoolArray]
    box: Box
    shape: tuple[int, int, int]


def painted_units(asked: Asked) -> list[Painted]:
    """Return for each unit the regions of its readers, painted into the box that holds them all."""
    shape = _grid(asked)
    found = []
    regions: dict[str, dict[str, Any]] = {unit: {} for unit in asked.units}
    for row in asked.rows:
        regions[row.unit][row.reader] = kept(shape_of(label_of(row, shape)))
    for unit in asked.units:
        box = grown(union_of(regions[unit]), shape)
        size = (box[1] - box[0]) * (box[3] - box[2]) * (box[5] - box[4])
        if size * len(regions[unit]) > MOST_VOXELS:
            raise AskError("too-large", "#/reads", f"The regions of {unit!r} are too large to compare in passing.")
        masks = {reader: painted(region, box) for reader, region in regions[unit].items()}
        found.append(Painted(masks, box, shape))
    return found


def _grid(asked: Asked) -> tuple[int, int, int]:
    sides = numbers(asked.fact("shape"), "#/shape", 3)
    if any(side != int(side) or not 1 <= side < 1 << 16 for side in sides):
        raise AskError("bad-shape", "#/shape", "The shape is the number of voxels along z, y and x.")
    z, y, x = (int(side) for side in sides)
    return z, y, x


def label_of(row: Row, shape: tuple[int, int, int]) -> dict[str, Any]:
    """Return the region that a read marks, in canonical form."""
    value = row.answer
    if not isinstance(value, Mapping) or value.get("kind") not in ("mask", "polygon"):
        raise AskError("not-a-region", f"{row.at}/answer", "The answer is a label of the kind mask or polygon.")
    try:
        label = KINDS[str(value["kind"])].parse(value, {"rule": DEFAULT_RULE}, Geometry(shape, None)).dump()
    except LabelError as error:
        raise AskError(error.code, f"{row.at}/answer{error.pointer}", error.message) from error
    return label
