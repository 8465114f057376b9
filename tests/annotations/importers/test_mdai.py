"""Exports of MD.ai, made here after its documentation: no real export was at hand."""

import io
import json

import pytest

from annotations.importers._guess import guess
from annotations.importers.base import Imported, ImportProblem
from annotations.importers.mdai import read
from tests.annotations.importers.samples import MDAI, MDAI_OPTIONS, QUESTIONS


def answers(document=MDAI, **options):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(read(io.BytesIO(data), QUESTIONS, {**MDAI_OPTIONS, **options}))


def with_annotation(**more):
    (first, *_), *_ = [dataset["annotations"] for dataset in MDAI["datasets"]]
    return {**MDAI, "datasets": [{"id": "D_1", "name": "one", "annotations": [{**first, **more}]}]}


def test_boxes_outlines_and_labels_of_exams():
    found = answers()
    assert [(one.line, one.case, one.reader, one.question, one.mark) for one in found] == [
        (1, "scan-01", "ada", "frame", "1"),
        (2, "scan-01", "U_2", "outline", "2"),
        (3, "scan-01", "ada", "type", ""),
        (4, "1.2.4", "ada", "type", ""),
    ]
    box, outline, benign, other = (one.value for one in found)
    assert (box["low"], box["high"]) == ([0.0, 3.0, 2.5], [1.0, 7.0, 8.5])
    assert outline["rings"][0]["points"] == [[1, 1], [6, 1], [6, 4]]
    assert (benign["code"], other["code"]) == ("benign", "Malignant")


def test_what_a_case_is_and_which_datasets_are_read_can_be_said():
    found = answers(level="instance", cases="1.2.3.1.1=scan-01", datasets="one")
    assert {one.case for one in found if isinstance(one, Imported)} == {"scan-01"}
    assert [one.code for one in found if isinstance(one, ImportProblem)] == ["no-case"]
    assert answers(datasets="D_9") == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"labelId": "L_9"}, "unknown-label"),
        ({"labelId": "L_other"}, "unknown-label"),
        ({"labelId": "L_line"}, "unsupported-shape"),
        ({"StudyInstanceUID": None}, "no-case"),
        ({"createdById": ""}, "no-reader"),
        ({"frameNumber": 4}, "several-frames"),
        ({"data": None}, "no-region"),
        ({"data": {"x": 1, "y": 2, "width": "3", "height": 4}}, "no-region"),
        ({"data": {"vertices": [1, 2]}}, "no-region"),
        ({"data": {"vertices": [[1, 2], [3]]}}, None),
    ],
)
def test_one_annotation_that_is_no_answer_is_a_problem_of_its_own(more, code):
    (problem,) = answers(with_annotation(**more))
    assert isinstance(problem, ImportProblem)
    assert code in (None, problem.code)
    assert problem.line == 1


@pytest.mark.parametrize(
    ("document", "options", "code"),
    [
        ([], {}, "not-mdai"),
        ({"datasets": 3, "labelGroups": []}, {}, "not-mdai"),
        ({"datasets": [], "labelGroups": [{"labels": 3}]}, {}, "not-mdai"),
        (MDAI, {"level": "patient"}, "bad-option"),
        (MDAI, {"labels": "Mass=nodule"}, "unknown-question"),
        (MDAI, {"labels": ""}, "missing-option"),
    ],
)
def test_what_cannot_be_read_is_refused_whole(document, options, code):
    with pytest.raises(ImportProblem) as caught:
        answers(document, **options)
    assert caught.value.code == code


def test_the_bytes_tell_an_export():
    assert guess(json.dumps(MDAI).encode(), "x.json")[0] == ("mdai", 0.95)
