"""Segmentations of 3D Slicer, read by SimpleITK and by our own importer."""

import io
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK

from annotations.images import nrrd
from annotations.labels import _runs
from annotations.labels.mask import parse
from annotations.registry import IMPORTERS
from reports.exporters._csv import read_csv
from reports.exporters._planes import region_of
from reports.exporters._scenes import album
from reports.exporters.base import ExportProblem, export, narrowed
from reports.exporters.nrrd_mask import SPEC
from tests.reports.exporters.archive import files_of
from tests.reports.exporters.regions import HOSTILE, release

SHAPES = narrowed(release(), ["lesion", "type"])
# A gantry that leans about the patient's left.
OBLIQUE = [[1.0, 0.0, 0.0], [0.0, 0.92387953, 0.38268343], [0.0, -0.38268343, 0.92387953]]


def whole(finding, shape):
    (z0, z1, y0, y1, x0, x1), part = region_of(finding.label, shape)
    full = np.zeros(shape, dtype=bool)
    full[z0:z1, y0:y1, x0:x1] = part
    return full


def itk(content, path):
    path.write_bytes(content)
    return SimpleITK.ReadImage(str(path))


def test_simpleitk_reads_every_finding_equal(tmp_path):
    files = files_of(SPEC, SHAPES)
    rows = {(row["case"], row["finding"]): row for row in read_csv(files["findings.csv"])}
    seen = 0
    for scene in album(SHAPES).scenes:
        for finding in scene.findings:
            row = rows[scene.case, finding.finding]
            image = itk(files["segmentations/" + row["file"]], tmp_path / "one.nrrd")
            voxels = SimpleITK.GetArrayFromImage(image)
            layer = voxels[..., int(row["layer"])] if voxels.ndim == 4 else voxels
            assert ((layer == int(row["value"])) == whole(finding, scene.shape)).all()
            assert int(row["n_voxels"]) == whole(finding, scene.shape).sum()
            seen += 1
    assert seen == len(rows) == 5


@pytest.mark.parametrize("direction", [None, OBLIQUE])
def test_it_lies_where_the_image_lies(tmp_path, direction):
    made = SHAPES
    if direction:
        made = replace(made, places={case: {**place, "direction": direction} for case, place in made.places.items()})
    name = f"{'segmentations/'}c2+lesion.seg.nrrd"
    image = itk(files_of(SPEC, made)[name], tmp_path / "one.nrrd")
    assert image.GetOrigin() == pytest.approx((-5.0, 8.0, 13.5))
    assert image.GetSpacing() == pytest.approx((0.6, 0.7, 2.5))
    # ITK has the unit vectors of the axes as the columns of its matrix.
    assert pytest.approx(np.array(direction or np.eye(3)), abs=1e-6) == np.array(image.GetDirection()).reshape(3, 3).T


@pytest.mark.parametrize("case", ["c1", "deep"])
def test_our_importer_takes_it_back_voxel_by_voxel_with_the_class(case):
    content = files_of(SPEC, SHAPES)[f"segmentations/{case}+lesion.seg.nrrd"]
    options = {"reader": "gold", "question": "lesion", "category_question": "type", "case": case}
    found = list(IMPORTERS["nrrd_mask"].read(io.BytesIO(content), {"lesion": "mask", "type": "category"}, options))
    masks = [parse(one.value, {}, None) for one in found if one.question == "lesion"]
    (scene,) = [one for one in album(SHAPES).scenes if one.case == case]
    assert len(masks) == len(scene.findings) == 2
    for mask, finding in zip(masks, scene.findings, strict=True):
        assert (_runs.decode(mask.runs, mask.shape) == whole(finding, scene.shape)).all()
    names = [one.value["code"] for one in found if one.question == "type"]
    assert names == [finding.name for finding in scene.findings]


def test_nothing_found_is_an_empty_volume_and_an_open_case_is_none():
    files = files_of(SPEC, SHAPES)
    assert not nrrd.parse(files["segmentations/c2+lesion.seg.nrrd"]).values.any()
    assert not any("c3" in name for name in files)
    assert "c3" in {row["case"] for row in read_csv(files["left-out.csv"])}


def test_a_hostile_name_stays_one_line_and_one_file():
    files = files_of(SPEC, SHAPES)
    (name,) = [row["file"] for row in read_csv(files["findings.csv"]) if row["case"] == HOSTILE]
    assert "/" not in name
    evil = "a\nSegment9_Name:=b\n\nrest"
    asked = [
        {**one, "definition": {"codes": [{"code": evil}]}} if one["code"] == "type" else one
        for one in SHAPES.schema["questions"]
    ]
    records = [
        {**one, "label": {"kind": "category", "code": evil}} if one["question"] == "type" and one["label"] else one
        for one in SHAPES.records
    ]
    made = replace(SHAPES, records=records, schema={**SHAPES.schema, "questions": asked})
    keys = nrrd.parse(files_of(SPEC, made)["segmentations/c1+lesion.seg.nrrd"]).keys
    assert keys["Segment0_Name"] == evil.replace("\n", "\\n")
    assert "Segment9_Name" not in keys


def test_a_case_without_a_place_is_left_out_and_without_any_place_nothing_is_written():
    files = files_of(SPEC, replace(SHAPES, places={"c1": SHAPES.places["c1"]}))
    assert [name for name in files if name.startswith("seg")] == ["segmentations/c1+lesion.seg.nrrd"]
    reasons = {row["case"]: row["reason"] for row in read_csv(files["left-out.csv"])}
    assert reasons["deep"] == "how the image lies in the patient is not known"
    with pytest.raises(ExportProblem) as problem:
        export(SPEC, replace(SHAPES, places={}))
    assert problem.value.code == "no-place"
