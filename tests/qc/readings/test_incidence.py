import numpy as np
import pytest

from qc.readings.base import ReadingError
from qc.readings.incidence import Incidence, numbered


def entries(*columns):
    return [np.array(column, dtype=np.int64) for column in columns]


def test_build_adds_sorts_and_leaves_out_empty_clusters():
    built = Incidence.build(["zoe", "nobody", "amy"], *entries([0, 2, 0, 2], [1, 0, 1, 1], [1, 1, 2, 1]))
    assert built.names == ("amy", "zoe")
    assert built.as_dict() == {
        "names": ["amy", "zoe"],
        "cluster": [0, 0, 1],
        "pattern": [0, 1, 1],
        "count": [1, 1, 3],
    }


def test_profiles_join_clusters_of_one_kind():
    built = Incidence.build(["a", "b", "c"], *entries([0, 1, 2, 2], [0, 0, 0, 1], [2, 2, 2, 1]))
    sums, multiplicity = built.profiles(np.array([[1.0, 10.0], [0.0, 1.0]]))
    assert sums.tolist() == [[2.0, 20.0], [2.0, 21.0]]
    assert multiplicity.tolist() == [2, 1]


def test_clusters_that_differ_in_counts_only_are_of_two_kinds():
    built = Incidence.build(["a", "b"], *entries([0, 1], [0, 0], [1, 2]))
    sums, multiplicity = built.profiles(np.array([[1.0]]))
    assert sorted(sums.ravel().tolist()) == [1.0, 2.0]
    assert multiplicity.tolist() == [1, 1]


def test_mapped_and_kept_follow_the_patterns():
    built = Incidence.build(["a", "b"], *entries([0, 0, 1], [0, 1, 2], [1, 2, 3]))
    mapped = built.mapped(np.array([0, 0, 1]))
    assert (mapped.pattern.tolist(), mapped.count.tolist()) == ([0, 1], [3, 3])
    kept = built.kept(np.array([False, True, False]))
    assert (kept.names, kept.pattern.tolist(), kept.count.tolist()) == (("a",), [0], [2])


def test_numbered_takes_any_names_but_no_missing_and_no_ambiguous_ones():
    names, index = numbered([7, 3, 7])
    assert ([names[i] for i in index]) == ["7", "3", "7"]
    with pytest.raises(ReadingError, match="names its cluster"):
        numbered(["a", None])
    with pytest.raises(ReadingError, match="same name"):
        numbered([1, "1"])
