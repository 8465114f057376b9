"""Measurement reports: what is asked for is read by its concept, the rest is not, and lines lie in the patient."""

import io

import numpy as np
import pytest
from pydicom import dcmread

from annotations.importers._guess import guess
from annotations.importers.base import Imported, ImportProblem, Lies
from annotations.importers.dicom_sr import read
from annotations.labels import _runs
from annotations.placing import Ground, fitted
from tests.annotations.importers.seg_made import AXES, ORIGIN, SHAPE, SPACING
from tests.annotations.importers.sr_made import report
from tests.shared import shared

ASKED = {"size": "measurement", "type": "category", "grade": "grade", "region": "mask"}
QUESTIONS = "Diameter=size, 121071=type, Level of Significance=grade"
DATA = report()


def answers(data=DATA, **options):
    return list(read(io.BytesIO(data), ASKED, {"case": "c1", "reader": "r1", **options}))


def values(found):
    return [(one.mark, one.question, one.value) for one in found]


def test_numbers_and_codes_are_read_by_the_concept_that_a_question_stands_for():
    found = answers(questions=QUESTIONS, codes="27925004=nodule, Highly significant=4")
    assert values(found) == [
        ("1", "type", {"kind": "category", "code": "nodule"}),
        ("1", "size", {"kind": "measurement", "number": 12.5, "unit": "mm"}),
        ("1", "grade", {"kind": "grade", "level": "4"}),
        ("2", "type", {"kind": "category", "code": "Cyst"}),
        ("2", "size", {"kind": "measurement", "number": 4.0, "unit": "mm"}),
        ("2", "grade", {"kind": "grade", "level": "4"}),
    ]
    assert {(one.case, one.reader) for one in found} == {("c1", "r1")}


def test_closed_lines_in_the_patient_are_voxels_of_the_image():
    (one,) = answers(region="region")
    label = fitted(one, Ground(SHAPE, Lies(ORIGIN, AXES, SPACING)))
    wanted = np.zeros(SHAPE, dtype=bool)
    wanted[2, 4:10, 5:10] = True
    assert np.array_equal(_runs.decode(label["runs"], SHAPE), wanted)


def test_a_concept_that_is_not_there_and_a_second_group_are_said():
    assert [one.code for one in answers(questions="Volume=size")] == ["no-concept"]
    found = answers(questions="Diameter=size", one_answer="yes")
    assert values(found[:1]) == [("", "size", {"kind": "measurement", "number": 12.5, "unit": "mm"})]
    assert [(one.code, one.line) for one in found[1:]] == [("several-groups", 2)]


def changed(change):
    dataset = dcmread(io.BytesIO(DATA))
    change(dataset)
    stream = io.BytesIO()
    dataset.save_as(stream)
    return stream.getvalue()


def entry(dataset, kind):
    measurements = next(one for one in dataset.ContentSequence if one.get("ContentSequence"))
    return next(one for one in measurements.ContentSequence[0].ContentSequence if one.ValueType == kind)


def without_value(dataset):
    entry(dataset, "NUM").MeasuredValueSequence = []


def without_unit(dataset):
    entry(dataset, "NUM").MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue = "1"


@pytest.mark.parametrize(("change", "code"), [(without_value, "not-a-value"), (without_unit, "missing-unit")])
def test_an_entry_without_a_value_is_a_problem_of_its_own(change, code):
    problems = [one for one in answers(changed(change), questions=QUESTIONS) if isinstance(one, ImportProblem)]
    assert [(one.code, one.line, one.column) for one in problems] == [(code, 1, "Diameter")]


def without_template(dataset):
    del dataset.ContentTemplateSequence


def with_half_a_line(dataset):
    entry(dataset, "SCOORD3D").GraphicData = [1.0, 2.0]


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (b"SR", {"questions": QUESTIONS}, "not-dicom"),
        (changed(without_template), {"questions": QUESTIONS}, "not-a-report"),
        (changed(with_half_a_line), {"region": "region"}, "broken-line"),
        (DATA, {}, "missing-option"),
        (DATA, {"questions": "Diameter=width"}, "unknown-question"),
        (DATA, {"region": "type"}, "wrong-question"),
    ],
)
def test_what_cannot_be_read_is_refused_whole(data, options, code):
    with pytest.raises(ImportProblem) as caught:
        answers(data, **options)
    assert caught.value.code == code


def test_the_bytes_tell_a_report():
    assert guess(DATA, "x")[0] == ("dicom_sr", 0.95)


def test_reports_that_other_tools_wrote():
    path = (
        shared("formats/dicom_sr")
        / "ImagingDataCommons__highdicom/data__test_files__sr_document_with_multiple_groups.dcm"
    )
    found = answers(
        path.read_bytes(), questions="Diameter=size, Finding=type, Level of Significance=grade", codes="371928007=1"
    )
    assert values(found) == [
        ("2", "type", {"kind": "category", "code": "Nodule"}),
        ("2", "size", {"kind": "measurement", "number": 10.0, "unit": "mm"}),
        ("2", "grade", {"kind": "grade", "level": "1"}),
        ("3", "type", {"kind": "category", "code": "Aorta"}),
        ("3", "size", {"kind": "measurement", "number": 20.0, "unit": "mm"}),
        ("4", "type", {"kind": "category", "code": "Vertebra"}),
    ]
    regions = answers(path.read_bytes(), region="region")
    assert [(one.code, one.line) for one in regions] == [
        ("unsupported-shape", 2),
        ("unsupported-shape", 3),
        ("unsupported-shape", 4),
    ]
    path = shared("formats/dicom_sr") / "QIICR__dcmqi/data__sr-example__sr.dcm"
    dataset = dcmread(path)
    (measurements,) = [one for one in dataset.ContentSequence if one.ConceptNameCodeSequence[0].CodeValue == "126010"]
    found = [one for one in answers(path.read_bytes(), questions="Finding=type") if isinstance(one, Imported)]
    assert len(found) == len(measurements.ContentSequence) == 1


@pytest.mark.parametrize(
    "name",
    [
        "dicom_sr/mdai__mdai-client-py/mdai__utils__sample_SR.dcm",
        "dicom_sr/ImagingDataCommons__highdicom/data__test_files__sm_annotations.dcm",
        "dicom_sr/pydicom__pydicom/src__pydicom__data__test_files__test-SR.dcm",
    ],
)
def test_other_objects_are_refused_with_their_name(name):
    data = (shared("formats") / name).read_bytes()
    with pytest.raises(ImportProblem) as caught:
        answers(data, questions=QUESTIONS)
    assert caught.value.code == "not-a-report"
