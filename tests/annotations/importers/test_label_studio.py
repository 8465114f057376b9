import io

import numpy as np
import pytest

from annotations.importers._brush import decode
from annotations.importers.base import Imported, ImportProblem
from annotations.importers.label_studio import SPEC
from annotations.labels.base import Geometry
from annotations.registry import parse_label
from tests.annotations.importers.samples import BOX, LABEL_STUDIO, MASK, QUESTIONS, as_json, brush, result, task

OPTIONS = {"readers": "1=ada, ben@example.org=ben", "unit": "mm", "empty_question": "outline"}


def read(tasks, options=OPTIONS):
    return list(SPEC.read(io.BytesIO(as_json(tasks)), QUESTIONS, options))


def codes(found):
    return [(problem.line, problem.code) for problem in found if isinstance(problem, ImportProblem)]


def test_every_control_answers_its_question_and_several_annotations_are_several_readers():
    found = read(LABEL_STUDIO)
    assert [(one.line, one.case, one.reader, one.question, one.mark) for one in found] == [
        (1, "scan-01", "ada", "outline", "r1"),
        (2, "scan-01", "ada", "outline", "r2"),
        (3, "scan-01", "ada", "region", "r3"),
        (4, "scan-01", "ada", "type", ""),
        (5, "scan-01", "ada", "grade", ""),
        (6, "scan-01", "ada", "size", ""),
        (7, "scan-01", "ben", "outline", ""),
    ]
    values = [one.value for one in found]
    # Ten per cent of 20 pixels is 2, twenty per cent of 10 is 2.
    assert values[0]["rings"][0]["points"] == [[2, 2], [10, 2], [10, 8]]
    assert values[1]["rings"][0]["points"] == [[2, 2], [10, 2], [10, 5], [2, 5]]
    assert values[3:] == [
        {"kind": "category", "code": "benign"},
        {"kind": "grade", "level": "3"},
        {"kind": "measurement", "number": 12.5, "unit": "mm"},
        {"kind": "nothing_found"},
    ]
    label = parse_label(values[2], "mask", {}, Geometry((1, 10, 20), None))
    assert (label.array()[0] == MASK).all()


def test_the_reading_time_is_told_once():
    assert [one.seconds for one in read(LABEL_STUDIO)] == [4.5, None, None, None, None, None, None]


def test_a_label_of_a_region_is_a_category_on_the_same_mark():
    value = {**BOX, "rectanglelabels": ["cyst"]}
    found = read([task(result("rectanglelabels", value))], {"readers": "1=ada", "category_question": "type"})
    assert [(one.question, one.mark) for one in found] == [("outline", "r1"), ("type", "r1")]
    assert found[1].value["code"] == "cyst"


def test_a_choice_on_a_region_shares_its_mark():
    found = read([task(result("rectangle", BOX), result("choices", {"choices": ["benign"]}, "type", "r1"))])
    assert [(one.question, one.mark) for one in found] == [("outline", "r1"), ("type", "r1")]


def test_a_turned_rectangle_turns_clockwise_about_its_first_corner():
    (found,) = read([task(result("rectangle", {**BOX, "rotation": 90}))])
    # Width 8, height 3 from (2, 2): to the right becomes down, down becomes left.
    np.testing.assert_allclose(found.value["rings"][0]["points"], [[2, 2], [2, 10], [-1, 10], [-1, 2]], atol=1e-12)


def test_an_outline_fills_a_mask_question():
    (found,) = read(
        [task(result("polygon", {"points": [[10, 20], [50, 20], [50, 80], [10, 80]]}))], {"controls": "outline=region"}
    )
    label = parse_label(found.value, "mask", {}, Geometry((1, 10, 20), None))
    assert label.array()[0, 2:8, 2:10].all()
    assert label.voxels == 48


