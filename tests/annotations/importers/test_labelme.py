import io

import pytest

from annotations.importers.base import ImportProblem
from annotations.importers.labelme import SPEC
from annotations.labels.base import Geometry
from annotations.registry import parse_label
from tests.annotations.importers.samples import LABELME_JSON, LABELME_XML, OUTLINE, QUESTIONS, REGION, as_json

BY_NAME = {"question": "outline", "category_question": "type"}


def read(data, options=OUTLINE):
    return list(SPEC.read(io.BytesIO(data if isinstance(data, bytes) else as_json(data)), QUESTIONS, options))


def with_shape(**shape):
    return {**LABELME_JSON, "shapes": [*LABELME_JSON["shapes"], shape]}


def test_shapes_of_one_group_are_one_finding():
    found = read(LABELME_JSON)
    assert [(one.line, one.case, one.question, one.mark) for one in found] == [
        (1, "scan-01", "outline", "1"),
        (1, "scan-01", "type", "1"),
        (2, "scan-01", "outline", "cyst 1"),
        (2, "scan-01", "type", "cyst 1"),
    ]
    rings = [ring["points"] for ring in found[2].value["rings"]]
    assert rings == [[[8, 8], [6, 8], [6, 4], [8, 4]], [[10, 4], [12, 4], [12, 8]]]


def test_shapes_fill_a_mask():
    found = read(LABELME_JSON, REGION)
    label = parse_label(found[2].value, "mask", {}, Geometry((1, 10, 20), None))
    assert label.array()[0, 4:8, 6:8].all()
    # The triangle's edge from (10, 4) to (12, 8) leaves one centre of column 10 and three of column 11 inside.
    assert label.array()[0, :, 10:12].sum(axis=0).tolist() == [1, 3]
    assert label.voxels == 12


def test_a_picture_without_shapes_finds_nothing():
    (found,) = read({**LABELME_JSON, "shapes": []})
    assert (found.question, found.value) == ("outline", {"kind": "nothing_found"})


def test_the_older_xml_names_its_readers_and_leaves_out_what_was_deleted():
    found = read(LABELME_XML, BY_NAME)
    assert [(one.line, one.reader, one.question, one.mark) for one in found] == [
        (1, "ada", "outline", "0"),
        (1, "ada", "type", "0"),
        (3, "ben", "outline", "2"),
        (3, "ben", "type", "2"),
    ]
    assert found[2].value["rings"][0]["points"] == [[6, 1], [9, 1], [9, 5]]
    assert {one.reader for one in read(LABELME_XML, {**BY_NAME, "reader": "eve"})} == {"eve"}


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        ({"label": "a", "points": [[1, 1], [2, 2]], "shape_type": "circle"}, "unsupported-shape"),
        ({"label": "a", "points": [[1, 1], [2]]}, "bad-polygon"),
        ({"label": 7, "points": []}, "not-a-shape"),
        ({"label": "a", "points": [], "group_id": "x"}, "bad-group"),
    ],
)
def test_a_bad_shape_is_named(shape, code):
    found = read(with_shape(**shape))
    assert [(one.line, one.code) for one in found if isinstance(one, ImportProblem)] == [(4, code)]
    assert len(found) == 5


def test_an_outline_that_crosses_itself_fills_no_mask():
    bow = {"label": "a", "points": [[1, 1], [5, 5], [5, 1], [1, 5]], "shape_type": "polygon"}
    assert read(with_shape(**bow), REGION)[-1].code == "self-crossing"


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (LABELME_JSON, BY_NAME, "missing-option"),
        ({"shapes": 3}, OUTLINE, "not-labelme"),
        ({**LABELME_JSON, "imagePath": None}, OUTLINE, "no-case"),
        (b"<html/>", OUTLINE, "wrong-format"),
        (LABELME_JSON, {**OUTLINE, "question": "grade"}, "wrong-question"),
    ],
)
def test_faults_of_the_whole_file(data, options, code):
    with pytest.raises(ImportProblem) as refusal:
        read(data, options)
    assert refusal.value.code == code


def test_an_xml_object_without_outline_or_reader_is_named():
    nameless = LABELME_XML.replace(b"<username>ben</username>", b"")
    assert read(nameless, BY_NAME)[-1].code == "no-reader"
    masked = b"<annotation><filename>a.png</filename><object><name>a</name><segm/></object></annotation>"
    assert [one.code for one in read(masked, BY_NAME)] == ["unsupported-shape"]
