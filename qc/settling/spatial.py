"""Settle answers that are a region: masks and polygons on the case's grid."""

from collections.abc import Mapping, Sequence
from itertools import starmap
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotations.labels._raster import rasterise
from annotations.labels._rings import Ring
from annotations.labels._runs import check_shape, pack, unpack
from annotations.labels.base import Geometry
from annotations.labels.mask import Mask, mask_of
from annotations.labels.polygon import Polygon
from qc.agreement.base import BOTH_EMPTY, TOO_FEW
from qc.consensus.base import SETTLED, Consensus
from qc.readings import run_boxes
from qc.readings.cropped import Cropped
from qc.readings.masks import PairCount, pair_counts
from qc.readings.runs import Runs
from qc.registry import METHODS
from qc.settling.base import QuestionSpec, Read
from qc.settling.codes import Settled
from qc.settling.distances import Grid, measure_pairs

Box = tuple[int, int, int, int, int, int]
Bools = NDArray[np.bool_]
Region: TypeAlias = Runs | Polygon

# Distances and components need the surroundings of the union.
MARGIN_SHARE = 0.1
LEAST_MARGIN = 4


def shape_of(label: Mapping[str, Any]) -> Mask | Polygon:
    """Return the region of a canonical label."""
    if label["kind"] == "polygon":
        rings = (Ring(ring["slice"], ring["hole"], tuple((x, y) for x, y in ring["points"])) for ring in label["rings"])
        return Polygon(rule=label["rule"], rings=tuple(rings))
    return mask_of(label)


def kept(region: Mask | Polygon) -> Region:
    """Return a mask as runs, which are measured and cut without painting its grid; a polygon as it is."""
    if isinstance(region, Polygon):
        return region
    return Runs.from_lengths(*_stored(region))


def _stored(mask: Mask) -> tuple[NDArray[np.int32], tuple[int, int, int]]:
    return unpack(mask.runs, check_shape(mask.shape)), mask.shape


def bounds_of(region: Region) -> Box:
    """Return the half-open box (z0, z1, y0, y1, x0, x1) of a region; empty where nothing is marked."""
    if isinstance(region, Polygon):
        return region.bounds()
    sides = run_boxes.bounds(region)
    if sides is None:
        return 0, 0, 0, 0, 0, 0
    z, y, x = sides
    return z.start, z.stop, y.start, y.stop, x.start, x.stop


def settle_masks(
    question: QuestionSpec, answers: tuple[Read, ...], policy: Mapping[str, Any], geometry: Geometry | None
) -> Settled:
    """Settle the regions that readers drew, and compare them pair by pair.

    The consensus of polygons is a mask on the case's grid: an outline between outlines would hide how it
    was made.
    """
    regions = {read.reader: kept(shape_of(read.label)) for read in answers}
    grid = grid_of(regions, geometry)
    box = grown(union_of(regions), grid)
    masks = {reader: painted(region, box) for reader, region in regions.items()}
    method = METHODS[policy["method"]]
    parameters = dict(policy.get("method_parameters", {}))
    if method.wants_spacing:
        parameters["spacing_mm"] = geometry.spacing_mm if geometry is not None else None
    consensus = method.function(Cropped(masks, grid, (box[0], box[2], box[4])), **parameters)
    label = None
    if consensus.outcome == SETTLED:
        label = mask_label(consensus.value, box, grid)
    pairs = pair_counts(masks)
    numbers, undefined = overlaps(pairs)
    spacing = geometry.spacing_mm if geometry is not None else None
    details: dict[str, Any] = {
        "pairs": [[p.first, p.second, p.size_first, p.size_second, p.intersection] for p in pairs],
        "voxels": {reader: int(mask.sum()) for reader, mask in sorted(masks.items())},
        "box": list(box),
        "voxel_mm3": voxel_mm3(geometry),
        "consensus": dict(consensus.details),
    }
    beside = regions_beside(Cropped(masks, grid, (box[0], box[2], box[4])), policy, spacing, consensus)
    if beside:
        details["beside"] = beside
    apart = measure_pairs(masks, Grid(grid, spacing, policy.get("tolerance_mm")))
    return Settled(
        consensus, label, {**numbers, **apart.numbers}, {**undefined, **apart.undefined}, {**details, **apart.details}
    )


