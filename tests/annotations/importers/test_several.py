"""Formats of a file a picture may come in a zip: cases by name, lines that go on, faults that name their file."""

import io

import pytest

from annotations.importers._guess import LIKELY, guess
from annotations.importers.base import Imported, ImportProblem
from annotations.registry import IMPORTERS
from tests.annotations.importers.samples import (
    LABELME_JSON,
    LABELME_XML,
    OUTLINE,
    QUESTIONS,
    REGION,
    VOC,
    as_json,
    nifti,
    nrrd,
    zipped,
)


def read(importer, data, options):
    return list(IMPORTERS[importer].read(io.BytesIO(data), QUESTIONS, options))


def test_a_zip_of_voc_files_goes_on_counting_and_names_a_broken_one():
    second = VOC.replace(b"scan-01", b"scan-02")
    data = zipped({"a/1.xml": VOC, "a/2.xml": b"<annotation>", "a/3.xml": second, "a/._1.xml": b"x", "a/1.jpg": b""})
    found = read("pascal_voc", data, OUTLINE)
    lines = [(one.line, one.case) for one in found if isinstance(one, Imported) and one.question == "outline"]
    assert lines == [(1, "scan-01"), (2, "scan-01"), (4, "scan-02"), (5, "scan-02")]
    (problem,) = [one for one in found if isinstance(one, ImportProblem)]
    assert (problem.line, problem.code, problem.column) == (3, "not-xml", "a/2.xml")


def test_a_zip_of_labelme_files_of_both_kinds():
    found = read("labelme", zipped({"1.json": as_json(LABELME_JSON), "2.xml": LABELME_XML}), OUTLINE)
    assert [(one.line, one.mark) for one in found if one.question == "outline"] == [
        (1, "1"), (2, "cyst 1"), (3, "0"), (5, "2"),
    ]  # fmt: skip
    bad = as_json({**LABELME_JSON, "shapes": [{"label": "a", "points": [], "shape_type": "circle"}]})
    (problem,) = read("labelme", zipped({"1.json": bad}), OUTLINE)
    assert (problem.code, problem.column) == ("unsupported-shape", "1.json shape_type")


@pytest.mark.parametrize(
    ("importer", "content", "name"),
    [("nifti_mask", nifti(), "m/scan.07.nii.gz"), ("nrrd_mask", nrrd(), "m/scan.07.seg.nrrd")],
)
def test_the_name_of_a_volume_is_its_case(importer, content, name):
    data = zipped({name: content, "notes.md": b""})
    found = read(importer, data, REGION)
    assert {one.case for one in found} == {"scan.07"}
    assert len(found) == 4
    with pytest.raises(ImportProblem) as refusal:
        read(importer, content, REGION)
    assert refusal.value.code == "missing-option"
    (problem,) = read(importer, data, {**REGION, "case": "scan-01"})
    assert problem.code == "bad-option"
    assert guess(data, "masks.zip")[0] == (importer, LIKELY)


@pytest.mark.parametrize("importer", ["pascal_voc", "labelme", "nifti_mask", "nrrd_mask"])
def test_a_zip_without_any_such_file_is_refused(importer):
    with pytest.raises(ImportProblem) as refusal:
        read(importer, zipped({"a.md": b""}), REGION)
    assert refusal.value.code == "no-labels"
