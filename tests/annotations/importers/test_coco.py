import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.importers.base import Imported, ImportProblem
from annotations.importers.coco import SPEC
from annotations.labels import _coco_rle
from annotations.labels.base import Geometry, LabelError
from annotations.labels.mask import Mask
from annotations.labels.polygon import Polygon
from annotations.registry import parse_label
from tests.shared import shared

QUESTIONS = {"outline": "polygon", "region": "mask", "type": "category", "birads": "grade"}
OUTLINE = {"reader": "ada", "question": "outline"}
REGION = {"reader": "ada", "question": "region"}
SQUARE = [2.0, 2.0, 8.0, 2.0, 8.0, 6.0, 2.0, 6.0]


def document(*annotations: dict[str, Any]) -> dict[str, Any]:
    return {
        "images": [
            {"id": 7, "file_name": "train/scan-01.png", "width": 12, "height": 10},
            {"id": 8, "file_name": "train\\scan-02.png", "width": 12, "height": 10},
        ],
        "annotations": [{"image_id": 7, "category_id": 1, **entry} for entry in annotations],
        "categories": [{"id": 1, "name": "mass"}, {"id": 2, "name": "calcification"}],
    }


def read(file: object, options: dict[str, str] = OUTLINE) -> list[Imported | ImportProblem]:
    data = file if isinstance(file, bytes) else json.dumps(file).encode()
    return list(SPEC.read(io.BytesIO(data), QUESTIONS, options))


def raised(file: object, options: dict[str, str] = OUTLINE) -> ImportProblem:
    with pytest.raises(ImportProblem) as refusal:
        read(file, options)
    return refusal.value


def test_polygons_and_the_image_without_any():
    found = read(document({"id": 41, "segmentation": [SQUARE, [0, 0, 1, 0, 1, 1]]}))
    assert [(entry.line, entry.case, entry.reader, entry.question, entry.mark) for entry in found] == [
        (1, "scan-01", "ada", "outline", "41"),
        (3, "scan-02", "ada", "outline", ""),
    ]
    assert found[0].value == {
        "kind": "polygon",
        "rule": "pixel_centre",
        "rings": [
            {"slice": 0, "hole": False, "points": [[2, 2], [8, 2], [8, 6], [2, 6]]},
            {"slice": 0, "hole": False, "points": [[0, 0], [1, 0], [1, 1]]},
        ],
    }
    assert found[1].value == {"kind": "nothing_found"}
    label = parse_label(found[0].value, "polygon", {"rule": "pixel_centre"}, Geometry((1, 10, 12), None))
    assert isinstance(label, Polygon)


def test_the_category_answers_its_own_question_on_the_same_mark():
    options = {**OUTLINE, "category_question": "type"}
    found = read(document({"id": 41, "category_id": 2, "segmentation": [SQUARE]}), options)
    assert found[1] == Imported(1, "scan-01", "ada", "type", "41", {"kind": "category", "code": "calcification"})
    assert [entry.question for entry in found] == ["outline", "type", "outline"]


def test_polygons_fill_a_mask():
    (found, _) = read(document({"id": 1, "segmentation": [SQUARE]}), REGION)
    label = parse_label(found.value, "mask", {}, Geometry((1, 10, 12), None))
    assert isinstance(label, Mask)
    assert label.voxels == 24  # B_rasterise_convention
    assert label.array()[0, 2:6, 2:8].all()


@pytest.mark.parametrize("write", [_coco_rle.encode, _coco_rle.encode_list])
def test_run_lengths_become_a_mask(write: Callable[[np.ndarray], dict[str, Any]]):
    plane = np.zeros((10, 12), dtype=bool)
    plane[3:5, 4:9] = True
    (found, _) = read(document({"id": 1, "iscrowd": 1, "segmentation": write(plane)}), REGION)
    label = parse_label(found.value, "mask", {}, Geometry((1, 10, 12), None))
    assert np.array_equal(label.array()[0], plane)


