"""Markups of Slicer: points, lengths and regions in the patient, on the grid of the case's image."""

import io
import json
import math

import pytest

from annotations.importers._guess import guess
from annotations.importers.base import Imported, ImportProblem, Lies
from annotations.importers.slicer_markups import read
from annotations.placing import Ground, pointed
from annotations.submission import AnswerProblem
from tests.annotations.importers.samples import MARKUPS
from tests.annotations.importers.seg_made import AXES, ORIGIN, SHAPE, SPACING
from tests.shared import shared

ASKED = {"spots": "landmarks", "size": "measurement", "area": "box", "type": "category"}
GROUND = Ground(SHAPE, Lies(ORIGIN, AXES, SPACING))


def answers(document, question, **options):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(read(io.BytesIO(data), ASKED, {"case": "c1", "reader": "r1", "question": question, **options}))


def voxel(z, y, x):
    """The middle of a voxel of the phantom in millimetres, LPS."""
    return [ORIGIN[0] + x * SPACING[2], ORIGIN[1] + y * SPACING[1], ORIGIN[2] + z * SPACING[0]]


def points(*named, **more):
    entries = [{"label": label, "position": at, "positionStatus": "defined"} for label, at in named]
    return {"markups": [{"type": "Fiducial", "coordinateSystem": "LPS", "controlPoints": entries, **more}]}


def test_points_become_voxels_of_the_image_and_an_unset_point_cannot_be_seen():
    document = points(("F-1", voxel(1, 2, 3)), ("base", voxel(4, 5, 6)))
    document["markups"][0]["controlPoints"].append({"label": "tip", "positionStatus": "undefined"})
    (one,) = answers(document, "spots", points="F-1=apex")
    assert one.in_patient
    assert pointed(one.value, GROUND) == {
        "kind": "landmarks",
        "points": {
            "apex": pytest.approx([1.5, 2.5, 3.5]), "base": pytest.approx([4.5, 5.5, 6.5]), "tip": None,
        },
    }  # fmt: skip


def test_ras_is_turned():
    x, y, z = voxel(1, 2, 3)
    (lps,) = answers(points(("a", [x, y, z])), "spots")
    (ras,) = answers(points(("a", [-x, -y, z]), coordinateSystem="RAS"), "spots")
    assert lps.value == ras.value


def test_a_line_is_its_length_and_a_region_is_a_box():
    size, area = answers(MARKUPS, "size"), answers(MARKUPS, "area")
    lengths = [one for one in size if isinstance(one, Imported)]
    assert [one.value["number"] for one in lengths] == [pytest.approx(math.sqrt(9 + 16))]
    assert {one.code for one in size if isinstance(one, ImportProblem)} == {"unsupported-markup"}
    (box,) = [one for one in area if isinstance(one, Imported)]
    assert pointed(box.value, GROUND) == {
        "kind": "box", "low": pytest.approx([1.0, 2.0, 3.0]), "high": pytest.approx([3.0, 6.0, 13.0]),
    }  # fmt: skip
    leaning = ((0.8, 0.6, 0.0), (-0.6, 0.8, 0.0), (0.0, 0.0, 1.0))
    with pytest.raises(AnswerProblem) as caught:
        pointed(box.value, Ground(SHAPE, Lies(ORIGIN, leaning, SPACING)))
    assert caught.value.code == "turned"
    with pytest.raises(AnswerProblem) as caught:
        pointed(box.value, Ground(SHAPE, None))
    assert caught.value.code == "no-place"


@pytest.mark.parametrize(
    ("document", "question", "code"),
    [
        ({"markups": 3}, "spots", "not-markups"),
        (b"label,x,y,z\na,1,2,3\n", "spots", "not-markups"),
        (b"\xff\xfe\x00", "spots", "not-markups"),
        (b"# Fiducial List file x\n# columns = label,x,y,z\na,1,two,3\n", "spots", "bad-point"),
        (points(("a", [0, 0, math.pi * 1e9]), coordinateSystem="XYZ"), "spots", "bad-system"),
        (points(("a", [0, 0])), "spots", "bad-point"),
        (points(("a", [0, 0, "0"])), "spots", "bad-point"),
        (points(("a", [0, 0, 0]), coordinateUnits="inch"), "spots", "bad-unit"),
        (points(("a", [0, 0, 0])), "type", "wrong-question"),
        ({"markups": [{"type": "ROI", "orientation": [1, 0, 0, 0, 0.9, 0.1, 0, 0, 1]}]}, "area", "turned"),
        ({"markups": [{"type": "ROI", "roiType": "Sphere"}]}, "area", "unsupported-markup"),
    ],
)
def test_what_cannot_be_read_is_refused_whole(document, question, code):
    with pytest.raises(ImportProblem) as caught:
        answers(document, question)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("document", "question", "code"),
    [
        (points(("a", [0, 0, 0]), ("a", [1, 1, 1])), "spots", "two-points"),
        ({"markups": [{"type": "Line", "controlPoints": [{"position": [0, 0, 0]}]}]}, "size", "unfinished"),
        ({"markups": [{"type": "ROI", "center": [0, 0, 0], "size": [1, 0, 1]}]}, "area", "unfinished"),
        ({"markups": [{"type": "ClosedCurve"}]}, "area", "unsupported-markup"),
    ],
)
def test_one_markup_that_is_no_answer_is_a_problem_of_its_own(document, question, code):
    (problem,) = answers(document, question)
    assert (problem.code, problem.line) == (code, 1)


def test_the_bytes_tell_markups():
    assert guess(json.dumps(MARKUPS).encode(), "x")[0] == ("slicer_markups", 0.95)
    assert guess(b"# Markups fiducial file version = 4.4\n", "x.fcsv")[0] == ("slicer_markups", 0.95)
    assert guess(b"", "x.fcsv") == [("slicer_markups", 0.7)]


@pytest.mark.parametrize(
    ("name", "n_points", "last"),
    [
        ("Libs__MRML__Core__Testing__L1.fcsv", 2, ("L1-P2", [-49.8834, 4.33769, 0.0])),
        ("Testing__Data__Input__midsag.fcsv", 56, ("midsag57", [11.5, -71.5, -26.5])),
    ],
)
def test_lists_that_slicer_wrote(name, n_points, last):
    (one,) = answers((shared("formats/slicer_markups/Slicer__Slicer") / name).read_bytes(), "spots")
    assert len(one.value["points"]) == n_points
    assert list(one.value["points"].items())[-1] == last
