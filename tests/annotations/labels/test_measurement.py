import math

import pytest

from annotations.labels.base import LabelError
from annotations.labels.measurement import SPEC, Measurement

DEFINITION = {"unit": "mm", "minimum": 0, "maximum": 500}


def given(number: object, unit: object = "mm") -> dict[str, object]:
    return {"kind": "measurement", "number": number, "unit": unit}


def test_parse_and_dump():
    assert SPEC.parse(given(12), DEFINITION, None) == Measurement(12.0, "mm")
    assert SPEC.parse(given(12.5), DEFINITION, None).dump() == given(12.5)


def test_bounds_are_inclusive_and_optional():
    for number in (0, 500):
        assert SPEC.parse(given(number), DEFINITION, None).dump()["number"] == number
    assert SPEC.parse(given(-1e9), {"unit": "mm"}, None) == Measurement(-1e9, "mm")
    assert SPEC.parse(given(1e9), {"unit": "mm", "minimum": 0, "maximum": None}, None) == Measurement(1e9, "mm")


@pytest.mark.parametrize(
    ("value", "code", "where"),
    [
        (given(-0.1), "out-of-range", "/number"),
        (given(500.1), "out-of-range", "/number"),
        (given(math.nan), "not-finite", "/number"),
        (given(math.inf), "not-finite", "/number"),
        (given(True), "not-a-number", "/number"),
        (given("12"), "not-a-number", "/number"),
        (given(1, "cm"), "wrong-unit", "/unit"),
        (given(1, None), "wrong-unit", "/unit"),
        ({"kind": "measurement", "number": 1}, "missing-member", "/unit"),
    ],
)
def test_refusals(value, code, where):
    with pytest.raises(LabelError) as refusal:
        SPEC.parse(value, DEFINITION, None)
    assert (refusal.value.code, refusal.value.pointer) == (code, where)


@pytest.mark.parametrize(
    ("definition", "where"),
    [
        ({}, "/unit"),
        ({"unit": ""}, "/unit"),
        ({"unit": " mm"}, "/unit"),
        ({"unit": 1}, "/unit"),
        ({"unit": "m" * 33}, "/unit"),
        ({"unit": "mm", "minimum": "0"}, "/minimum"),
        ({"unit": "mm", "maximum": math.nan}, "/maximum"),
        ({"unit": "mm", "minimum": 2, "maximum": 2}, "/maximum"),
    ],
)
def test_definitions_that_cannot_be_answered(definition, where):
    with pytest.raises(LabelError) as refusal:
        SPEC.check_definition(definition)
    assert refusal.value.pointer == where


def test_definition_that_can():
    SPEC.check_definition(DEFINITION)
    SPEC.check_definition({"unit": "µm²", "minimum": -5})
