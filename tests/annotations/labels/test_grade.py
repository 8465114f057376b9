import pytest

from annotations.labels.base import LabelError
from annotations.labels.grade import SPEC, Grade

DEFINITION = {"levels": [{"code": str(level), "title": f"Level {level}"} for level in range(1, 6)]}


@pytest.mark.parametrize("level", ["3", 3])
def test_a_whole_number_is_its_digits(level):
    label = SPEC.parse({"kind": "grade", "level": level}, DEFINITION, None)
    assert label == Grade("3")
    assert label.dump() == {"kind": "grade", "level": "3"}


@pytest.mark.parametrize("level", ["6", 0, True, 3.0, "3.0", None, [], 10**50])
def test_levels_that_are_none(level):
    with pytest.raises(LabelError) as refusal:
        SPEC.parse({"kind": "grade", "level": level}, DEFINITION, None)
    assert (refusal.value.code, refusal.value.pointer) == ("unknown-level", "/level")


def test_a_number_too_long_to_be_printed():
    with pytest.raises(LabelError):
        SPEC.parse({"kind": "grade", "level": 10**5000}, DEFINITION, None)


def test_definition():
    SPEC.check_definition(DEFINITION)
    for definition in ({}, {"levels": []}, {"levels": [{"code": "1"}, {"code": "1"}]}, {"codes": [{"code": "1"}]}):
        with pytest.raises(LabelError) as refusal:
            SPEC.check_definition(definition)
        assert refusal.value.pointer.startswith("/levels")
    assert "ordinal" in SPEC.scales
    assert "nominal" not in SPEC.scales