@pytest.mark.parametrize(
    ("entry", "options", "code", "column"),
    [
        ({"id": 1}, OUTLINE, "no-segmentation", "segmentation"),
        ({"id": 1, "bbox": [1, 1, 2, 2], "segmentation": []}, OUTLINE, "no-segmentation", "segmentation"),
        ({"segmentation": [SQUARE]}, OUTLINE, "missing-id", "id"),
        ({"id": True, "segmentation": [SQUARE]}, OUTLINE, "missing-id", "id"),
        ({"id": 1, "image_id": 9, "segmentation": [SQUARE]}, OUTLINE, "dangling-image", "image_id"),
        ({"id": 1, "image_id": [7], "segmentation": [SQUARE]}, OUTLINE, "dangling-image", "image_id"),
        ({"id": 1, "segmentation": [SQUARE[:4]]}, OUTLINE, "bad-polygon", "segmentation/0"),
        ({"id": 1, "segmentation": [SQUARE, SQUARE[:7]]}, OUTLINE, "bad-polygon", "segmentation/1"),
        ({"id": 1, "segmentation": SQUARE}, OUTLINE, "bad-polygon", "segmentation/0"),
        ({"id": 1, "segmentation": {"size": [10, 12], "counts": [120]}}, OUTLINE, "pixels-for-outline", "segmentation"),
        ({"id": 1, "segmentation": [[0, 0, 2, 2, 2, 0, 0, 2]]}, REGION, "self-crossing", "segmentation/0/points"),
        ({"id": 1, "segmentation": [[0, 0, 2, 2, True, 0]]}, REGION, "not-a-number", "segmentation/0/points/2"),
        ({"id": 1, "segmentation": [[0, 0, 20, 2, 2, 0]]}, REGION, "outside-image", "segmentation/0/points/1"),
    ],
)
def test_a_bad_annotation_is_a_problem_with_its_entry(entry, options, code, column):
    found = read(document(entry, {"id": 99, "segmentation": [SQUARE]}), options)
    assert isinstance(found[0], ImportProblem)
    assert (found[0].code, found[0].line, found[0].column) == (code, 1, column)
    assert isinstance(found[1], Imported)
    assert found[1].line == 2


def test_a_dangling_category_matters_only_where_it_is_an_answer():
    file = document({"id": 1, "category_id": 5, "segmentation": [SQUARE]})
    assert isinstance(read(file)[0], Imported)
    problem = read(file, {**OUTLINE, "category_question": "type"})[0]
    assert (problem.code, problem.line, problem.column) == ("dangling-category", 1, "category_id")


def test_an_image_whose_annotation_cannot_be_taken_is_not_empty():
    found = read(document({"id": 1, "segmentation": []}))
    assert [entry.case for entry in found if isinstance(entry, Imported)] == ["scan-02"]


def test_an_id_used_twice():
    found = read(document({"id": 1, "segmentation": [SQUARE]}, {"id": 1, "segmentation": [SQUARE]}))
    assert (found[1].code, found[1].line) == ("duplicate-id", 2)


def test_an_entry_that_is_no_object():
    file = document()
    file["annotations"] = [3, None]
    assert [entry.code for entry in read(file)[:2]] == ["not-an-object"] * 2


@pytest.mark.parametrize("size", [{}, {"width": 12}, {"width": 12.5, "height": 10}])
def test_a_mask_needs_the_size_of_its_image(size):
    file = document({"id": 1, "segmentation": [SQUARE]})
    file["images"][0] = {"id": 7, "file_name": "a.png", **size}
    assert read(file, REGION)[0].code == "no-size"
    assert isinstance(read(file)[0], Imported)


@pytest.mark.parametrize(("width", "height"), [(2**20, 2**20), (0, 5), (-1, -1)])
def test_a_hostile_size_is_not_allocated(width, height):
    file = document({"id": 1, "segmentation": [SQUARE]})
    file["images"][0].update(width=width, height=height)
    assert read(file, REGION)[0].code == "bad-shape"


def test_a_file_cut_in_half_is_told_where_it_breaks_off():
    text = json.dumps(document({"id": 1, "segmentation": [SQUARE]}), indent=1)
    refusal = raised(text[: len(text) // 2].encode())
    assert refusal.code == "not-json"
    assert refusal.line == text[: len(text) // 2].count("\n") + 1
    assert f"of a file of {len(text) // 2} bytes" in refusal.message


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have(number):
    text = json.dumps(document({"id": 1, "segmentation": [SQUARE]})).replace("8.0", number, 1)
    assert raised(text.encode()).code == "not-json"


def test_a_number_beyond_floats():
    text = json.dumps(document({"id": 1, "segmentation": [SQUARE]})).replace("8.0", "1e999", 1)
    try:
        found = read(text.encode(), REGION)
    except ImportProblem as refusal:
        assert refusal.code == "not-json"
    else:
        assert found[0].code == "not-finite"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "empty-file"),
        (b"\xff\xfe{", "not-json"),
        ([], "results-file"),
        (3, "not-coco"),
        ({}, "not-coco"),
        ({"images": [], "annotations": {}, "categories": []}, "not-coco"),
        ({**document(), "categories": [], "annotations": []}, "images-only"),
        ({**document(), "annotations": [{"id": 1, "image_id": 7, "caption": "a mass"}]}, "caption-file"),
        ({**document(), "categories": [{"id": 1, "name": "a", "keypoints": ["x"]}]}, "keypoints-file"),
        ({**document(), "annotations": [{"image_id": 7, "segments_info": []}]}, "segments-info-file"),
        ({**document(), "images": [{"id": 1}]}, "not-coco"),
        ({**document(), "images": [{"file_name": "a.png"}]}, "not-coco"),
        ({**document(), "images": [{"id": None, "file_name": "a.png"}]}, "not-coco"),
        ({**document(), "images": [{"id": 1, "file_name": "a.png"}, {"id": 1, "file_name": "b.png"}]}, "duplicate-id"),
        (
            {**document(), "images": [{"id": 1, "file_name": "x/a.png"}, {"id": 2, "file_name": "a.jpg"}]},
            "ambiguous-case",
        ),
        ({**document(), "images": [{"id": 1, "file_name": "/"}]}, "ambiguous-case"),
        ({**document(), "categories": [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]}, "duplicate-id"),
    ],
)
def test_files_of_another_purpose_are_refused(file, code):
    refusal = raised(file)
    assert refusal.code == code
    assert refusal.message.endswith(".")


