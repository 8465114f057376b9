import pytest

from qc.readings.base import ReadingError
from qc.readings.scale import Scale


@pytest.mark.parametrize(
    ("kind", "codes", "code"),
    [
        ("grade", ("a",), "unknown-scale"),
        ("nominal", (), "bad-codes"),
        ("nominal", ("a", "a"), "bad-codes"),
        ("interval", ("1", "two"), "not-a-number"),
        ("interval", ("1", "nan"), "not-a-number"),
        ("ratio", ("-1", "2"), "negative-ratio"),
    ],
)
def test_refuses_what_cannot_be_computed_with(kind, codes, code):
    with pytest.raises(ReadingError) as refusal:
        Scale(kind, codes)
    assert refusal.value.code == code


def test_codes_are_never_sorted():
    assert Scale("ordinal", ("low", "medium", "high")).codes == ("low", "medium", "high")


def test_values_are_numbers_or_ranks():
    assert Scale("interval", ("-1.5", "2")).values.tolist() == [-1.5, 2.0]
    assert Scale("ordinal", ("low", "high")).values.tolist() == [0.0, 1.0]


def test_negative_interval_is_allowed_and_plain_json():
    scale = Scale("interval", ("-1", "0"))
    assert scale.as_dict() == {"kind": "interval", "codes": ["-1", "0"]}
