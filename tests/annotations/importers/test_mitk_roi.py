"""Regions of MITK: from its grid to the patient and to the voxels of the case's image."""

import io
import json

import pytest

from annotations.importers._guess import guess
from annotations.importers.base import ImportProblem, Lies
from annotations.importers.mitk_roi import read
from annotations.placing import Ground, pointed
from tests.annotations.importers.samples import MITK
from tests.annotations.importers.seg_made import AXES, ORIGIN, SHAPE, SPACING
from tests.shared import shared

ASKED = {"area": "box", "type": "category", "region": "mask"}
OPTIONS = {"case": "c1", "reader": "r1", "question": "area"}
GROUND = Ground(SHAPE, Lies(ORIGIN, AXES, SPACING))


def answers(document, **options):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(read(io.BytesIO(data), ASKED, {**OPTIONS, **options}))


def changed(**more):
    return {**MITK, **more}


@pytest.mark.parametrize(
    ("bounds", "low", "high"), [("voxels", [1, 3, 2], [3, 8, 11]), ("corners", [1.5, 3.5, 2.5], [2.5, 7.5, 10.5])]
)
def test_first_and_last_voxel_or_corners(bounds, low, high):
    box, name = answers(MITK, bounds=bounds, category_question="type")
    assert pointed(box.value, GROUND) == {"kind": "box", "low": pytest.approx(low), "high": pytest.approx(high)}
    assert (box.mark, name.mark, name.value["code"]) == ("7", "7", "benign")


@pytest.mark.parametrize(
    ("document", "options", "code"),
    [
        ({}, {}, "not-mitk"),
        ([], {}, "not-mitk"),
        (changed(Version=2), {}, "not-mitk"),
        (changed(Geometry=None), {}, "not-mitk"),
        (changed(Geometry={"Origin": [0, 0], "Spacing": [1, 1, 1]}), {}, "bad-point"),
        (MITK, {"question": "region"}, "wrong-question"),
        (MITK, {"bounds": "edges"}, "bad-option"),
    ],
)
def test_what_cannot_be_read_is_refused_whole(document, options, code):
    with pytest.raises(ImportProblem) as caught:
        answers(document, **options)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("region", "code"),
    [(3, "not-mitk"), ({"Min": [1, 2, 3]}, "bad-point"), ({"Min": [1, 2, "3"], "Max": [1, 2, 3]}, "bad-point")],
)
def test_one_region_that_is_none_is_a_problem_of_its_own(region, code):
    (problem,) = answers(changed(ROIs=[region]))
    assert (problem.code, problem.line) == (code, 1)


def test_no_region_is_nothing_found():
    (one,) = answers(changed(ROIs=[]))
    assert one.value == {"kind": "nothing_found"}
    assert guess(json.dumps(MITK).encode(), "x.json")[0] == ("mitk_roi", 0.95)


def test_the_example_of_mitk_moves_in_time():
    path = shared("formats/mitk/MITK__MITK/MITKROIs_example1.json")
    (problem,) = answers(path.read_bytes())
    assert problem.code == "several-times"


@pytest.mark.parametrize("name", ["MITKSegmentationTaskLists_example1", "MITK_segmentation_stack_format_user_example7"])
def test_lists_of_files_are_no_regions(name):
    with pytest.raises(ImportProblem) as caught:
        answers(shared(f"formats/mitk/MITK__MITK/{name}.json").read_bytes())
    assert caught.value.code in ("not-mitk", "not-json")
