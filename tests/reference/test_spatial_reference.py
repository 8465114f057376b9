"""The verified reference values of spatial agreement, entry by entry, and the published figures behind them.

Definitions: Maier-Hein et al. 2024, doi:10.1038/s41592-023-02151-z; Nikolov et al. 2021, doi:10.2196/26151; Cheng et
al. 2021; Rezatofighi et al. 2019; Kirillov et al. 2019. The values were computed with MONAI 1.6.1, medpy 0.5.2,
SimpleITK 2.5.7, pycocotools 2.0.11, shapely 2.2.0 and scipy.
"""

import json
import math
from functools import cache
from typing import Any

import numpy as np
import pytest

from qc.agreement._mask_pair import compare_masks
from qc.agreement.oks import oks
from qc.agreement.panoptic_quality import panoptic_quality
from qc.readings.boxes import giou, iou
from qc.readings.grids import PlacedGrid, check_same_grid, resampled
from qc.readings.instances import match, match_units
from qc.readings.landmarks import Objects, landmark_table
from qc.readings.masks import pair_counts
from qc.readings.overlap_table import OverlapTable
from qc.readings.polygons import joined, line_hausdorff, polygon_dice, polygon_iou, repaired
from qc.registry import STATISTICS
from tests.shared import shared


@cache
def entries() -> dict[str, Any]:
    path = shared("reference/reference_values.json")
    return {entry["id"]: entry for entry in json.loads(path.read_text(encoding="utf-8"))}


@cache
def arrays(name: str) -> dict[str, np.ndarray]:
    with np.load(shared(f"reference/{name}")) as stored:
        return {key: stored[key] for key in stored.files}


def pair_value(name, pair):
    return STATISTICS[name].pair(pair)


def overlap_value(name, masks):
    return STATISTICS[name].function(OverlapTable.from_units([pair_counts(masks)]), replicates=1).value


@pytest.mark.parametrize("name", ["B_ellipsoid", "B_single_voxels", "B_squares2d"])
def test_masks_in_millimetres(name):
    entry = entries()[name]
    stored = arrays(entry["input"]["npz"])
    masks = {side: stored[entry["input"][side]] > 0 for side in "ab"}
    spacing, expected = entry["parameters"]["spacing_axis_order_of_array"], entry["expected"]["recommended"]
    (pair,) = compare_masks(masks, spacing_mm=spacing)
    found = {
        **{name: overlap_value(name, masks) for name in ("dice", "iou", "volumetric_similarity")},
        "hd": pair_value("hausdorff", pair),
        "hd95_max": pair_value("hd95", pair),
        "assd_pooled": pair_value("assd", pair),
        "asd_ab": pair.there.mean(),
        "asd_ba": pair.back.mean(),
        "n_border_a": len(pair.there),
        "n_border_b": len(pair.back),
    }
    for tolerance in (0.5, 1.0, 2.0):
        (pair,) = compare_masks(masks, spacing_mm=spacing, tolerance_mm=tolerance)
        found[f"nsd_{tolerance}"] = pair_value("surface_dice", pair)
    assert found == pytest.approx({key: expected[key] for key in found}, abs=entry["tolerance"], rel=0)
    assert pair_value("hausdorff", pair) == pytest.approx(entry["expected"]["monai"]["hd"], abs=entry["tolerance"])
    assert pair_value("assd", pair) == pytest.approx(entry["expected"]["medpy"]["assd"], abs=entry["tolerance"])


@pytest.mark.parametrize("flag", ["both_empty", "one_empty"])
def test_empty_masks(flag):
    adopted = entries()["B_empty_conventions"]["expected"]["adopt"][flag]
    nothing = np.zeros((4, 4, 4), dtype=bool)
    something = nothing.copy()
    something[1:3, 1:3, 1:3] = flag == "one_empty"
    (pair,) = compare_masks({"a": nothing, "b": something}, spacing_mm=(1, 1, 1), tolerance_mm=1)
    assert pair.flag == adopted["flag"]
    names = {"hd": "hausdorff", "hd95": "hd95", "assd": "assd", "nsd": "surface_dice"}
    for key, name in names.items():
        assert pair_value(name, pair) == float(adopted[key])


@pytest.mark.parametrize("picture", ["disks", "touch_border"])
def test_boundary_iou(picture):
    entry = entries()["B_boundary_iou"]
    stored = arrays(entry["input"]["npz"])
    masks = {name: stored[name] > 0 for name in entry["input"]["pairs"][picture]}
    (pair,) = compare_masks(masks)
    expected = entry["expected"][picture]
    assert pair_value("boundary_iou", pair) == pytest.approx(expected["boundary_iou"], abs=entry["tolerance"])
    assert overlap_value("iou", masks) == pytest.approx(expected["iou"], abs=entry["tolerance"])


