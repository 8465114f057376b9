"""What readings about readers refuse, and what they count."""

import numpy as np
import pytest

from qc.readings.base import ReadingError
from qc.readings.groups import GroupTable
from qc.readings.scale import Scale
from qc.readings.scored import ScoredNumbers, ScoredTable
from qc.readings.scores import ScoreTable
from qc.readings.series import Series

YES_NO = Scale("nominal", ("no", "yes"))


def test_reads_without_a_reference_are_counted_and_cases_not_read_are_not():
    table = ScoredTable.from_codes([0, 1, 1, -1], [0, -1, 0, 1], scale=YES_NO, clusters=["p", "p", "q", "r"])
    assert (table.n_units, table.n_undetermined, table.n_read) == (2, 1, 3)
    assert table.confusion.tolist() == [[1, 1], [0, 0]]
    assert table.incidence.names == ("p", "q")
    assert not table.has_repeats
    assert ScoredTable.from_codes([0, 1], [0, 0], scale=YES_NO, clusters=["p", "p"]).has_repeats


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: ScoredTable.from_codes([2], [0], scale=YES_NO), "unknown-code"),
        (lambda: ScoredTable.from_codes([1], [0], scale=YES_NO, clusters=[]), "bad-clusters"),
        (lambda: ScoredNumbers(np.array([1.0]), np.array([1.0, 2.0])), "bad-shape"),
        (lambda: ScoredNumbers(np.array([np.nan]), np.array([1.0])), "not-a-number"),
        (lambda: ScoredNumbers(np.array([1.0]), np.array([1.0]), clusters=("p", "q")), "bad-clusters"),
        (lambda: Series(np.array([[1.0]])), "bad-shape"),
        (lambda: Series(np.array([np.inf])), "not-a-number"),
        (lambda: GroupTable(np.array([1.0]), ()), "bad-shape"),
        (lambda: GroupTable(np.array([np.nan]), ("a",)), "not-a-number"),
        (lambda: GroupTable(np.array([1.0]), ("a",), ("p", "q")), "bad-clusters"),
        (lambda: ScoreTable((), np.array([True]), np.array([[1.0]])), "raters-not-distinct"),
        (lambda: ScoreTable(("x", "x"), np.array([True]), np.array([[1.0, 2]])), "raters-not-distinct"),
        (lambda: ScoreTable(("x",), np.array([True]), np.array([[1.0], [2]])), "bad-shape"),
        (lambda: ScoreTable(("x",), np.array([True]), np.array([[np.nan]])), "not-a-number"),
        (lambda: ScoreTable(("x",), np.array([True]), np.array([[1.0]]), ("p", "q")), "bad-clusters"),
    ],
)
def test_what_is_no_reading_is_refused(make, code):
    with pytest.raises(ReadingError) as refused:
        make()
    assert refused.value.code == code


def test_readings_are_read_only():
    series = Series(np.array([1.0, 0.0]))
    with pytest.raises(ValueError, match="read-only"):
        series.values[0] = 2.0
    table = ScoreTable(("x", "y"), np.array([True]), np.array([[1.0, 2.0]]))
    assert table.select(["y"]).scores.tolist() == [[2.0]]
