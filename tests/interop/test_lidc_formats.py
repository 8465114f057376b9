"""Real outlines of LIDC-IDRI (CC BY 3.0; Armato 2011, doi:10.1118/1.3528204) in the formats that others read.

A fiftieth of the outlines, read back by pycocotools and nibabel, against the voxels that pylidc counts.
"""

import csv
import gzip
import json
from dataclasses import replace

import nibabel as nib
import numpy as np
import pytest

from annotations.labels.base import Geometry
from reports.exporters._csv import read_csv
from reports.exporters.base import export
from reports.registry import EXPORTERS
from tests.reports.exporters.archive import files_of
from tests.reports.exporters.bundles import bundle
from tests.reports.exporters.regions import LESION, region
from tests.shared import shared

FOLDER = "data/lidc_idri"
EVERY = 50
QUESTION = {**LESION, "kind": "polygon"}


def rows(name):
    with gzip.open(shared(f"{FOLDER}/{name}"), "rt") as lines:
        return list(csv.DictReader(lines))


def ring(contour):
    points = np.array(contour["xy"], dtype=float).reshape(-1, 2).tolist()
    return {"slice": contour["k"], "hole": not contour["inc"], "points": points}


@pytest.fixture(scope="module")
def outlines():
    """The outlines by number: scan, label and the voxels that pylidc counts within."""
    pairs = rows("lidc_pairs.csv.gz")
    counted = {row[f"ann_{side}"]: int(row[f"vox_{side}"]) for row in pairs for side in "ab"}
    found = {}
    with gzip.open(shared(f"{FOLDER}/lidc_contours.jsonl.gz"), "rt") as lines:
        for line in list(lines)[::EVERY]:
            mark = json.loads(line)
            label = {"kind": "polygon", "rule": "outline_excluded", "rings": [ring(one) for one in mark["contours"]]}
            if str(mark["ann_id"]) not in counted:  # a nodule of one reader is in no pair
                continue
            found[str(mark["ann_id"])] = (str(mark["scan_id"]), label, counted[str(mark["ann_id"])])
    return found


@pytest.fixture(scope="module")
def gold(outlines):
    scans = {row["scan_id"]: row for row in rows("lidc_scans.csv.gz")}
    grids = {}
    for scan, label, _ in outlines.values():
        row = scans[scan]
        depth = max(int(row["n_slices"]), *(one["slice"] + 1 for one in label["rings"]))
        depth = max(depth, grids[scan].shape[0]) if scan in grids else depth
        spacing = (float(row["slice_spacing"]), float(row["pixel_spacing"]), float(row["pixel_spacing"]))
        grids[scan] = Geometry((depth, 512, 512), spacing)
    records = [region(scan, number, label) for number, (scan, label, _) in sorted(outlines.items())]
    return replace(bundle(records, [QUESTION]), cases=grids)


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning")
def test_pycocotools_counts_the_voxels_that_pylidc_counts(gold, outlines, tmp_path):
    coco = pytest.importorskip("pycocotools.coco", reason="pycocotools is not installed")
    path = tmp_path / "coco.json"
    path.write_bytes(export(EXPORTERS["coco"], gold))
    read = coco.COCO(str(path))
    voxels = dict.fromkeys(outlines, 0)
    for entry in read.anns.values():
        marked = int(read.annToMask(entry).sum())
        assert marked == entry["area"]
        voxels[entry["finding"]] += marked
    assert voxels == {number: counted for number, (_, _, counted) in outlines.items()}
    assert len(voxels) > 100


def test_nibabel_counts_them_too_and_finds_the_spacing(gold, outlines):
    few = sorted(gold.cases)[:3]
    part = replace(gold, records=[one for one in gold.records if one["case"] in few])
    files = files_of(EXPORTERS["nifti_mask"], part)
    listed = read_csv(files["findings.csv"])
    assert {row["case"] for row in listed} == set(few)
    for row in listed:
        image = nib.Nifti1Image.from_bytes(gzip.decompress(files["labels/" + row["file"]]))
        marked = int((np.asarray(image.dataobj) == int(row["value"])).sum())
        assert marked == int(row["n_voxels"]) == outlines[row["finding"]][2]
        assert image.header.get_zooms() == pytest.approx(gold.cases[row["case"]].spacing_mm[::-1])
