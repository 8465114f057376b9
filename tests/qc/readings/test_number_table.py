import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.readings.base import ReadingError
from qc.readings.number_table import NumberTable

ROWS = [[3.0, np.nan, 1.0], [2.0, 2.0, 2.0], [np.nan, np.nan, 0.0]]


def table(rows=ROWS, clusters=("p", "q", "p")):
    return NumberTable.from_values(rows, raters=["c", "a", "b"], unit="mm", clusters=clusters)


def test_raters_and_units_have_one_order():
    moved = NumberTable.from_values(
        np.array(ROWS)[[2, 0, 1]][:, [1, 2, 0]], raters=["a", "b", "c"], unit="mm", clusters=["p", "p", "q"]
    )
    assert moved.as_dict() == table().as_dict()
    assert table().raters == ("a", "b", "c")


def test_a_missing_measurement_is_no_zero():
    found = table()
    assert (found.n_units, found.ratings.tolist(), found.active_raters) == (3, [1, 2, 3], ("a", "b", "c"))
    assert found.rated(2).n_units == 2
    assert found.complete().values.tolist() == [[2.0, 2.0, 2.0]]
    assert found.select(["b"]).given.all()


def test_rows_say_who_measured():
    rows = [{"c": 3.0, "b": 1.0, "a": None}, {"a": 2.0, "b": 2.0, "c": 2.0}, {"b": 0.0}]
    assert NumberTable.from_rows(rows, unit="mm", clusters=["p", "q", "p"]).as_dict() == table().as_dict()
    assert NumberTable.from_rows([], clusters=[]).n_units == 0


def test_patients_with_several_units_are_seen():
    assert table().has_repeats
    assert not table(clusters=("p", "q", "r")).has_repeats
    assert not table(clusters=None).has_repeats
    assert table(clusters=None).incidence is None
    assert table().incidence.names == ("p", "q")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.none() | st.integers(-3, 3), min_size=3, max_size=3), max_size=8),
    st.integers(0, 8),
    st.booleans(),
)
def test_shards_in_any_order_are_the_whole(rows, cut, clustered):
    def part(some, start):
        clusters = [str((start + place) % 3) for place in range(len(some))] if clustered else None
        values = np.array(some, dtype=float).reshape(len(some), 3)
        return NumberTable.from_values(values, raters=["a", "b", "c"], unit="mm", clusters=clusters)

    first, second = part(rows[:cut], 0), part(rows[cut:], len(rows[:cut]))
    whole = part(rows, 0).as_dict()
    # Without units nobody can tell whether clusters are known.
    if rows:
        assert first.merge(second).as_dict() == second.merge(first).as_dict() == whole
    assert NumberTable.from_dict(json.loads(json.dumps(whole))).as_dict() == whole


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: NumberTable.from_values([[1.0, np.inf]], raters=["a", "b"]), "not-a-number"),
        (lambda: NumberTable.from_values([[1.0]], raters=["a", "b"]), "bad-shape"),
        (lambda: NumberTable.from_values([[1.0, 2.0]], raters=["a", "a"]), "raters-not-sorted"),
        (lambda: NumberTable.from_values([[1.0, 2.0]], raters=["a", "b"], clusters=["p", "q"]), "bad-clusters"),
        (lambda: NumberTable.from_rows([{"z": 1.0}], raters=["a"]), "unknown-rater"),
        (lambda: table().select(["z"]), "unknown-rater"),
        (lambda: table().merge(NumberTable.from_values([[1.0]], raters=["a"], unit="mL")), "unit-differs"),
    ],
)
def test_what_is_no_table_is_refused(make, code):
    with pytest.raises(ReadingError) as refused:
        make()
    assert refused.value.code == code