def test_the_first_opacity_is_what_counts():
    # One pixel: 4 values of 8 bits; sizes 3, 4, 8, 16; one block "as they are" of 4 values 9, 9, 9, then the opacity.
    def one(opacity):
        text = (
            f"{4:032b}" + f"{7:05b}" + "0010001101111111"[:16] + "0" + "00" + "011" + f"{9:08b}" * 3 + f"{opacity:08b}"
        )
        text += "0" * (-len(text) % 8)
        return [int(text[at : at + 8], 2) for at in range(0, len(text), 8)]

    assert decode(one(1), 1, 1).tolist() == [0]
    assert decode(one(0), 1, 1).tolist() == []


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5, 1.0])
def test_brushes_of_any_raggedness_come_back(share):
    rng = np.random.Generator(np.random.PCG64(3))
    mask = rng.random((37, 53)) < share
    assert decode(brush(mask), 37, 53).tolist() == np.flatnonzero(mask).tolist()


@pytest.mark.parametrize("spoil", [lambda rle: rle[:-3], lambda rle: rle[:4], lambda rle: [256, *rle], lambda rle: []])
def test_broken_brushes_are_refused(spoil):
    with pytest.raises(ImportProblem) as refusal:
        decode(spoil(brush(MASK)), 10, 20)
    assert refusal.value.code == "malformed-runs"


def test_a_brush_of_another_picture_is_refused():
    with pytest.raises(ImportProblem) as refusal:
        decode(brush(MASK), 20, 20)
    assert refusal.value.code == "wrong-total"


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (result("keypointlabels", {"x": 1, "y": 1}), "unsupported-result"),
        (result("choices", {"choices": ["a", "b"]}, "type"), "several-choices"),
        (result("rectangle", BOX, "unknown"), "unknown-question"),
        (result("rectangle", BOX, "type"), "wrong-question"),
        (result("rectangle", BOX, original_width=None), "no-size"),
        (result("rectangle", BOX, image_rotation=90), "turned-image"),
        (result("rectangle", {"x": "1", "y": 1, "width": 1, "height": 1}), "not-a-number"),
        (result("polygon", {"points": [[1], [2], [3]]}), "bad-polygon"),
        (result("rectangle", None), "no-value"),
        (result("number", {"number": True}, "size"), "not-a-number"),
        ("text", "not-an-object"),
    ],
)
def test_a_bad_result_is_named_and_the_good_one_stays(bad, code):
    found = read([task(result("rectangle", BOX, name="good"), bad)])
    assert isinstance(found[0], Imported)
    assert codes(found) == [(2, code)]
    assert found[1].column.startswith("/0/annotations/0/result/1")


@pytest.mark.parametrize(
    ("tasks", "code"),
    [
        ([task(was_cancelled=True)], "skipped"),
        ([task(person=None)], "no-reader"),
        ([task(image="")], "no-case"),
        ([{"data": {}, "annotations": [7]}], "no-result"),
    ],
)
def test_a_bad_annotation_is_named(tasks, code):
    assert codes(read(tasks)) == [(1, code)]


def test_regions_without_ids_are_told_apart_by_their_place():
    found = read([task(result("rectangle", BOX, name=None), result("rectangle", BOX, name=None))])
    assert [one.mark for one in found] == ["0", "1"]


def test_what_is_no_answer_can_be_left_out_by_name():
    relation = {"type": "relation", "from_id": "a", "to_id": "b"}
    tasks = [
        task(relation, result("textarea", {"text": ["x"]}, "note"), result("rectangle", BOX)),
        task(was_cancelled=True),
    ]
    assert [one.question for one in read(tasks, {"ignore": "relation, note, skipped"})] == ["outline"]


def test_an_annotation_without_a_person_goes_to_the_reader_of_the_option():
    (found,) = read([task(result("rectangle", BOX), person=None)], {"reader": "eve"})
    assert found.reader == "eve"


def test_the_case_is_a_member_of_the_data_where_it_is_named():
    tasks = [
        {
            "data": {"study": 17, "image": "x.png"},
            "annotations": [{"completed_by": 1, "result": [result("rectangle", BOX)]}],
        }
    ]
    assert read(tasks, {"case": "study"})[0].case == "17"
    assert codes(read(tasks, {"case": "patient"})) == [(1, "no-case")]


@pytest.mark.parametrize("tasks", [{"a": 1}, [1], [{"image": "a.png", "label": []}]])
def test_other_json_is_no_export(tasks):
    with pytest.raises(ImportProblem) as refusal:
        read(tasks)
    assert refusal.value.code == "not-label-studio"