@pytest.mark.parametrize(
    ("options", "code", "column"),
    [
        ({"question": "outline"}, "missing-option", "reader"),
        ({"reader": "", "question": "outline"}, "missing-option", "reader"),
        ({"reader": "ada"}, "missing-option", "question"),
        ({"reader": "ada", "question": "type"}, "wrong-question", "question"),
        ({"reader": "ada", "question": "outlines"}, "wrong-question", "question"),
        ({**OUTLINE, "category_question": "outline"}, "wrong-question", "category_question"),
        ({**OUTLINE, "colour": "red"}, "unknown-option", "colour"),
    ],
)
def test_options_are_checked_before_the_file(options, code, column):
    refusal = raised(b"not read", options)
    assert (refusal.code, refusal.column) == (code, column)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 30) | st.floats(-5, 20) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.sampled_from(["size", "counts", "id"]), inner),
    max_leaves=15,
)


@settings(max_examples=150)
@given(JSON, st.sampled_from(["segmentation", "id", "image_id", "category_id"]), st.sampled_from([OUTLINE, REGION]))
def test_any_member_is_an_answer_or_a_problem(value, name, options):
    entry = {"id": 1, "segmentation": [SQUARE], name: value}
    for found in read(document(entry), options):
        if isinstance(found, Imported):
            kind = QUESTIONS[found.question]
            definition = {"rule": "pixel_centre", "many": True}
            try:
                parse_label(found.value, kind, definition, Geometry((1, 10, 12), None))
            except LabelError as refusal:
                assert refusal.pointer


# What each file of the folder is, by the end of its name: answers and problems as a mask question.
REAL = {
    "fakebbox100_results.json": "results-file",
    "fakekeypoints100_results.json": "results-file",
    "captions_val.json": "caption-file",
    "image_info_train.json": "images-only",
    "coco_evaluate__result.json": "results-file",
    "person_keypoints_val.json": "keypoints-file",
    "instances_train.json": (0, {"no-segmentation"}),
    "instances_val.json": (2, set()),
    "labels_val.json": (0, {"no-segmentation"}),
    "stuff_train.json": (1, set()),
    "coco_evaluate__dataset.json": (0, {"no-segmentation"}),
    "modified_terrain1_coco.json": (7, set()),
    "terrain2_coco.json": (5, set()),
    "terrain3_coco.json": (10, set()),
    "terrain_all_coco.json": (22, set()),
    "relaxed_coco__annotations.json": (0, {"no-segmentation"}),
}


@pytest.mark.parametrize("ending", sorted(REAL))
def test_real_files_are_read_or_refused_for_a_reason(ending):
    (path,) = (path for path in shared("formats/coco").glob("*/*.json") if path.name.endswith(ending))
    expected = REAL[ending]
    if isinstance(expected, str):
        assert raised(path.read_bytes(), REGION).code == expected
        return
    found = read(path.read_bytes(), REGION)
    answers = [entry for entry in found if isinstance(entry, Imported) and entry.value["kind"] == "mask"]
    for answer in answers:
        assert parse_label(answer.value, "mask", {}, None).voxels > 0
    assert (len(answers), {entry.code for entry in found if isinstance(entry, ImportProblem)}) == expected


def test_every_real_file_is_known():
    names = [path.name for path in shared("formats/coco").glob("*/*.json")]
    assert len(names) == len(REAL) == 16
