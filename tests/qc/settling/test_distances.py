"""Distances of a unit's regions, settled once and summarised over a project."""

import json

import numpy as np
import pytest

from annotations.labels.base import Geometry
from annotations.labels.mask import Mask
from qc.settling.base import QuestionSpec, Read
from qc.settling.distances import Grid, measure_pairs, pair_measures
from qc.settling.measure import Comparable, material_of, measure
from qc.settling.spatial import mask_label, settle_masks

GRID = (6, 12, 14)
SPACING = (2.0, 0.5, 0.5)
QUESTION = QuestionSpec("organ", "mask", "none", {})
POLICY = {"method": "majority_mask", "tolerance_mm": 0.5}


def mask(*spans):
    found = np.zeros(GRID, dtype=bool)
    found[tuple(slice(*span) for span in spans)] = True
    return found


FULL, MOVED, NOTHING = mask((1, 5), (2, 8), (2, 8)), mask((1, 5), (2, 8), (4, 10)), mask((0, 0))


def reads(masks):
    box = (0, GRID[0], 0, GRID[1], 0, GRID[2])
    labels = {reader: mask_label(drawn, box, GRID) for reader, drawn in masks.items()}
    assert all((Mask(GRID, labels[reader]["runs"]).array() == drawn).all() for reader, drawn in masks.items())
    return tuple(Read(reader, "organ", "", label, 0, "") for reader, label in sorted(labels.items()))


def settled(masks, policy=POLICY, spacing=SPACING):
    return settle_masks(QUESTION, reads(masks), policy, Geometry(GRID, spacing))


def test_a_unit_keeps_every_measure_of_every_pair():
    found = settled({"ada": FULL, "ben": MOVED, "cleo": FULL})
    assert [pair[:2] for pair in found.details["pairs"]] == [["ada", "ben"], ["ada", "cleo"], ["ben", "cleo"]]
    assert found.details["measures"]["hausdorff"] == [1.0, 0.0, 1.0]
    assert found.details["measures"]["volume_difference"] == [0.0, 0.0, 0.0]
    assert found.details["tolerance_mm"] == 0.5
    assert (found.numbers["hausdorff"], found.numbers["hausdorff_max"]) == (1.0, 1.0)
    shares = found.details["measures"]["surface_dice"]
    assert found.numbers["surface_dice"] == pytest.approx(np.mean(shares))
    assert found.numbers["surface_dice_min"] == min(shares) < 1
    assert found.undefined == {"boundary_iou": "not_measured"}
    json.dumps(found.details, allow_nan=False)


def test_the_box_never_changes_a_measure():
    whole = measure_pairs({"ada": FULL, "ben": MOVED}, Grid(GRID, SPACING, 0.5))
    assert settled({"ada": FULL, "ben": MOVED}).details["measures"] == whole.details["measures"]


def test_a_missed_region_is_undefined_and_refers():
    found = settled({"ada": FULL, "ben": NOTHING})
    assert found.details["measures"]["hd95"] == [None]
    assert found.details["measures"]["surface_dice"] == [0.0]
    assert found.undefined["hd95"] == found.undefined["hd95_max"] == "one_empty"
    # Two of three pairs: the middle one is infinitely far as well.
    three = settled({"ada": FULL, "ben": NOTHING, "cleo": FULL})
    assert three.undefined["hd95"] == "one_empty"
    assert pair_measures(three.details)[0].flag == "one_empty"


def test_nobody_marked_anything():
    found = settled({"ada": NOTHING, "ben": NOTHING})
    assert found.undefined["hd95"] == "both_empty"
    assert "measures" not in found.details


def test_without_spacing_or_tolerance():
    blind = settled({"ada": FULL, "ben": MOVED}, spacing=None)
    assert blind.undefined["hd95"] == "no_spacing"
    assert [pair.flag for pair in pair_measures(blind.details)] == ["no_spacing"]
    plain = settled({"ada": FULL, "ben": MOVED}, policy={"method": "majority_mask"})
    assert plain.undefined["surface_dice"] == "no_tolerance"
    assert "tolerance_mm" not in plain.details


def test_regions_that_are_too_large_are_not_compared(monkeypatch):
    monkeypatch.setattr("qc.settling.distances.MOST_VOXELS", 10)
    found = settled({"ada": FULL, "ben": MOVED})
    assert found.undefined["hd95"] == "too_large"
    assert [pair.flag for pair in pair_measures(found.details)] == ["too_large"]


def test_one_reader_has_nothing_to_compare_with():
    assert settled({"ada": FULL}).undefined["hd95"] == "too_few_items"


def test_a_picture_has_a_boundary_and_no_volume():
    flat = {"ada": FULL[2:3], "ben": MOVED[2:3]}
    found = measure_pairs(flat, Grid((1, *GRID[1:]), SPACING, None))
    assert found.numbers["boundary_iou"] == found.numbers["boundary_iou_min"] < 1
    assert found.undefined["volume_difference"] == "not_measured"


def test_units_settled_before_anything_was_measured_say_so():
    (old,) = pair_measures({"pairs": [["ada", "ben", 5, 5, 4]]})
    assert (old.flag, dict(old.values)) == ("not_measured", {})


def test_the_project_summarises_what_its_units_keep():
    units = [
        Comparable("", settled({"ada": FULL, "ben": drawn}).details, f"patient {number}")
        for number, drawn in enumerate([MOVED, FULL, MOVED, FULL, MOVED])
    ]
    found = {
        one.statistic: one.estimate
        for one in measure(QUESTION, material_of(units), n_seats=2, knows_readers=True)
        if one.population == "all"
    }
    assert found["hausdorff"].value == 1.0
    assert (found["hausdorff"].unit, found["hausdorff"].n_clusters) == ("mm", 5)
    assert found["volume_difference"].unit == "mL"
    assert {"dice", "volumetric_similarity", "generalised_conformity", "surface_dice"} <= set(found)
    assert not {"boundary_iou", "box_iou", "oks", "percent"} & set(found)