def test_box_iou_and_giou():
    entry = entries()["B_box_iou_giou"]
    for expected in entry["expected"]:
        first, second = (np.array(expected[side], dtype=float) for side in "ab")
        assert float(iou(first, second)) == pytest.approx(expected["iou"], abs=entry["tolerance"])
        assert float(giou(first, second)) == pytest.approx(expected["giou"], abs=entry["tolerance"])


def test_polygons_are_repaired():
    entry = entries()["B_polygons_invalid"]
    given, expected = entry["input"], entry["expected"]
    slack = entry["tolerance"]
    assert repaired(given["bowtie"]).area == pytest.approx(expected["bowtie"]["structure"], abs=slack)
    assert repaired(given["self_overlap"]).area == pytest.approx(expected["self_overlap"]["structure"], abs=slack)
    outside = repaired(given["hole_outside"]["shell"], [given["hole_outside"]["hole"]])
    assert outside.area == pytest.approx(expected["hole_outside"]["structure"], abs=slack)
    for name, raw in (("bowtie", 0.0), ("self_overlap", 19.0)):
        found = repaired(given[name])
        assert found.change == pytest.approx(expected[name]["structure"] - raw, abs=slack)
    ring = repaired(given["hole"]["shell"], [given["hole"]["hole"]])
    assert ring.change == 0
    square = repaired(given["square"])
    assert polygon_iou(ring, square) == pytest.approx(expected["hole_iou"], abs=slack)
    assert polygon_dice(ring, square) == pytest.approx(expected["hole_dice"], abs=slack)
    rectangles = [
        repaired([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) for x0, y0, x1, y1 in [*given["multipart"], given["other"]]
    ]
    assert polygon_iou(joined(rectangles[:-1]), rectangles[-1]) == pytest.approx(expected["multipart_iou"], abs=slack)


def test_lines_are_filled_before_they_are_compared():
    entry = entries()["B_shapely_hausdorff"]
    found = line_hausdorff(np.array(entry["input"]["a"]), np.array(entry["input"]["b"]))
    assert found == pytest.approx(entry["expected"]["exact"], abs=entry["tolerance"])


def test_the_best_matching_is_not_the_greedy_one():
    entry = entries()["B_matching_hungarian_vs_greedy"]
    table = np.array(entry["input"]["iou"])
    found = match(table, threshold=entry["parameters"]["threshold"])
    assert [list(pair) for pair in found] == entry["expected"]["hungarian"]
    assert 2 * len(found) / sum(table.shape) == entry["expected"]["f1_hungarian"]


def test_object_keypoint_similarity():
    entry = entries()["B_oks"]
    given = entry["input"]
    names = [f"point {number}" for number in range(len(given["sigmas"]))]
    first = {name: tuple(point[:2]) for name, point in zip(names, given["gt_xyv"], strict=True) if point[2]}
    second = dict(zip(names, map(tuple, given["dt_xy"]), strict=True))
    objects = Objects((given["area"],), dict(zip(names, given["sigmas"], strict=True)))
    reading = landmark_table([{"a": first, "b": second}], [(1.0, 1.0)], objects=objects)
    assert oks(reading, replicates=1).value == pytest.approx(entry["expected"]["oks"], abs=entry["tolerance"])


def test_different_grids():
    entry = entries()["B_different_grids"]
    mask = np.zeros((6, 8, 8), dtype=bool)
    mask[2:5, 2:6, 2:6] = True
    upright = tuple(map(tuple, np.eye(3).tolist()))
    given, target = entry["input"], entry["input"]["target"]
    source = PlacedGrid(mask.shape, tuple(given["spacing_xyz"][::-1]), tuple(given["origin_xyz"][::-1]), upright)
    finer = PlacedGrid(
        tuple(target["size_xyz"][::-1]), tuple(target["spacing_xyz"][::-1]), tuple(target["origin_xyz"][::-1]), upright
    )
    with pytest.raises(ValueError, match="different grids"):
        check_same_grid({"a": source, "b": finer})
    found = resampled(mask, source, finer)
    assert found.sum() == entry["expected"]["resampled_voxels"]
    assert found.sum() * math.prod(finer.spacing_mm) == pytest.approx(entry["expected"]["resampled_volume_mm3"])
    assert mask.sum() * math.prod(source.spacing_mm) == pytest.approx(entry["expected"]["volume_mm3"])


def test_an_overlap_of_exactly_one_half():
    entry = entries()["F08_panoptica_threshold"]
    half = [{"a": [0], "b": [0]}]
    matched = {
        is_strict: match_units(half, lambda *_: np.array([[0.5]]), threshold=0.5, is_strict=is_strict)
        for is_strict in (False, True)
    }
    assert matched[True].matched.tolist() == [entry["expected"]["paper_tp"]]
    assert matched[False].matched.tolist() == [entry["expected"]["panoptica_default_tp"]]
    assert panoptic_quality(matched[True], replicates=1)["panoptic"].value == 0
