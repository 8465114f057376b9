import json

import pytest

from qc.readings.base import ReadingError
from qc.readings.set_table import SetTable

ROWS = [{"ada": ["b", "a"], "ben": []}, {"ada": ["a"], "ben": None}, {"ben": ["c"], "ada": ["a", "b"]}]
CLUSTERS = ["p", "q", "p"]


def table(rows=ROWS, clusters=CLUSTERS):
    return SetTable.from_rows(rows, labels=["a", "b", "c"], raters=["ada", "ben"], clusters=clusters)


def test_an_empty_set_is_an_answer_and_none_is_not():
    found = table()
    assert (found.n_units, found.raters) == (3, ("ada", "ben"))
    assert sorted(found.table.ratings.tolist()) == [1, 2, 2]
    assert found.sets.tolist() == [[False] * 3, [False, False, True], [True, False, False], [True, True, False]]


def test_one_label_is_a_yes_or_no_question():
    label = table().label("b")
    assert (label.scale.codes, label.n_units, label.clusters) == (("no", "yes"), 3, ("p", "q"))
    assert label.anonymous().vectors.tolist() == [[1, 0], [1, 1]]
    assert label.anonymous().counts.tolist() == [1, 2]


@pytest.mark.parametrize("cut", range(4))
def test_shards_are_the_whole(cut):
    first, second = table(ROWS[:cut], CLUSTERS[:cut]), table(ROWS[cut:], CLUSTERS[cut:])
    whole = table().as_dict()
    assert first.merge(second).as_dict() == second.merge(first).as_dict() == whole
    assert SetTable.from_dict(json.loads(json.dumps(whole))).as_dict() == whole


def test_strangers_are_refused():
    with pytest.raises(ReadingError, match="z"):
        table([{"ada": ["z"]}], ["p"])
    with pytest.raises(ReadingError, match="labels"):
        table().label("z")
    with pytest.raises(ReadingError, match="different labels"):
        table().merge(SetTable.from_rows([], labels=["a"]))
