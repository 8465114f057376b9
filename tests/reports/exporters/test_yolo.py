import numpy as np
import pytest

from reports.exporters._csv import read_csv
from reports.exporters._planes import planes_of
from reports.exporters.base import ExportProblem, export, narrowed
from reports.exporters.yolo import SPEC
from tests.reports.exporters.archive import files_of
from tests.reports.exporters.regions import L_SHAPE, LESION, about, mask_of, polygon, region, release, ring

SHAPES = narrowed(release(), ["lesion", "type"])


def lines(files, path):
    return [[float(part) for part in line.split()] for line in files[path].decode().splitlines()]


def test_boxes_are_shares_of_the_image():
    files = files_of(SPEC, SHAPES)
    assert lines(files, "boxes/labels/c1.txt") == [[1, 0.3, 0.3125, 0.4, 0.375], [2, 0.6, 0.5625, 0.6, 0.625]]
    assert files["boxes/labels/c2.txt"] == b""
    assert files["boxes/data.yaml"].decode().splitlines()[-3:] == ['  0: "benign"', '  1: "malignant"', '  2: "lesion"']


def test_an_outline_comes_back_as_the_same_pixels():
    made = release([region("c1", "f1", mask_of(L_SHAPE))], [LESION])
    (line,) = lines(files_of(SPEC, made), "segments/labels/c1.txt")
    points = np.array(line[1:]).reshape(-1, 2) * (10, 8)
    (plane,) = planes_of(polygon(ring([tuple(point) for point in points.round(5).tolist()])), (1, 8, 10))
    assert (plane.full((1, 8, 10)) == L_SHAPE[0]).all()


def test_a_region_in_parts_is_a_box_and_is_said_to_have_no_outline():
    files = files_of(SPEC, SHAPES)
    assert "segments/labels/deep+slice0000.txt" not in files
    assert "boxes/labels/deep+slice0000.txt" in files
    rows = read_csv(files["segments/left-out.csv"])
    assert len(rows) == 3
    assert rows[0]["reason"].startswith("slice 0: the region is in several parts")


def test_an_open_case_has_no_file_and_is_listed():
    files = files_of(SPEC, SHAPES)
    assert not any("c3" in name for name in files)
    assert {row["case"] for row in read_csv(files["left-out.csv"])} == {"c1", "c3"}


def test_answers_that_have_no_place_are_refused():
    with pytest.raises(ExportProblem, match="cannot hold grade, measurement"):
        export(SPEC, release())
    with pytest.raises(ExportProblem, match="quality is neither an outline"):
        export(SPEC, narrowed(release(), ["lesion", "type", "quality"]))
    second = about("margin", "category")
    with pytest.raises(ExportProblem, match=r"type is neither .* margin is neither"):
        export(SPEC, release(questions=[*SHAPES.schema["questions"], second]))


def test_no_member_of_the_archive_leads_out_of_it():
    assert all(".." not in name.split("/") and not name.startswith("/") for name in files_of(SPEC, SHAPES))
    assert all(name.count("/") <= 2 for name in files_of(SPEC, SHAPES))
