import io

import numpy as np
import pytest

from annotations.importers.base import ImportProblem
from annotations.importers.cvat_xml import SPEC
from annotations.labels.base import Geometry
from annotations.registry import parse_label
from tests.annotations.importers.samples import CVAT_IMAGES, CVAT_MASK, CVAT_VIDEO, OUTLINE, QUESTIONS, REGION

OPTIONS = {**OUTLINE, "attributes": "birads=grade", "tag_question": "type"}


def read(data, options=OPTIONS):
    return list(SPEC.read(io.BytesIO(data), QUESTIONS, options))


def image(inner, more=""):
    return f'<annotations><image name="s.png" width="20" height="10" {more}>{inner}</image></annotations>'.encode()


def test_pictures_with_outlines_boxes_attributes_and_tags():
    found = read(CVAT_IMAGES)
    assert [(one.line, one.case, one.question, one.mark) for one in found] == [
        (1, "scan-01", "outline", "1"),
        (1, "scan-01", "type", "1"),
        (1, "scan-01", "grade", "1"),
        (2, "scan-01", "outline", "2"),
        (2, "scan-01", "type", "2"),
        (3, "scan-01", "outline", "3"),
        (3, "scan-01", "type", "3"),
        (4, "scan-01", "type", ""),
        (5, "scan-02", "outline", ""),
    ]
    assert found[0].value["rings"][0]["points"] == [[2, 2], [8, 2], [8, 6], [2, 6]]
    assert found[2].value == {"kind": "grade", "level": "4"}
    assert found[3].value["rings"][0]["points"] == [[1, 2], [5, 2], [5, 4], [1, 4]]
    # A box of 4 × 2 about (6, 3), turned by a quarter, is 2 × 4 about the same centre.
    np.testing.assert_allclose(found[5].value["rings"][0]["points"], [[7, 1], [7, 5], [5, 5], [5, 1]], atol=1e-12)
    assert found[7].value == {"kind": "category", "code": "benign"}
    assert found[8].value == {"kind": "nothing_found"}


def test_a_mask_fills_its_box_row_by_row():
    region, _ = read(CVAT_MASK, REGION)
    mask = parse_label(region.value, "mask", {}, Geometry((1, 10, 20), None)).array()[0]
    # Runs 1, 2, 1, 4 in a box of 4 × 2: the first row ".##.", the second "####".
    wanted = np.zeros((10, 20), dtype=bool)
    wanted[2, 4:6] = wanted[3, 3:7] = True
    assert (mask == wanted).all()


def test_a_track_is_one_finding_on_several_slices():
    outline, category = read(CVAT_VIDEO)
    assert (outline.case, outline.mark, category.value["code"]) == ("scan-03", "5", "mass")
    assert [ring["slice"] for ring in outline.value["rings"]] == [0, 1]
    outline, _ = read(CVAT_VIDEO, {**OUTLINE, "case": "study.7"})
    assert outline.case == "study.7"


def test_a_track_fills_a_mask_of_all_frames():
    region, _ = read(CVAT_VIDEO, REGION)
    assert parse_label(region.value, "mask", {}, Geometry((3, 10, 20), None)).array().any(axis=(1, 2)).tolist() == [
        True,
        True,
        False,
    ]


def test_frames_that_the_tool_would_interpolate_are_refused():
    gap = CVAT_VIDEO.replace(b'frame="13"', b'frame="16"', 1).replace(
        b'<polygon frame="16" outside="1"', b'<polygon frame="19" outside="1"'
    )
    (problem,) = read(gap)
    assert problem.code == "interpolated-track"
    (problem,) = read(
        CVAT_VIDEO.replace(b' outside="1"', b' outside="0"').replace(b"<stop_frame>16", b"<stop_frame>22")
    )
    assert problem.code == "interpolated-track"


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        ('<polyline label="a" points="1,1;2,2"/>', "unsupported-shape"),
        ('<polygon label="a" points="1,1;2"/>', "bad-polygon"),
        ('<polygon label="a" points="1,1;2,x"/>', "not-a-number"),
        ('<box label="a" xtl="1" ytl="1" xbr="2"/>', "not-a-number"),
        ('<mask label="a" rle="1,3" left="0" top="0" width="2" height="2"/>', "pixels-for-outline"),
    ],
)
def test_a_bad_shape_is_named_and_the_good_one_stays(shape, code):
    found = read(image('<box label="a" xtl="1" ytl="1" xbr="2" ybr="2"/>' + shape), OUTLINE)
    assert [one.question for one in found[:2]] == ["outline", "type"]
    assert [(one.line, one.code) for one in found[2:]] == [(2, code)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ((b'rle="1, 2, 1, 4"', b'rle="1, 2, 1, 5"'), "wrong-total"),
        ((b'rle="1, 2, 1, 4"', b'rle="1, -2"'), "malformed-runs"),
        ((b'left="3"', b'left="18"'), "outside-image"),
        ((b'width="4"', b'width="0"'), "malformed-runs"),
        ((b'width="20"', b""), "no-size"),
        (
            (b'name="scan-01.png" width="20" height="10"', b'name="a.png" width="999999999" height="999999999"'),
            "bad-shape",
        ),
    ],
)
def test_a_bad_mask_is_refused(change, code):
    problem, *others = read(CVAT_MASK.replace(*change), REGION)
    assert problem.code == code
    assert others == []


def test_two_pictures_of_one_name_need_a_subset():
    two = b'<annotations><image name="a/s.png" subset="Train"/><image name="b/s.png" subset="Test"/></annotations>'
    with pytest.raises(ImportProblem) as refusal:
        read(two)
    assert refusal.value.code == "ambiguous-case"
    assert [one.case for one in read(two, {**OUTLINE, "subset": "Test"})] == ["s"]


def test_a_tag_without_its_question_is_not_lost():
    (problem,) = read(image('<tag label="benign"/>'), OUTLINE)
    assert problem.code == "no-question"


def test_another_document_is_no_dump():
    with pytest.raises(ImportProblem) as refusal:
        read(b"<html></html>")
    assert refusal.value.code == "not-cvat"
