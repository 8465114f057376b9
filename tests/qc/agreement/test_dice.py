"""Dice and IoU: one table, two formulas."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.agreement.base import BOTH_EMPTY, CLUSTERING_UNKNOWN, NO_OVERLAP, ONE_EMPTY, SMALL_SAMPLE, ZERO_VARIANCE
from qc.agreement.dice import dice
from qc.agreement.iou import iou
from qc.readings.masks import PairCount
from qc.readings.overlap_table import OverlapTable


def unit(*triples):
    names = [("ada", "ben"), ("ada", "cho"), ("ben", "cho")]
    return [PairCount(*pair, *triple) for pair, triple in zip(names, triples, strict=False)]


def test_mean_over_pairs_first_then_over_units():
    table = OverlapTable.from_units([unit((10, 10, 10), (10, 10, 5), (10, 10, 0)), unit((4, 4, 4))])
    assert dice(table).value == pytest.approx(((1 + 0.5 + 0) / 3 + 1) / 2)
    assert iou(table).value == pytest.approx(((1 + 1 / 3 + 0) / 3 + 1) / 2)
    assert dice(table).n_raters == 3


def test_empty_masks_are_counted_never_averaged():
    units = [unit((5, 5, 5)), unit((0, 0, 0)), unit((0, 3, 0)), [], unit((0, 0, 0), (0, 2, 0), (0, 2, 0))]
    found = dice(OverlapTable.from_units(units, clusters=list("pqrst")))
    assert found.value == pytest.approx(1 / 3)
    assert (found.n_units, found.n_dropped, found.n_clusters) == (3, 2, 3)
    assert found.dropped_why == (
        "1 units with fewer than two masks; 1 units in which all masks are empty; 1 pairs of empty masks in other units"
    )
    assert found.warnings == (ONE_EMPTY, SMALL_SAMPLE)


def test_nothing_marked_and_nothing_compared_are_two_reasons():
    assert (dice(OverlapTable.from_units([unit((0, 0, 0))])).undefined) == BOTH_EMPTY
    found = iou(OverlapTable.from_units([[], []]))
    assert (found.value, found.undefined, found.n_dropped) == (None, NO_OVERLAP, 2)
    assert found.warnings == (CLUSTERING_UNKNOWN,)


def test_equal_units_have_no_bounds():
    found = dice(OverlapTable.from_units([unit((4, 4, 2))] * 6))
    assert (found.value, found.low, found.interval_undefined) == (0.5, None, ZERO_VARIANCE)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50), st.integers(0, 50)), min_size=1, max_size=8))
def test_dice_and_iou_of_one_pair_a_unit(triples):
    triples = [(first, second, min(first, second, both)) for first, second, both in triples]
    table = OverlapTable.from_units([unit(triple) for triple in triples])
    expected = [2 * both / (first + second) for first, second, both in triples]
    assert dice(table, replicates=10).value == pytest.approx(sum(expected) / len(expected))
    # Dice = 2 IoU / (1 + IoU) holds pair by pair.
    assert iou(table, replicates=10).value == pytest.approx(sum(d / (2 - d) for d in expected) / len(expected))


def test_clusters_widen_the_bounds_where_units_of_one_patient_move_together():
    units = [unit((10, 10, size)) for size in (9, 9, 9, 2, 2, 2, 7, 7, 7, 4, 4, 4, 8, 8, 8, 3, 3, 3)]
    alone = dice(OverlapTable.from_units(units, clusters=[str(number) for number in range(18)]))
    together = dice(OverlapTable.from_units(units, clusters=[str(number // 3) for number in range(18)]))
    assert together.value == alone.value
    assert together.high - together.low > 1.4 * (alone.high - alone.low)
