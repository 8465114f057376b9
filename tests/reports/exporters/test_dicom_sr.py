"""Gold answers as measurement reports: before a validator and a library of others, and back through our importer."""

import io
from dataclasses import replace

import highdicom
import pytest
from pydicom import dcmread

from annotations.importers.base import Imported
from annotations.importers.dicom_sr import read
from reports.exporters._csv import read_csv
from reports.exporters._names import file_stems
from reports.exporters._scenes import album
from reports.exporters.base import ExportProblem, export
from reports.exporters.dicom_seg import SPEC as SEGMENTATIONS
from reports.exporters.dicom_sr import SPEC
from tests.reports.exporters.archive import files_of
from tests.reports.exporters.lying import errors_of, made


def objects(bundle):
    files = files_of(SPEC, bundle)
    return {name: content for name, content in files.items() if name.endswith(".dcm")}, files


def test_the_validator_of_dicom3tools_finds_no_error(tmp_path):
    found, _ = objects(made())
    assert found
    assert errors_of(found.values(), tmp_path) == []


def measured(bundle):
    """Give every finding a size as well."""
    size = {"code": "size", "title": "Size", "kind": "measurement", "about": "lesion", "definition": {"unit": "mm"}}
    questions = [*bundle.schema["questions"], {**bundle.schema["questions"][-1], **size}]
    regions = [one for one in bundle.records if one["question"] == "lesion" and one["label"] is not None]
    label = {"kind": "measurement", "number": 7.25, "unit": "mm"}
    sizes = [{**one, "question": "size", "label": label} for one in regions if one["label"]["kind"] == "mask"]
    return replace(bundle, schema={**bundle.schema, "questions": questions}, records=[*bundle.records, *sizes])


def said(value):
    return next(value[member] for member in ("code", "level", "number") if member in value)


def test_every_answer_comes_back_through_our_own_importer():
    bundle = measured(made())
    found, files = objects(bundle)
    scenes = album(bundle).scenes
    stems = file_stems(scene.case for scene in scenes)
    kinds = {one["code"]: one["kind"] for one in bundle.schema["questions"]}
    options = {"reader": "gold", "questions": "Finding=type, Size=size"}
    n_back = 0
    for scene in scenes:
        data = found.get(f"reports/{stems[scene.case]}.dcm")
        wanted = [{"type": one.name, **one.attributes} for one in scene.findings]
        wanted += [scene.attributes] if scene.attributes else []
        if data is None:
            assert not wanted
            continue
        answers = list(read(io.BytesIO(data), kinds, {**options, "case": scene.case}))
        got = {(int(one.mark), one.question): said(one.value) for one in answers if isinstance(one, Imported)}
        expected = {}
        for place, group in enumerate(wanted, start=1):
            expected |= {(place, code): value for code, value in group.items() if value is not None}
        assert got == expected
        n_back += len(got)
    assert n_back > 2
    assert {row["case"] for row in read_csv(files["groups.csv"])} <= set(stems)


def test_highdicom_reads_the_groups_and_they_share_their_tracking_with_the_segments():
    bundle = made()
    found, _ = objects(bundle)
    document = highdicom.sr.srread(io.BytesIO(found["reports/deep.dcm"]))
    groups = document.content.get_image_measurement_groups()
    (scene,) = [one for one in album(bundle).scenes if one.case == "deep"]
    assert len(groups) == len(scene.findings) + bool(scene.attributes)
    segments = dcmread(io.BytesIO(files_of(SEGMENTATIONS, bundle)["segmentations/deep+lesion.dcm"])).SegmentSequence
    assert {one.TrackingUID for one in segments} <= {group.tracking_uid for group in groups}


def test_the_same_release_is_the_same_bytes_and_no_place_is_refused():
    assert export(SPEC, made()) == export(SPEC, made())
    with pytest.raises(ExportProblem) as caught:
        export(SPEC, replace(made(), places={}))
    assert caught.value.code == "no-place"
