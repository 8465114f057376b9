"""Distances between real outlines of LIDC-IDRI (CC BY 3.0; Armato 2011, doi:10.1118/1.3528204), measured twice.

A twentieth of the nodules that two or more readers outlined, by the service and by Euclidean distance transforms of
the same pixels (scipy). Spacing is anisotropic in nearly all of these scans, and the nodules are small.
"""

import csv
import gzip
import json

import numpy as np
import pytest
from scipy.ndimage import binary_erosion, distance_transform_edt, generate_binary_structure

from annotations.labels._rings import Ring
from annotations.labels.base import Geometry
from annotations.labels.polygon import Polygon
from qc.settling.base import QuestionSpec, Read
from qc.settling.distances import TOLERANCE
from qc.settling.spatial import painted, settle_masks, shape_of
from tests.shared import shared

FOLDER = "data/lidc_idri"
EVERY = 20
FACES = generate_binary_structure(3, 1)


def rows(name):
    with gzip.open(shared(f"{FOLDER}/{name}"), "rt") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def marks():
    with gzip.open(shared(f"{FOLDER}/lidc_contours.jsonl.gz"), "rt") as lines:
        return {mark["ann_id"]: mark["contours"] for mark in map(json.loads, lines)}


def polygon(contours):
    rings = [
        Ring(c["k"], not c["inc"], tuple(map(tuple, np.array(c["xy"], dtype=float).reshape(-1, 2).tolist())))
        for c in contours
    ]
    return Polygon("outline_excluded", tuple(rings)).dump()


def slowly(first, second, spacing, tolerance):
    """Return hd, hd95, assd and surface Dice by distance transforms of the whole box."""
    borders = [mask & ~binary_erosion(mask, FACES) for mask in (first, second)]
    maps = [distance_transform_edt(~border, sampling=spacing) for border in borders]
    there, back = maps[1][borders[0]], maps[0][borders[1]]
    both = np.concatenate([there, back])
    hd95 = max(np.percentile(there, 95), np.percentile(back, 95))
    return [both.max(), hd95, both.mean(), (both <= tolerance + 1e-9).mean()]


def test_distances_of_real_outlines(marks):
    scans = {row["scan_id"]: row for row in rows("lidc_scans.csv.gz")}
    clusters = [row for row in rows("lidc_clusters.csv.gz") if ";" in row["ann_ids"]][::EVERY]
    n_pairs = 0
    for cluster in clusters:
        scan = scans[cluster["scan_id"]]
        pixel = float(scan["pixel_spacing"])
        grid = Geometry((int(scan["n_slices"]) + 10, 512, 512), (float(scan["slice_spacing"]), pixel, pixel))
        reads = tuple(
            Read(f"reading {number}", "nodule", "1", polygon(marks[int(name)]), number, "")
            for number, name in enumerate(cluster["ann_ids"].split(";"))
        )
        policy = {"method": "majority_mask", TOLERANCE: 1.0}
        details = settle_masks(QuestionSpec("nodule", "polygon", "none", {}), reads, policy, grid).details
        masks = {read.reader: painted(shape_of(read.label), tuple(details["box"])) for read in reads}
        for place, (first, second, size_first, size_second, _) in enumerate(details["pairs"]):
            if not size_first or not size_second:
                continue
            expected = slowly(masks[first], masks[second], grid.spacing_mm, 1.0)
            found = [details["measures"][name][place] for name in ("hausdorff", "hd95", "assd", "surface_dice")]
            assert found == pytest.approx(expected, abs=2e-6)
            n_pairs += 1
    assert n_pairs > 300
