"""The wide table, our own lines, and the answers of Grand Challenge."""

import io

import pytest

from annotations.importers import csv_wide, grand_challenge, jsonl
from annotations.importers.base import ImportProblem
from tests.annotations.importers.samples import GRAND, GRAND_OPTIONS, LINES, QUESTIONS, WIDE, as_json, said


def read(importer, data, options):
    return list(importer.SPEC.read(io.BytesIO(data), QUESTIONS, options))


def refused(importer, data, options):
    with pytest.raises(ImportProblem) as refusal:
        read(importer, data, options)
    return refusal.value.code


def test_a_wide_line_holds_the_answers_of_a_reader():
    found = read(csv_wide, WIDE, {})
    assert [(one.line, one.case, one.reader, one.question, one.value, one.seconds) for one in found] == [
        (2, "scan-01", "ada", "type", {"kind": "category", "code": "benign"}, 4.5),
        (2, "scan-01", "ada", "grade", {"kind": "grade", "level": "3"}, None),
        (2, "scan-01", "ada", "size", {"kind": "measurement", "number": 12.5, "unit": "mm"}, None),
        (3, "scan-02", "ben", "grade", {"kind": "cannot_assess", "reason": "motion"}, None),
        (3, "scan-02", "ben", "outline", {"kind": "nothing_found"}, None),
    ]


def test_columns_may_have_other_names_and_units():
    data = b"image,rater,BI-RADS,width,remark\nscan-01,ada,4,12.5,hazy\n"
    options = {
        "case": "image",
        "reader": "rater",
        "columns": "BI-RADS=grade, width=size",
        "units": "size=mm",
        "ignore": "remark",
    }
    grade, size = read(csv_wide, data, options)
    assert (grade.value["level"], size.value["number"], size.value["unit"]) == ("4", 12.5, "mm")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"case,reader,colour\n", "unknown-column"),
        (b"case,grade\n", "missing-column"),
        (b"case,reader,grade,grade\n", "duplicate-column"),
        (b"", "missing-column"),
    ],
)
def test_a_wide_header_is_checked(data, code):
    assert refused(csv_wide, data, {}) == code


def test_a_bad_cell_does_not_lose_the_line():
    bad, good = read(csv_wide, b"case,reader,size,grade\ns,ada,large,3\n", {})
    assert (bad.line, bad.column, bad.code) == (2, "size", "not-a-number")
    assert good.question == "grade"
    (bad,) = read(csv_wide, b"case,reader,grade\n,ada,3\n", {})
    assert (bad.column, bad.code) == ("case", "empty-cell")


def test_our_own_lines_come_back_without_their_history():
    read_one, gold = read(jsonl, LINES, {"reader": "gold"})
    assert (read_one.line, read_one.reader, read_one.value["code"], read_one.seconds) == (1, "ada", "benign", 3.5)
    assert (gold.line, gold.reader, gold.question, gold.value) == (3, "gold", "grade", {"kind": "grade", "level": "3"})


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"[1]", "not-an-object"),
        (b"{", "not-json"),
        (b'{"case":"a"}', "missing-member"),
        (b'{"case":"a","question":"x","label":{}}', "unknown-question"),
        (b'{"case":"a","question":"type","label":{}}', "no-reader"),
        (b'{"case":"a","question":"type","reader":"ada","label":null}', "not-an-object"),
        (b'{"case":"a","question":"type","reader":"ada","mark":1,"label":{}}', "bad-mark"),
        (b'{"case":"\xff"}', "not-json"),
    ],
)
def test_a_bad_line_is_named(line, code):
    found = read(jsonl, LINES.splitlines(keepends=True)[0] + line + b"\n", {})
    assert [(one.line, one.code) for one in found[1:]] == [(2, code)]


def test_lines_begin_with_an_object():
    assert refused(jsonl, b"case,reader\n", {}) == "not-json-lines"


def test_answers_of_a_reader_study():
    found = read(grand_challenge, as_json(GRAND), GRAND_OPTIONS)
    assert [(one.line, one.case, one.reader, one.question, one.value, one.seconds) for one in found] == [
        (1, "scan-01", "ada", "type", {"kind": "category", "code": "benign"}, 62.5),
        (2, "scan-01", "ada", "grade", {"kind": "grade", "level": "3"}, None),
        (3, "scan-01", "ada", "size", {"kind": "measurement", "number": 5.0, "unit": "mm"}, None),
    ]
    assert len(read(grand_challenge, as_json({"count": 4, "results": GRAND}), GRAND_OPTIONS)) == 3


def test_choices_are_numbers_of_options():
    (found,) = read(grand_challenge, as_json([said([12])]), {**GRAND_OPTIONS, "choices": "12=malignant"})
    assert found.value == {"kind": "category", "code": "malignant"}


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (said({"type": "Polygon", "path_points": []}), "needs-grid"),
        (said(["a", "b"]), "several-choices"),
        (said("x", "unknown"), "unknown-question"),
        (said({"type": "Distance measurement", "start": [0, 0], "end": [1, 1]}, "q-size"), "bad-line"),
        (said(3, "q-size"), "missing-unit"),
        (said("x", display_set=None), "missing-member"),
    ],
)
def test_a_bad_answer_is_named(entry, code):
    found = read(grand_challenge, as_json([GRAND[0], {**said("x"), **entry}]), GRAND_OPTIONS)
    assert [(one.line, one.code) for one in found[1:]] == [(2, code)]


def test_other_json_is_no_list_of_answers():
    assert refused(grand_challenge, b'{"answer": 1}', {}) == "not-grand-challenge"