def regions_beside(
    masks: Cropped, policy: Mapping[str, Any], spacing_mm: Sequence[float] | None, own: Consensus
) -> dict[str, dict[str, Any]]:
    """Return what the methods that the protocol wants beside its own make of the same regions.

    Parameters
    ----------
    masks : Cropped
        The regions of one unit.
    policy : mapping
        The question's part of the document; ``beside`` names methods that take masks.
    spacing_mm : sequence of float or None
        Along the axes of the masks.
    own : Consensus
        What the protocol's method made of them.

    Returns
    -------
    dict
        For each method outcome, voxels, whether and after how many iterations it converged, and the Dice coefficient
        with the protocol's region; None where one of the two has none.
    """
    found: dict[str, dict[str, Any]] = {}
    for name in policy.get("beside", ()):
        method = METHODS[name]
        one = method.function(masks, **({"spacing_mm": spacing_mm} if method.wants_spacing else {}))
        found[name] = {
            "outcome": one.outcome,
            "voxels": None if one.value is None else int(one.value.sum()),
            "dice": None if one.value is None or own.value is None else _dice(one.value, own.value),
            "converged": one.converged,
            "iterations": one.iterations,
        }
    return found


def _dice(first: Bools, second: Bools) -> float | None:
    """Return the Dice coefficient of two regions; None where both are empty."""
    total = int(first.sum()) + int(second.sum())
    return 2 * int((first & second).sum()) / total if total else None


def grid_of(regions: Mapping[str, Region], geometry: Geometry | None) -> tuple[int, int, int]:
    """Return the grid of the case, or that which holds every region where none is recorded."""
    if geometry is not None:
        return geometry.shape
    for region in regions.values():
        if isinstance(region, Runs):
            z, y, x = region.shape
            return z, y, x
    box = union_of(regions)
    return max(box[1], 1), max(box[3], 1), max(box[5], 1)


def union_of(regions: Mapping[str, Region]) -> Box:
    """Return the half-open box (z0, z1, y0, y1, x0, x1) that holds every region; empty when all are."""
    boxes = [box for box in (bounds_of(region) for region in regions.values()) if box[1] > box[0]]
    if not boxes:
        return 0, 0, 0, 0, 0, 0
    low = np.min(boxes, axis=0)
    high = np.max(boxes, axis=0)
    z0, y0, x0 = (int(low[axis]) for axis in (0, 2, 4))
    z1, y1, x1 = (int(high[axis]) for axis in (1, 3, 5))
    return z0, z1, y0, y1, x0, x1


def grown(box: Box, grid: tuple[int, int, int]) -> Box:
    """Return the box with a margin on each side, inside the grid and never empty."""
    sides: list[int] = []
    for axis, size in enumerate(grid):
        start, stop = box[2 * axis], box[2 * axis + 1]
        margin = max(LEAST_MARGIN, int(np.ceil(MARGIN_SHARE * (stop - start))) + 1)
        sides += [max(0, start - margin), min(size, stop + margin)]
    z0, z1, y0, y1, x0, x1 = sides
    return z0, z1, y0, y1, x0, x1


def painted(region: Mask | Region, box: Box) -> Bools:
    """Return the region as a bool array of the box; nothing outside the box is decoded."""
    if isinstance(region, Polygon):
        return rasterise(region, box)
    runs = region if isinstance(region, Runs) else Runs.from_lengths(*_stored(region))
    z0, z1, y0, y1, x0, x1 = box
    return run_boxes.crop(runs, (slice(z0, z1), slice(y0, y1), slice(x0, x1))).mask()


def mask_label(value: Bools, box: Box, grid: tuple[int, int, int]) -> dict[str, Any]:
    """Return a box's voxels as a mask label of the whole grid, without painting the grid."""
    runs = run_boxes.embed(Runs.from_mask(value), grid, (box[0], box[2], box[4]))
    return {"kind": "mask", "shape": list(grid), "runs": pack(runs.lengths())}


def overlaps(pairs: tuple[PairCount, ...]) -> tuple[dict[str, float], dict[str, str]]:
    """Return mean and least voxel Dice and IoU over the pairs that are not both empty."""
    if not pairs:
        return {}, {"dice": TOO_FEW, "iou": TOO_FEW}
    usable = [pair for pair in pairs if pair.size_first + pair.size_second > 0]
    if not usable:
        return {}, {"dice": BOTH_EMPTY, "iou": BOTH_EMPTY}
    dice = [2 * pair.intersection / (pair.size_first + pair.size_second) for pair in usable]
    iou = list(starmap(overlap, ((p.size_first, p.size_second, p.intersection) for p in usable)))
    numbers = {
        "dice": float(np.mean(dice)),
        "dice_min": float(min(dice)),
        "iou": float(np.mean(iou)),
        "iou_min": float(min(iou)),
    }
    return numbers, {}


def overlap(first: int, second: int, both: int) -> float:
    """Return intersection over union of two sizes and their intersection."""
    return both / (first + second - both)


def voxel_mm3(geometry: Geometry | None) -> float | None:
    """Return the volume of one voxel in cubic millimetres; None without spacing."""
    if geometry is None or geometry.spacing_mm is None:
        return None
    return float(np.prod(geometry.spacing_mm))
