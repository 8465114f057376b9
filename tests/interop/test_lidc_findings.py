"""The marks of LIDC-IDRI (CC BY 3.0; Armato 2011, doi:10.1118/1.3528204) matched as pylidc matched them."""

import csv
import gzip
import json
from collections import Counter, defaultdict

import numpy as np
import pytest

from qc.readings.findings import MarkOutline, match_outlines
from tests.shared import shared

FOLDER = "data/lidc_idri"


def rows(name: str) -> list[dict[str, str]]:
    with gzip.open(shared(f"{FOLDER}/{name}"), "rt") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def nodules() -> dict[int, dict[str, str]]:
    return {int(row["ann_id"]): row for row in rows("lidc_nodules.csv.gz")}


@pytest.fixture(scope="module")
def scans() -> dict[int, list[dict]]:
    by_scan = defaultdict(list)
    with gzip.open(shared(f"{FOLDER}/lidc_contours.jsonl.gz"), "rt") as lines:
        for line in lines:
            mark = json.loads(line)
            by_scan[mark["scan_id"]].append(mark)
    return by_scan


def points(mark: dict, pixel_mm: float, level: str) -> np.ndarray:
    layers = []
    for contour in mark["contours"]:
        columns_rows = np.array(contour["xy"], dtype=float).reshape(-1, 2) * pixel_mm
        layers.append(np.column_stack([columns_rows, np.full(len(columns_rows), float(contour[level]))]))
    return np.vstack(layers)


def clusters(scans, nodules, *, in_mm: bool) -> set[frozenset[int]]:
    found = set()
    for scan in scans.values():
        first = nodules[scan[0]["ann_id"]]
        pixel_mm, level = (float(first["pixel_spacing"]), "z") if in_mm else (1.0, "k")
        marks = [MarkOutline("reader", points(mark, pixel_mm, level)) for mark in scan]
        for finding in match_outlines(marks, tolerance_mm=float(first["slice_thickness"])):
            found.add(frozenset(scan[position]["ann_id"] for position in finding))
    return found


def stored(name: str) -> set[frozenset[int]]:
    return {frozenset(map(int, row["ann_ids"].split(";"))) for row in rows(name)}


def sizes(found: set[frozenset[int]]) -> list[int]:
    counted = Counter(map(len, found))
    return [counted[size] for size in range(1, 9)]


def test_in_millimetres(scans, nodules):
    found = clusters(scans, nodules, in_mm=True)
    assert sum(map(len, found)) == 6859
    assert len(found) == 2651
    assert sizes(found) == [769, 491, 481, 896, 8, 2, 3, 1]
    assert len(found & stored("lidc_clusters.csv.gz")) == 2645
    assert found == stored("lidc_clusters_mm_tol_slice_thickness.csv.gz")


def test_in_voxel_indices_as_pylidc(scans, nodules):
    found = clusters(scans, nodules, in_mm=False)
    assert sizes(found) == [771, 488, 481, 897, 8, 2, 3, 1]
    assert found == stored("lidc_clusters.csv.gz")
