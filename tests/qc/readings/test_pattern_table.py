import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.readings.base import ReadingError
from qc.readings.pattern_table import PatternTable, merge_all
from qc.readings.scale import Scale

YES_NO = Scale("nominal", ("no", "yes"))


def content(table):
    return json.dumps(table.as_dict())


@st.composite
def tables(draw, raters=("ada", "ben", "cho")):
    names = draw(st.lists(st.sampled_from(raters), min_size=1, unique=True))
    units = draw(st.integers(0, 6))
    codes = st.lists(st.integers(-1, 1), min_size=len(names), max_size=len(names))
    ratings = draw(st.lists(codes, min_size=units, max_size=units))
    clusters = draw(st.none() | st.lists(st.sampled_from("pqr"), min_size=units, max_size=units))
    return PatternTable.from_codes(
        np.array(ratings, dtype=np.int64).reshape(units, len(names)), raters=names, scale=YES_NO, clusters=clusters
    )


def test_counts_distinct_patterns_in_canonical_order():
    table = PatternTable.from_codes(
        [[1, 0], [0, -1], [1, 0], [0, 0]], raters=["ben", "ada"], scale=YES_NO, clusters=["p", "q", "q", "p"]
    )
    assert table.raters == ("ada", "ben")
    assert table.patterns.tolist() == [[-1, 0], [0, 0], [0, 1]]
    assert table.counts.tolist() == [1, 1, 2]
    assert table.clusters == ("p", "q")
    assert table.n_units == 4
    assert table.incidence.as_dict()["count"] == [1, 1, 1, 1]


def test_from_rows_equals_from_codes():
    rows = [{"ben": "yes", "ada": "no"}, {"ada": None, "ben": "no"}, {}]
    by_rows = PatternTable.from_rows(rows, scale=YES_NO)
    by_codes = PatternTable.from_codes([[0, 1], [-1, 0], [-1, -1]], raters=["ada", "ben"], scale=YES_NO)
    assert content(by_rows) == content(by_codes)
    assert by_rows.n_units == 3


def test_anonymous_forgets_who_and_keeps_how_many():
    table = PatternTable.from_codes(
        [[0, 1], [1, 0], [1, 1], [-1, 1]], raters=["ada", "ben"], scale=YES_NO, clusters=["p", "q", "p", "p"]
    ).anonymous()
    assert table.vectors.tolist() == [[0, 1], [0, 2], [1, 1]]
    assert table.counts.tolist() == [1, 1, 2]
    assert table.ratings.tolist() == [1, 2, 2]
    assert table.incidence.as_dict()["pattern"] == [0, 1, 2, 2]


def test_select_keeps_units_and_complete_drops_the_incomplete():
    table = PatternTable.from_codes(
        [[0, 1, 1], [0, -1, 1], [-1, -1, 0]], raters=["ada", "ben", "cho"], scale=YES_NO, clusters=["p", "p", "q"]
    )
    two = table.select(["ben", "ada"])
    assert (two.raters, two.n_units) == (("ada", "ben"), 3)
    assert two.complete().n_units == 1
    assert two.complete().clusters == ("p",)
    assert table.rated(2).n_units == 2
    assert table.select(["ben"]).active_raters == ("ben",)


@settings(max_examples=80, deadline=None)
@given(tables(), tables(), tables())
def test_merge_is_associative_and_commutative(first, second, third):
    assert content(first.merge(second)) == content(second.merge(first))
    whole = content(merge_all([first, second, third]))
    for order in itertools.permutations([first, second, third]):
        assert content(order[0].merge(order[1]).merge(order[2])) == whole
        assert content(order[0].merge(order[1].merge(order[2]))) == whole


@settings(max_examples=50, deadline=None)
@given(tables())
def test_json_round_trip_and_unit_order(table):
    assert content(PatternTable.from_dict(json.loads(content(table)))) == content(table)
    ratings = np.repeat(table.patterns, table.counts, axis=0)[::-1]
    again = PatternTable.from_codes(ratings, raters=table.raters, scale=YES_NO)
    assert again.patterns.tolist() == table.patterns.tolist()
    assert again.counts.tolist() == table.counts.tolist()


def test_merge_with_unknown_clusters_does_not_invent_them():
    known = PatternTable.from_codes([[0]], raters=["ada"], scale=YES_NO, clusters=["p"])
    unknown = PatternTable.from_codes([[0]], raters=["ada"], scale=YES_NO)
    assert known.merge(unknown).clusters is None
    assert known.merge(known).incidence.count.tolist() == [2]


def test_arrays_are_frozen_and_arguments_left_alone():
    ratings = np.array([[0, 1], [1, 1]])
    table = PatternTable.from_codes(ratings, raters=["b", "a"], scale=YES_NO)
    assert ratings.tolist() == [[0, 1], [1, 1]]
    with pytest.raises(ValueError, match="read-only"):
        table.counts[0] = 5
    with pytest.raises(ValueError, match="read-only"):
        table.patterns[0, 0] = 1


@pytest.mark.parametrize(
    ("ratings", "raters", "clusters", "code"),
    [
        ([[0, 2]], ["a", "b"], None, "unknown-code"),
        ([[0, -2]], ["a", "b"], None, "unknown-code"),
        ([[0.5, 1.0]], ["a", "b"], None, "not-an-index"),
        ([[0, 1, 1]], ["a", "b"], None, "bad-shape"),
        ([[0, 1]], ["a", "a"], None, "raters-not-distinct"),
        ([[0, 1]], ["a", "b"], [], "bad-clusters"),
    ],
)
def test_refusals(ratings, raters, clusters, code):
    with pytest.raises(ReadingError) as refusal:
        PatternTable.from_codes(ratings, raters=raters, scale=YES_NO, clusters=clusters)
    assert refusal.value.code == code


def test_refuses_unknown_names_and_other_scales():
    table = PatternTable.from_rows([{"ada": "yes"}], scale=YES_NO)
    with pytest.raises(ReadingError, match="'maybe' is not a code"):
        PatternTable.from_rows([{"ada": "maybe"}], scale=YES_NO)
    with pytest.raises(ReadingError, match="'ben' is not one of the raters"):
        PatternTable.from_rows([{"ben": "yes"}], scale=YES_NO, raters=["ada"])
    with pytest.raises(ReadingError, match="Not in this reading: ben"):
        table.select(["ben"])
    with pytest.raises(ReadingError, match="different scales"):
        table.merge(PatternTable.from_rows([{"ada": "yes"}], scale=Scale("nominal", ("yes", "no"))))
    with pytest.raises(ReadingError, match="At least one"):
        merge_all([])


def test_direct_construction_refuses_what_is_not_canonical():
    with pytest.raises(ReadingError, match="sorted by name"):
        PatternTable(("b", "a"), YES_NO, [[0, 1]], [1])
    with pytest.raises(ReadingError, match="one positive count"):
        PatternTable(("a", "b"), YES_NO, [[0, 1]], [0])


def test_stored_clusters_must_hold_the_units_of_the_table():
    stored = PatternTable.from_codes([[0], [1]], raters=["ada"], scale=YES_NO, clusters=["p", "q"]).as_dict()
    stored["counts"] = [1, 2]
    with pytest.raises(ReadingError, match="units of all clusters"):
        PatternTable.from_dict(stored)


def test_empty_reading():
    table = PatternTable.from_rows([], scale=YES_NO)
    assert (table.n_units, table.raters, table.clusters) == (0, (), None)
    assert table.anonymous().n_units == 0
    assert content(PatternTable.from_dict(table.as_dict())) == content(table)
