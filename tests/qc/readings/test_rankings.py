import json

import pytest

from qc.readings.base import ReadingError
from qc.readings.rankings import Rankings

ORDERS = [{"ben": [["b"], ["a", "c"]], "ada": [["a"], ["b"], ["c"]]}, {"ada": [["c", "b", "a"]]}]


def test_ties_share_the_mid_rank():
    found = Rankings.from_orders(ORDERS, options="cab", clusters=["p", "q"])
    assert (found.options, found.n_units, found.raters) == (("a", "b", "c"), 2, ("ada", "ben"))
    assert found.units == (
        (("ada", (1.0, 2.0, 3.0)), ("ben", (2.5, 1.0, 2.5))),
        (("ada", (2.0, 2.0, 2.0)),),
    )


def test_shards_are_the_whole():
    whole = Rankings.from_orders(ORDERS, options="abc", clusters=["p", "q"])
    first, second = (Rankings.from_orders([ORDERS[i]], options="abc", clusters=["pq"[i]]) for i in (0, 1))
    assert first.merge(second).as_dict() == second.merge(first).as_dict() == whole.as_dict()
    assert Rankings.from_dict(json.loads(json.dumps(whole.as_dict()))).as_dict() == whole.as_dict()


@pytest.mark.parametrize("order", [[["a"], ["b"]], [["a"], ["b"], ["c"], ["a"]], [["a"], ["b"], ["d"]]])
def test_an_order_names_each_option_once(order):
    with pytest.raises(ReadingError, match="each option once"):
        Rankings.from_orders([{"ada": order}], options="abc")


def test_other_designs_are_refused():
    with pytest.raises(ReadingError, match="declared once"):
        Rankings.from_orders([], options="aa")
    with pytest.raises(ReadingError, match="different options"):
        Rankings.from_orders([], options="ab").merge(Rankings.from_orders([], options="abc"))
    with pytest.raises(ReadingError, match="clusters"):
        Rankings(("a",), (), ("p",))
