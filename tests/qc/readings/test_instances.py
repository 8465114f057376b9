"""Marks of two readers, matched one to one."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.agreement.object_f1 import object_f1
from qc.agreement.panoptic_quality import OTHER_GATE, panoptic_quality
from qc.readings.base import ReadingError
from qc.readings.boxes import iou_table
from qc.readings.instances import label_overlap, match, match_units, three_questions

tables = st.tuples(st.integers(0, 4), st.integers(0, 4)).flatmap(
    lambda shape: st.lists(
        st.sampled_from([0.0, 0.25, 0.5, 0.6, 0.75, 1.0]), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]
    ).map(lambda values: np.array(values).reshape(shape))
)


def best(table, threshold):
    """Return count and sum of the best matching by trying all of them."""
    wide = table if table.shape[0] <= table.shape[1] else table.T
    found = (0, 0.0)
    for columns in permutations(range(wide.shape[1]), wide.shape[0]):
        values = [wide[row, column] for row, column in enumerate(columns)]
        kept = [value for value in values if value >= threshold and value > 0]
        found = max(found, (len(kept), float(sum(kept))))
    return found


@settings(max_examples=60, deadline=None)
@given(tables, st.sampled_from([0.0, 0.5, 0.7]))
def test_most_pairs_then_greatest_sum(table, threshold):
    found = match(table, threshold=threshold)
    assert len({row for row, _ in found}) == len({column for _, column in found}) == len(found)
    count, total = best(table, threshold)
    assert len(found) == count
    assert sum(table[pair] for pair in found) == pytest.approx(total)
    assert all(table[pair] >= threshold and table[pair] > 0 for pair in found)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_exchanged_readers_match_the_same(table):
    turned = match(np.ascontiguousarray(table.T), threshold=0.5)
    assert sorted((row, column) for column, row in turned) == list(match(table, threshold=0.5))


def test_the_threshold_itself():
    half = np.array([[0.5]])
    assert match(half, threshold=0.5) == ((0, 0),)
    assert match(half, threshold=0.5, is_strict=True) == ()
    assert match(np.array([[0.0]]), threshold=0.0) == ()


@pytest.mark.parametrize("table", [np.array([1.0]), np.array([[np.nan]]), np.array([[1.5]]), np.array([[-0.1]])])
def test_what_is_no_table_of_overlaps_is_refused(table):
    with pytest.raises(ReadingError):
        match(table, threshold=0.5)


def boxes(*corners):
    return np.array(corners, dtype=float).reshape(-1, 4)


def test_found_named_drawn():
    first, second = boxes((0, 0, 4, 4), (10, 0, 14, 4)), boxes((10, 0, 14, 2), (0, 0, 4, 4), (50, 50, 51, 51))
    said = three_questions(
        iou_table(first, second), ["benign", "benign"], ["malignant", "benign", "benign"], threshold=0.5
    )
    assert said.found == ((0, 1), (1, 0))
    assert said.found_f1 == 0.8
    assert said.named == (("benign", "benign"), ("benign", "malignant"))
    assert said.named_alike == 0.5
    assert said.drawn == (1.0, 0.5)
    assert said.drawn_alike == 0.75


def test_nothing_to_find():
    said = three_questions(np.zeros((0, 0)), [], [], threshold=0.5)
    assert (said.found_f1, said.named_alike, said.drawn_alike) == (1.0, None, None)
    with pytest.raises(ReadingError):
        three_questions(np.zeros((1, 0)), [], [], threshold=0.5)


def test_label_maps():
    first = np.array([[1, 1, 0, 7], [1, 1, 0, 7]])
    second = np.array([[0, 3, 3, 3], [0, 3, 3, 2]])
    assert label_overlap(first, second).tolist() == [[0.0, 2 / 7], [0.5, 1 / 6]]
    assert label_overlap(first, np.zeros_like(first)).shape == (2, 0)
    assert label_overlap(np.ones((2, 2), int), np.ones((2, 2), int)).tolist() == [[1.0]]


def test_detection_agreement_per_image_and_pooled():
    units = [
        {"ada": boxes((0, 0, 4, 4), (10, 0, 14, 4)), "ben": boxes((0, 0, 4, 4)), "cleo": boxes()},
        {"ada": boxes(), "ben": boxes()},
    ]
    found = object_f1(match_units(units, iou_table, threshold=0.5))
    # First image: 2/3 for ada and ben, 0 for both with cleo; second: nobody found anything.
    assert found["mean"].value == pytest.approx((2 / 9 + 1) / 2)
    assert "both_empty" in found["mean"].warnings
    assert found["pooled"].value == pytest.approx(2 / (3 + 2 + 1))
    nobody = object_f1(match_units(units[1:], iou_table, threshold=0.5))
    assert (nobody["mean"].value, nobody["pooled"].undefined) == (1.0, "both_empty")


def test_panoptic_quality_is_the_product_of_its_factors():
    """TP with IoU 0.8 and 0.6, one mark more of either: SQ 0.7, RQ 2/3 (Kirillov et al. 2019, equation 1)."""
    table = np.array([[0.8, 0.0, 0.0], [0.0, 0.6, 0.0], [0.0, 0.0, 0.3]])
    units = [{"ada": [0, 1, 2], "ben": [0, 1, 2]}]
    found = panoptic_quality(match_units(units, lambda *_: table, threshold=0.5, is_strict=True))
    values = {part: one.value for part, one in found.items()}
    assert values == pytest.approx({"panoptic": 0.7 * 2 / 3, "segmentation": 0.7, "recognition": 2 / 3})
    assert OTHER_GATE not in found["panoptic"].warnings
    other = panoptic_quality(match_units(units, lambda *_: table, threshold=0.2))
    assert OTHER_GATE in other["panoptic"].warnings
    none = panoptic_quality(match_units(units, lambda *_: table * 0, threshold=0.5, is_strict=True))
    assert (none["panoptic"].value, none["segmentation"].undefined) == (0.0, "no_overlap")


def test_tables_with_different_thresholds_are_not_merged():
    parts = [match_units([{"ada": [0], "ben": [0]}], lambda *_: np.ones((1, 1)), threshold=t) for t in (0.3, 0.5)]
    with pytest.raises(ReadingError) as refused:
        parts[0].merge(parts[1])
    assert refused.value.code == "differs"
