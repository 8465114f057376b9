"""Gold regions as segmentation objects, before a validator and a library of others and our own importer."""

import gzip
import io
from dataclasses import replace

import highdicom
import nibabel as nib
import numpy as np
import pytest
from pydicom import dcmread

from annotations.importers.base import Lies
from annotations.importers.dicom_seg import read
from annotations.labels import _runs
from annotations.placing import Ground, placed
from reports.exporters._csv import read_csv
from reports.exporters._names import file_stems
from reports.exporters._scenes import album
from reports.exporters.base import ExportProblem, export
from reports.exporters.dicom_seg import SPEC
from reports.registry import EXPORTERS
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


@pytest.mark.parametrize("direction", [STRAIGHT, OBLIQUE])
def test_every_finding_comes_back_voxel_by_voxel_through_our_own_importer(direction):
    bundle = made(direction)
    found, files = objects(bundle)
    rows = read_csv(files["findings.csv"])
    seen = 0
    scenes = album(bundle).scenes
    stems = file_stems(scene.case for scene in scenes)
    for scene in scenes:
        name = f"segmentations/{stems[scene.case]}+lesion.dcm"
        if name not in found:
            assert not scene.findings
            continue
        options = {"case": scene.case, "reader": "gold", "question": "lesion"}
        answers = [one for one in read(io.BytesIO(found[name]), {"lesion": "mask"}, options) if "runs" in one.value]
        lies = Lies(tuple(ORIGIN), tuple(map(tuple, direction)), scene.grid.spacing_mm)
        for one, finding in zip(answers, scene.findings, strict=True):
            label = placed(one.value, one.lies, Ground(scene.shape, lies))
            wanted = whole(finding, scene.shape)
            assert (_runs.decode(label["runs"], scene.shape) == wanted).all()
            (row,) = [row for row in rows if (row["case"], row["segment"]) == (scene.case, one.mark)]
            assert int(row["n_voxels"]) == wanted.sum()
            seen += 1
    assert seen == len(rows) > 3


def test_highdicom_reads_the_classes_and_the_place():
    found, _ = objects(made())
    segments = highdicom.seg.segread(io.BytesIO(found["segmentations/deep+lesion.dcm"]))
    labels = [segments.get_segment_description(number).segment_label for number in segments.segment_numbers]
    assert set(labels) <= {"benign", "malignant", "lesion"}
    volume = segments.get_volume(combine_segments=False)
    assert volume.spacing == pytest.approx((2.5, 0.7, 0.6))
    assert segments.segmentation_type.value == "BINARY"


def test_planes_refer_to_the_instances_that_the_image_was_made_of():
    shapes = made()
    depth = shapes.cases["c1"].shape[0]
    uids = [f"2.25.{100 + number}" for number in range(depth)]
    slices = {"axis": 0, "classes": ["1.2.840.10008.5.1.4.1.1.2"] * depth, "instances": uids, "frames": None}
    shapes = replace(shapes, places={**shapes.places, "c1": {**shapes.places["c1"], "slices": slices}})
    found, _ = objects(shapes)
    dataset = dcmread(io.BytesIO(found["segmentations/c1+lesion.dcm"]))
    named = {one.ReferencedSOPInstanceUID for one in dataset.ReferencedSeriesSequence[0].ReferencedInstanceSequence}
    assert named <= set(uids)
    assert named


def test_the_same_release_is_the_same_bytes():
    first, second = export(SPEC, made()), export(SPEC, made())
    assert first == second


def test_a_case_without_a_place_is_left_out_and_none_at_all_is_refused():
    shapes = made()
    partly = replace(shapes, places={"c1": shapes.places["c1"]})
    found, files = objects(partly)
    assert list(found) == ["segmentations/c1+lesion.dcm"]
    reasons = {row["case"]: row["reason"] for row in read_csv(files["left-out.csv"])}
    assert "lies in the patient is not known" in reasons["deep"]
    with pytest.raises(ExportProblem) as caught:
        export(SPEC, replace(shapes, places={}))
    assert caught.value.code == "no-place"


def test_axes_that_are_not_at_right_angles_are_left_out():
    shapes = made()
    leaning = {**shapes.places["deep"], "direction": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.2, 0.98]]}
    _, files = objects(replace(shapes, places={**shapes.places, "deep": leaning}))
    reasons = {row["case"]: row["reason"] for row in read_csv(files["left-out.csv"])}
    assert "not at right angles" in reasons["deep"]


def test_voxels_of_the_phantom_lie_where_the_image_has_them():
    """The centre of a segment in millimetres is that of its voxels, computed from the image's own axes."""
    bundle = made(OBLIQUE)
    found, _ = objects(bundle)
    (scene,) = [one for one in album(bundle).scenes if one.case == "deep"]
    volume = highdicom.seg.segread(io.BytesIO(found["segmentations/deep+lesion.dcm"])).get_volume(segment_numbers=[1])
    indices = np.argwhere(volume.array[..., 0])
    theirs = (volume.affine @ np.append(indices.mean(axis=0), 1))[:3]
    z, y, x = np.argwhere(whole(scene.findings[0], scene.shape)).mean(axis=0)
    steps = np.array(scene.grid.spacing_mm[::-1])
    ours = np.array(ORIGIN) + (np.array([x, y, z]) * steps) @ np.array(OBLIQUE)
    assert theirs == pytest.approx(ours, abs=1e-4)


@pytest.mark.parametrize("direction", [STRAIGHT, OBLIQUE])
def test_a_nifti_volume_lies_where_the_segmentation_lies(direction):
    """The centre of a finding in millimetres, by nibabel in RAS and by highdicom in LPS."""
    bundle = made(direction)
    found, _ = objects(bundle)
    volume = highdicom.seg.segread(io.BytesIO(found["segmentations/deep+lesion.dcm"])).get_volume(segment_numbers=[1])
    centre = np.argwhere(volume.array[..., 0]).mean(axis=0)
    lps = (volume.affine @ np.append(centre, 1))[:3]
    packed = files_of(EXPORTERS["nifti_mask"], bundle)["labels/deep+lesion.nii.gz"]
    image = nib.Nifti1Image.from_bytes(gzip.decompress(packed))
    voxels = np.argwhere(np.asarray(image.dataobj) == 1).mean(axis=0)
    ras = (image.affine @ np.append(voxels, 1))[:3]
    assert ras * [-1, -1, 1] == pytest.approx(lps, abs=1e-3)
    assert image.get_qform() == pytest.approx(image.affine, abs=1e-3)
