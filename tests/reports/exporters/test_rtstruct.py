"""Gold regions as structure sets: before a validator of others, and back voxel by voxel through our own importer."""

import io
from dataclasses import replace

import pytest
from pydicom import dcmread

from annotations.importers.base import Imported, Lies
from annotations.importers.rtstruct import read
from annotations.labels import _runs
from annotations.placing import Ground, traced
from reports.exporters._csv import read_csv
from reports.exporters._names import file_stems
from reports.exporters._scenes import album
from reports.exporters.base import ExportProblem, export
from reports.exporters.rtstruct import SPEC
from tests.reports.exporters.archive import files_of
from tests.reports.exporters.lying import OBLIQUE, ORIGIN, STRAIGHT, errors_of, made
from tests.reports.exporters.test_round_trips import whole


def objects(bundle):
    files = files_of(SPEC, bundle)
    return {name: content for name, content in files.items() if name.endswith(".dcm")}, files


@pytest.mark.parametrize("direction", [STRAIGHT, OBLIQUE])
def test_the_validator_of_dicom3tools_finds_no_error(tmp_path, direction):
    found, _ = objects(made(direction))
    assert found
    assert errors_of(found.values(), tmp_path) == []


@pytest.mark.parametrize(("direction", "axis"), [(STRAIGHT, 0), (OBLIQUE, 0), (STRAIGHT, 1), (OBLIQUE, 2)])
def test_every_finding_comes_back_voxel_by_voxel(direction, axis):
    bundle = made(direction)
    places = {
        case: {**place, "slices": {"axis": axis, "classes": None, "instances": None, "frames": None}}
        for case, place in bundle.places.items()
    }
    bundle = replace(bundle, places=places)
    found, files = objects(bundle)
    rows = read_csv(files["findings.csv"])
    scenes = album(bundle).scenes
    stems = file_stems(scene.case for scene in scenes)
    seen = 0
    for scene in scenes:
        name = f"structures/{stems[scene.case]}+lesion.dcm"
        if name not in found:
            assert not scene.findings
            continue
        options = {"case": scene.case, "reader": "gold", "question": "lesion"}
        answers = list(read(io.BytesIO(found[name]), {"lesion": "mask"}, options))
        ground = Ground(scene.shape, Lies(tuple(ORIGIN), tuple(map(tuple, direction)), scene.grid.spacing_mm))
        for one, finding in zip(answers, scene.findings, strict=True):
            assert isinstance(one, Imported), one
            (row,) = [row for row in rows if (row["case"], row["structure"]) == (scene.case, one.mark)]
            assert int(row["n_lines"]) == len(one.contours)
            label = traced(one.contours, ground)
            assert (_runs.decode(label["runs"], scene.shape) == whole(finding, scene.shape)).all()
            seen += 1
    assert seen == len(rows) > 3


def test_lines_name_the_image_that_they_were_drawn_on_and_lie_on_its_plane():
    bundle = made()
    depth = bundle.cases["deep"].shape[0]
    uids = [f"2.25.{100 + number}" for number in range(depth)]
    slices = {"axis": 0, "classes": ["1.2.840.10008.5.1.4.1.1.2"] * depth, "instances": uids, "frames": None}
    bundle = replace(bundle, places={**bundle.places, "deep": {**bundle.places["deep"], "slices": slices}})
    found, _ = objects(bundle)
    structures = dcmread(io.BytesIO(found["structures/deep+lesion.dcm"]))
    step = bundle.cases["deep"].spacing_mm[0]
    n_lines = 0
    for structure in structures.ROIContourSequence:
        for line in structure.ContourSequence:
            plane = uids.index(line.ContourImageSequence[0].ReferencedSOPInstanceUID)
            assert {float(z) for z in line.ContourData[2::3]} == {round(ORIGIN[2] + plane * step, 4)}
            n_lines += 1
    assert n_lines > 2
    assert {one.ROIName for one in structures.StructureSetROISequence} <= {"benign", "malignant", "lesion"}


def test_the_same_release_is_the_same_bytes():
    assert export(SPEC, made()) == export(SPEC, made())


def test_a_case_without_a_place_is_left_out_and_none_at_all_is_refused():
    bundle = made()
    found, files = objects(replace(bundle, places={"c1": bundle.places["c1"]}))
    assert list(found) == ["structures/c1+lesion.dcm"]
    reasons = {row["case"]: row["reason"] for row in read_csv(files["left-out.csv"])}
    assert "lies in the patient is not known" in reasons["deep"]
    with pytest.raises(ExportProblem) as caught:
        export(SPEC, replace(bundle, places={}))
    assert caught.value.code == "no-place"
