"""Found it: marks of every two readers, matched as settling matched them."""

import pytest

from qc.registry import STATISTICS
from qc.settling.detection import Marked, drawn_table, found_table, marked_of

# Two findings of which one is shared, a third that only c marked twice, and a case in which nobody marked anything.
CASES = [
    Marked("k1", "p1", {"a": 1, "b": 1, "c": 0}, {("a", "b"): 0.6}),
    Marked("k1", "p1", {"a": 1, "b": 0, "c": 0}),
    Marked("k1", "p1", {"a": 1, "b": 1, "c": 2}, {("a", "b"): 0.4}),
    Marked("k2", "p2", {"a": 0, "b": 0}),
]


def values(name, table):
    return {part: one.value for part, one in STATISTICS[name].compute(table, replicates=50).items()}


def test_marks_are_counted_and_shared_findings_are_matches():
    table = found_table(CASES)
    rows = dict(zip(zip(table.unit.tolist(), table.first, table.second, strict=True), range(9), strict=False))
    at = rows[0, "a", "b"]
    assert (table.n_first[at], table.n_second[at], table.matched[at]) == (3, 2, 2)
    at = rows[0, "a", "c"]
    assert (table.n_first[at], table.n_second[at], table.matched[at]) == (3, 2, 1)
    assert table.n_units == 2
    # 2 · (2 + 1 + 1) of (5 + 5 + 4) marks of pairs.
    assert values("object_f1", table)["pooled"] == pytest.approx(8 / 14)
    # Mean of (4/5 + 2/5 + 2/4) / 3 and 1 for the case where both found nothing.
    assert values("object_f1", table)["mean"] == pytest.approx(((0.8 + 0.4 + 0.5) / 3 + 1) / 2)


def test_panoptic_quality_counts_only_what_overlaps_by_more_than_half():
    found = values("panoptic_quality", drawn_table(CASES))
    assert found["segmentation"] == pytest.approx(0.6)
    assert found["recognition"] == pytest.approx(2 * 1 / 14)
    assert found["panoptic"] == pytest.approx(0.6 * 2 / 14)


def test_complete_cases_are_those_that_every_seat_answered():
    assert found_table(CASES, n_seats=3).n_units == 1
    assert found_table(CASES, n_seats=2).n_units == 1


def test_overlaps_come_from_voxels_and_from_boxes():
    one = marked_of("k", "p", {"marks": {"a": 1, "b": 1}, "pairs": [["a", "b", 4, 4, 2]]})
    assert one.overlaps == {("a", "b"): pytest.approx(2 / 6)}
    boxes = {"a": [0, 0, 0, 1, 4, 4], "b": [0, 0, 0, 1, 4, 2]}
    assert marked_of("k", "p", {"marks": {"a": 1, "b": 1}, "boxes": boxes}).overlaps["a", "b"] == pytest.approx(0.5)
    assert marked_of("k", "p", {"codes": {"a": "x"}}) is None
    assert marked_of("k", "p", {"marks": {"a": 1, "b": 1}, "pairs": [["a", "b", 0, 0, 0]]}).overlaps == {}
