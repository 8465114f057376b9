import io

import numpy as np
import pytest

from annotations.importers._picture_size import size_of
from annotations.importers.base import ImportProblem
from annotations.importers.yolo import SPEC
from tests.annotations.importers.samples import OUTLINE, QUESTIONS, YOLO, png, zipped

ALONE = {**OUTLINE, "case": "scan-01", "size": "20x10"}


def read(data, options=OUTLINE):
    return list(SPEC.read(io.BytesIO(data), QUESTIONS, options))


def test_a_zip_gives_boxes_outlines_names_and_the_picture_without_any():
    found = read(YOLO)
    assert [(one.line, one.case, one.question, one.mark) for one in found] == [
        (1, "scan-01", "outline", "1"),
        (1, "scan-01", "type", "1"),
        (2, "scan-01", "outline", "2"),
        (2, "scan-01", "type", "2"),
        (3, "scan-01", "outline", "3"),
        (3, "scan-01", "type", "3"),
        (4, "scan-02", "outline", ""),
    ]
    # The box about the middle of 20 × 10 pixels with shares 0.2 and 0.4 is 4 × 4.
    np.testing.assert_allclose(found[0].value["rings"][0]["points"], [[8, 3], [12, 3], [12, 7], [8, 7]])
    np.testing.assert_allclose(found[2].value["rings"][0]["points"], [[2, 1], [8, 1], [8, 6]])
    assert [found[at].value["code"] for at in (1, 3, 5)] == ["mass", "cyst", "mass"]


def test_a_text_alone_needs_a_case_and_a_size():
    outline, category = read(b"1 0.5 0.5 0.2 0.4\n", ALONE)
    assert (outline.case, category.value["code"]) == ("scan-01", "1")
    assert read(b"1 0.5 0.5 0.2 0.4\n", {**ALONE, "names": "mass, cyst"})[1].value["code"] == "cyst"
    (problem,) = read(b"1 0.5 0.5 0.2 0.4\n", {**OUTLINE, "case": "scan-01"})
    assert problem.code == "no-size"
    with pytest.raises(ImportProblem) as refusal:
        read(b"1 0.5 0.5 0.2 0.4\n")
    assert refusal.value.code == "missing-option"


def test_a_line_of_dota_is_in_pixels():
    outline, category = read(b"0 0 2 0 2 2 0 2 mass 0\n", {**OUTLINE, "case": "scan-01"})
    assert outline.value["rings"][0]["points"] == [[0, 0], [2, 0], [2, 2], [0, 2]]
    assert category.value["code"] == "mass"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"0 0.5 0.5 0.2 0.4 0.9", "confidence"),
        (b"0 0.5 0.5", "wrong-width"),
        (b"mass 0.5 0.5 0.2 0.4", "not-yolo"),
        (b"9 0.5 0.5 0.2 0.4", "unknown-class"),
    ],
)
def test_a_bad_line_is_named_and_the_good_one_stays(line, code):
    found = read(b"0 0.5 0.5 0.2 0.4\n\n" + line + b"\n", {**ALONE, "names": "mass, cyst"})
    assert [one.question for one in found[:2]] == ["outline", "type"]
    assert [(one.line, one.code) for one in found[2:]] == [(3, code)]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"../../etc/cron.txt": b"0 1 1 1 1"}, "bad-name"),
        ({"/etc/a.txt": b"0 1 1 1 1"}, "bad-name"),
        ({"a/s.txt": b"", "b/s.txt": b""}, "ambiguous-case"),
        ({"train.txt": b"a.png"}, "no-labels"),
        ({f"{at}.txt": b"" for at in range(10_001)}, "too-many-files"),
    ],
)
def test_a_bad_zip_is_refused(files, code):
    with pytest.raises(ImportProblem) as refusal:
        read(zipped(files))
    assert refusal.value.code == code


def test_a_bomb_is_not_unpacked():
    bomb = zipped({"labels/a.txt": b"0 " * 2**23})
    assert len(bomb) < 2**16
    with pytest.raises(ImportProblem) as refusal:
        read(bomb)
    assert refusal.value.code == "too-large"


def test_the_size_of_a_picture_comes_from_its_first_bytes():
    assert size_of(png(10, 20)[:40]) == (10, 20)
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + b"\x00\x0a\x00\x14" + bytes(10)
    assert size_of(jpeg) == (10, 20)
    assert size_of(b"GIF89a" + bytes(40)) is None
    assert size_of(jpeg[:8]) is None
