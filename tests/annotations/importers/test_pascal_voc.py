import io

import pytest

from annotations.importers.base import ImportProblem
from annotations.importers.pascal_voc import SPEC
from annotations.labels.base import Geometry
from annotations.registry import parse_label
from tests.annotations.importers.samples import OUTLINE, QUESTIONS, REGION, VOC


def read(data=VOC, options=OUTLINE):
    return list(SPEC.read(io.BytesIO(data), QUESTIONS, options))


def test_boxes_count_pixels_from_one_and_include_the_last():
    outline, category, *_ = read()
    assert (outline.case, outline.mark, category.value["code"]) == ("scan-01", "1", "mass")
    assert outline.value["rings"][0]["points"] == [[0, 1], [3, 1], [3, 4], [0, 4]]
    mask = parse_label(read(options=REGION)[0].value, "mask", {}, Geometry((1, 10, 20), None))
    assert mask.voxels == 9
    assert mask.array()[0, 1:4, 0:3].all()


def test_boxes_may_be_corners_from_zero():
    outline, *_ = read(options={**OUTLINE, "coordinates": "corners"})
    assert outline.value["rings"][0]["points"] == [[1, 2], [3, 2], [3, 4], [1, 4]]


def test_a_picture_without_objects_finds_nothing():
    (found,) = read(b"<annotation><filename>a.b.png</filename></annotation>")
    assert (found.case, found.value) == ("a.b", {"kind": "nothing_found"})


def test_one_bad_object_does_not_lose_the_other():
    found = read(VOC.replace(b"<xmax>3</xmax>", b""))
    assert [(found[0].line, found[0].code, found[0].column)] == [(1, "not-a-number", "xmax")]
    assert [one.mark for one in found[1:]] == ["2", "2"]


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (VOC[:100], OUTLINE, "not-xml"),
        (VOC, {**OUTLINE, "coordinates": "feet"}, "bad-option"),
        (b"<annotation/>", OUTLINE, "no-case"),
        (VOC, {"question": "outline"}, "missing-option"),
    ],
)
def test_faults_of_the_whole_file(data, options, code):
    with pytest.raises(ImportProblem) as refusal:
        read(data, options)
    assert refusal.value.code == code


def test_without_any_question_every_object_is_a_problem():
    assert [one.code for one in read(options={"reader": "ada"})] == ["no-question", "no-question"]
