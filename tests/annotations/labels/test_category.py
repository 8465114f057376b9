import pytest

from annotations.labels.base import LabelError
from annotations.labels.category import SPEC, Category

DEFINITION = {"codes": [{"code": "benign", "title": "Benign"}, {"code": "malignant", "title": "Malignant"}]}


def test_parse_and_dump():
    label = SPEC.parse({"kind": "category", "code": "benign"}, DEFINITION, None)
    assert label == Category("benign")
    assert label.dump() == {"kind": "category", "code": "benign"}


@pytest.mark.parametrize(
    ("value", "code", "where"),
    [
        ({"kind": "category", "code": "Benign"}, "unknown-code", "/code"),
        ({"kind": "category", "code": 1}, "unknown-code", "/code"),
        ({"kind": "category", "code": ["benign"]}, "unknown-code", "/code"),
        ({"kind": "category"}, "missing-member", "/code"),
        ({"kind": "category", "code": "benign", "note": ""}, "unknown-member", "/note"),
        ({"kind": "grade", "code": "benign"}, "wrong-kind", "/kind"),
        ({"code": "benign"}, "wrong-kind", "/kind"),
    ],
)
def test_refusals_name_the_member(value, code, where):
    with pytest.raises(LabelError) as refusal:
        SPEC.parse(value, DEFINITION, None)
    assert (refusal.value.code, refusal.value.pointer) == (code, where)


def test_refusal_lists_the_codes_but_not_a_thousand():
    many = {"codes": [{"code": f"c{number}"} for number in range(1000)]}
    with pytest.raises(LabelError, match=r"c11 and 988 more"):
        SPEC.parse({"kind": "category", "code": "x"}, many, None)


@pytest.mark.parametrize(
    ("definition", "code", "where"),
    [
        ({}, "no-codes", "/codes"),
        ({"codes": []}, "no-codes", "/codes"),
        ({"codes": "ab"}, "no-codes", "/codes"),
        ({"codes": ["a"]}, "not-an-object", "/codes/0"),
        ({"codes": [{"title": "A"}]}, "bad-code", "/codes/0/code"),
        ({"codes": [{"code": ""}]}, "bad-code", "/codes/0/code"),
        ({"codes": [{"code": " a"}]}, "bad-code", "/codes/0/code"),
        ({"codes": [{"code": "a\x00"}]}, "bad-code", "/codes/0/code"),
        ({"codes": [{"code": "a" * 65}]}, "bad-code", "/codes/0/code"),
        ({"codes": [{"code": 3}]}, "bad-code", "/codes/0/code"),
        ({"codes": [{"code": "a"}, {"code": "a"}]}, "duplicate-code", "/codes/1/code"),
        ({"codes": [{"code": "a", "title": 3}]}, "bad-title", "/codes/0/title"),
        ({"codes": [{"code": "a"}], "many": "yes"}, "not-a-boolean", "/many"),
        ([], "not-an-object", ""),
    ],
)
def test_definitions_that_cannot_be_answered(definition, code, where):
    with pytest.raises(LabelError) as refusal:
        SPEC.check_definition(definition)
    assert (refusal.value.code, refusal.value.pointer) == (code, where)


def test_definition_that_can():
    SPEC.check_definition(DEFINITION)
    SPEC.check_definition({"codes": [{"code": "a" * 64}], "many": True})
    assert SPEC.scales == {"nominal"}
