import json

import numpy as np
import pytest

from qc.readings.base import ReadingError
from qc.readings.masks import PairCount, pair_counts
from qc.readings.overlap_table import OverlapTable

PAIR = PairCount("ada", "ben", 10, 8, 5)


def row(**changes):
    base = {
        "n_units": 1,
        "unit": [0],
        "first": ["ada"],
        "second": ["ben"],
        "size_first": [10],
        "size_second": [8],
        "intersection": [5],
    }
    return {**base, **changes}


def test_from_units_lays_pairs_one_under_another():
    masks = {name: np.ones((1, 2, 2), dtype=bool) for name in ("ada", "ben", "cho")}
    table = OverlapTable.from_units([[PAIR], [], pair_counts(masks)], clusters=["p", "q", "q"])
    assert table.n_units == 3
    assert table.unit.tolist() == [0, 2, 2, 2]
    assert table.intersection.tolist() == [5, 4, 4, 4]
    assert table.clusters == ("p", "q", "q")


def test_json_round_trip():
    table = OverlapTable.from_units([[PAIR], []], clusters=["p", "q"])
    text = json.dumps(table.as_dict())
    assert json.dumps(OverlapTable.from_dict(json.loads(text)).as_dict()) == text


def test_merge_numbers_units_on_and_keeps_clusters_only_where_both_know_them():
    known = OverlapTable.from_units([[PAIR]], clusters=["p"])
    unknown = OverlapTable.from_units([[], [PAIR]])
    both = known.merge(known)
    assert (both.n_units, both.unit.tolist(), both.clusters) == (2, [0, 1], ("p", "p"))
    assert known.merge(unknown).clusters is None
    assert known.merge(OverlapTable.from_units([])).clusters == ("p",)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"intersection": [9]}, "bad-counts"),
        ({"intersection": [-1]}, "bad-counts"),
        ({"second": ["ada"]}, "same-rater"),
        ({"unit": [1]}, "unknown-unit"),
        ({"size_first": [1, 2]}, "bad-shape"),
        ({"clusters": ["p", "q"]}, "bad-clusters"),
    ],
)
def test_refusals(changes, code):
    with pytest.raises(ReadingError) as refusal:
        OverlapTable(**row(**changes))
    assert refusal.value.code == code


def test_columns_are_frozen():
    with pytest.raises(ValueError, match="read-only"):
        OverlapTable(**row()).intersection[0] = 1
