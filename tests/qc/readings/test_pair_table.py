import json
import math

import pytest

from qc.readings.base import ReadingError
from qc.readings.pair_table import PairMeasures, PairTable


def rows():
    return [
        [PairMeasures("ada", "ben", "", {"hd95": 1.5, "assd": 0.5})],
        [],
        [PairMeasures("ada", "cleo", "one_empty", {"hd95": math.inf}), PairMeasures("ben", "cleo", "", {"assd": 2.0})],
    ]


def test_columns_and_what_is_missing_in_them():
    table = PairTable.from_units(rows(), clusters=["p", "q", "p"])
    plain = json.loads(json.dumps(table.as_dict(), allow_nan=False))
    assert plain["columns"] == {"assd": [0.5, None, 2.0], "hd95": [1.5, None, None]}
    assert plain["flags"] == ["", "one_empty", ""]
    assert (plain["n_units"], plain["unit"]) == (3, [0, 2, 2])
    assert PairTable.from_dict(plain).as_dict() == plain


def test_merged_tables_keep_their_columns():
    first, second = PairTable.from_units(rows()[:1], clusters=["p"]), PairTable.from_units(rows()[1:], clusters="qp")
    assert first.merge(second).as_dict() == PairTable.from_units(rows(), clusters="pqp").as_dict()
    assert first.merge(PairTable.from_units(rows())).clusters is None
    assert PairTable.from_units([]).merge(first).clusters == ("p",)


def test_columns_cannot_be_written():
    table = PairTable.from_units(rows())
    with pytest.raises(ValueError, match="read-only"):
        table.columns["hd95"][0] = 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"unit": [0, 2, 3]}, "unknown-unit"),
        ({"flags": ["", ""]}, "bad-shape"),
        ({"columns": {"hd95": [1.0]}}, "bad-shape"),
        ({"clusters": ["p"]}, "bad-clusters"),
        ({"second": ["ada", "cleo", "cleo"]}, "same-rater"),
    ],
)
def test_what_does_not_fit_together_is_refused(changed, code):
    with pytest.raises(ReadingError) as refused:
        PairTable.from_dict({**PairTable.from_units(rows()).as_dict(), **changed})
    assert refused.value.code == code
