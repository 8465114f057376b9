"""Gold boxes and answers of the other kinds, written and read back by our own importers."""

import io
import json

import pytest

from annotations.importers.base import Imported
from annotations.registry import IMPORTERS
from reports.exporters._planes import planes_of
from reports.exporters.base import export, refusals
from reports.registry import EXPORTERS
from tests.reports.exporters.archive import files_of
from tests.reports.exporters.bundles import question, record
from tests.reports.exporters.regions import DEEP, GRID, release

BOX = {"kind": "box", "low": [0.0, 1.5, 2.25], "high": [1.0, 6.0, 7.75]}
THICK = {"kind": "box", "low": [1.0, 2.0, 2.0], "high": [3.0, 5.0, 8.0]}
FRACTURE = {**question("fracture", "box", "none"), "definition": {"many": True}}
RECORDS = [
    record("c1", "fracture", BOX, kind="box", finding="f1", number=1),
    record("deep", "fracture", THICK, kind="box", finding="f1", number=1),
]
BOXES = release(RECORDS, [FRACTURE], {"c1": GRID, "deep": DEEP})
SIGNS = {"kind": "multilabel", "codes": ["a", "b"]}
ANSWERS = {
    "signs": SIGNS,
    "order": {"kind": "ranking", "order": [["a"], ["b", "c"]]},
    "spindles": {"kind": "interval", "spans": [[1.0, 2.5], [5.0, 7.0]]},
    "valve": {"kind": "landmarks", "points": {"apex": [0.5, 3.0, 4.0], "base": None}},
    "heart": BOX,
}


def sides(value):
    return [*value["low"], *value["high"]]


def taken(name, content, kinds, **options):
    answers = list(IMPORTERS[name].read(io.BytesIO(content), kinds, options))
    assert all(isinstance(one, Imported) for one in answers), answers
    return answers


def test_a_box_has_a_plane_on_each_slice_that_touches_every_pixel_of_it():
    (plane,) = planes_of(BOX, GRID.shape)
    assert (plane.slice, plane.top, plane.left, plane.pixels.shape) == (0, 1, 2, (5, 6))
    assert plane.corners == (2.25, 1.5, 7.75, 6.0)
    assert [one.slice for one in planes_of(THICK, DEEP.shape)] == [1, 2]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("coco", {"question": "fracture", "reader": "gold"}),
        ("cvat_xml", {"question": "fracture", "reader": "gold", "ignore": "left_out,finding"}),
        ("label_studio", {"reader": "gold", "case": "case", "empty_question": "fracture"}),
    ],
)
def test_a_box_comes_back_as_the_same_box(name, options):
    content = export(EXPORTERS[name], BOXES)
    known = IMPORTERS[name].options
    answers = taken(name, content, {"fracture": "box"}, **{key: text for key, text in options.items() if key in known})
    (found,) = [one.value for one in answers if one.case == "c1" and one.value["kind"] == "box"]
    assert sides(found) == pytest.approx(sides(BOX))


def test_a_box_of_yolo_comes_back_within_eight_digits_and_is_no_outline():
    files = files_of(EXPORTERS["yolo"], BOXES)
    assert "segments/labels/c1.txt" not in files
    assert b"fracture" in files["segments/left-out.csv"]
    options = {"question": "fracture", "reader": "gold", "case": "c1", "size": "10x8"}
    (found,) = taken("yolo", files["boxes/labels/c1.txt"], {"fracture": "box"}, **options)
    assert sides(found.value) == pytest.approx(sides(BOX), abs=1e-6)


def test_a_box_of_voc_is_moved_outward_to_whole_pixels():
    files = files_of(EXPORTERS["pascal_voc"], BOXES)
    options = {"question": "fracture", "reader": "gold"}
    (found,) = taken("pascal_voc", files["Annotations/c1.xml"], {"fracture": "box"}, **options)
    assert sides(found.value) == [0.0, 1.0, 2.0, 1.0, 6.0, 8.0]


def test_coco_holds_a_box_without_an_outline():
    document = json.loads(export(EXPORTERS["coco"], BOXES))
    (entry,) = [one for one in document["annotations"] if one["bbox"] == [2.25, 1.5, 5.5, 4.5]]
    assert entry["segmentation"] == []
    assert entry["area"] == pytest.approx(5.5 * 4.5)


@pytest.mark.parametrize("name", ["csv_table", "jsonl"])
def test_every_kind_comes_back_from_tables_and_lines(name):
    kinds = {code: label["kind"] for code, label in ANSWERS.items()}
    asked = [question(code, kind) for code, kind in kinds.items()]
    bundle = release([record("c1", code, label, kind=label["kind"]) for code, label in ANSWERS.items()], asked, {})
    assert refusals(EXPORTERS[name], bundle) == {}
    text = export(EXPORTERS[name], bundle).decode()
    for label in ANSWERS.values():
        member = next(key for key in label if key != "kind")
        assert member in text


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("multilabel", "a | b", {"kind": "multilabel", "codes": ["a", "b"]}),
        ("multilabel", "[]", {"kind": "multilabel", "codes": []}),
        ("ranking", "a > b = c", {"kind": "ranking", "order": [["a"], ["b", "c"]]}),
        ("interval", "[[1, 2.5]]", {"kind": "interval", "spans": [[1, 2.5]]}),
        ("box", json.dumps(BOX), BOX),
        ("landmarks", json.dumps(ANSWERS["valve"]), ANSWERS["valve"]),
    ],
)
def test_a_cell_of_a_table_holds_every_kind(kind, cell, value):
    quoted = cell.replace('"', '""')
    content = f'case,reader,question,value\nc1,r1,q,"{quoted}"\n'.encode()
    (answer,) = taken("csv_table", content, {"q": kind})
    assert answer.value == value


def test_an_outline_is_no_box():
    content = {
        "images": [{"id": 1, "file_name": "c1.png", "height": 8, "width": 10}],
        "categories": [],
        "annotations": [{"id": 1, "image_id": 1, "bbox": [1, 1, "3", 2]}],
    }
    (problem,) = IMPORTERS["coco"].read(
        io.BytesIO(json.dumps(content).encode()), {"q": "box"}, {"reader": "r", "question": "q"}
    )
    assert (problem.code, problem.line, problem.column) == ("bad-box", 1, "bbox")
