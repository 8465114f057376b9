import numpy as np
import pytest

from qc.agreement.dice import dice
from qc.agreement.iou import iou
from qc.readings.masks import pair_counts
from qc.readings.overlap_table import OverlapTable


def test_two_squares_that_share_a_quarter():
    first, second = np.zeros((2, 1, 6, 6), dtype=bool)
    first[0, 0:4, 0:4] = True
    second[0, 2:6, 2:6] = True
    table = OverlapTable.from_units([pair_counts({"ada": first, "ben": second})])
    assert iou(table).value == pytest.approx(4 / 28)
    assert dice(table).value == pytest.approx(8 / 32)


def test_never_above_dice():
    generator = np.random.Generator(np.random.PCG64(9))
    masks = [{name: generator.random((2, 5, 5)) < 0.5 for name in "abc"} for _ in range(12)]
    table = OverlapTable.from_units([pair_counts(unit) for unit in masks])
    assert iou(table).value < dice(table).value
    assert iou(table).low < iou(table).value < iou(table).high
