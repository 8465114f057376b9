import json

import numpy as np
import pytest

from qc.readings.base import ReadingError
from qc.readings.repeat_table import RepeatTable

VALUES = np.arange(12.0).reshape(2, 3, 2)


def test_raters_are_sorted_with_their_repeats():
    found = RepeatTable.from_values(VALUES, raters=["c", "a", "b"], unit="mm", clusters=["p", "q"])
    assert (found.raters, found.n_repeats, found.n_units) == (("a", "b", "c"), 2, 2)
    assert found.values[0].tolist() == [[2.0, 3.0], [4.0, 5.0], [0.0, 1.0]]


def test_an_incomplete_unit_is_left_out_and_shards_add_up():
    values = VALUES.copy()
    values[0, 0, 0] = np.nan
    found = RepeatTable.from_values(values, raters=["a", "b", "c"])
    assert (found.n_units, found.complete().n_units) == (2, 1)
    first, second = (RepeatTable.from_values(values[i : i + 1], raters=["a", "b", "c"]) for i in (0, 1))
    assert first.merge(second).as_dict() == second.merge(first).as_dict() == found.as_dict()
    assert RepeatTable.from_dict(json.loads(json.dumps(found.as_dict()))).as_dict() == found.as_dict()


def test_other_designs_are_refused():
    with pytest.raises(ReadingError, match="shape"):
        RepeatTable.from_values([[1.0, 2.0]], raters=["a", "b"])
    with pytest.raises(ReadingError, match="one column"):
        RepeatTable.from_values(VALUES, raters=["a", "a", "b"])
    with pytest.raises(ReadingError, match="different raters"):
        RepeatTable.from_values(VALUES, raters=["a", "b", "c"]).merge(
            RepeatTable.from_values(VALUES[:, :2], raters=["a", "b"])
        )
