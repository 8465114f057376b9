import math
from collections.abc import Mapping

import pytest

from annotations.labels.base import Label, LabelError, canonical, check_many, check_members, digest, finite, pointer
from annotations.labels.category import Category
from annotations.labels.grade import Grade
from annotations.labels.measurement import Measurement
from annotations.labels.polygon import Polygon, Ring


def test_pointer_escapes_as_rfc_6901_says():
    assert pointer("rings", 0, "points") == "/rings/0/points"
    assert pointer("a/b~c") == "/a~1b~0c"


def test_pointer_can_always_be_stored():
    pointer("\ud800").encode()


def test_canonical_text_is_sorted_compact_and_unicode():
    assert canonical({"b": "é", "a": [1.0, 2]}) == '{"a":[1.0,2],"b":"é"}'


def test_canonical_refuses_what_json_does_not_have():
    with pytest.raises(ValueError, match="Out of range"):
        canonical({"a": math.nan})


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        # Computed once with `printf %s '<text>' | sha256sum`; a change here breaks every published release.
        (Category("benign"), "77fd0d6aeb0cdcd6ad16277e13868de9c902114a869773cd66e6de7bbf1c9d59"),
        (Grade("3"), "ac11f6596725cc3ad0d3ccdd0eb246ac20185b21dbe457cba0fd54ac98220a9b"),
        (Measurement(12.5, "mm"), "c96a1f33d9e169a073022041dab477d7ce4d70fe3905aae36d408cf920d9890e"),
        (
            Polygon("pixel_centre", (Ring(0, False, ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0))),)),
            "14782fd37b667e9d789c6d23c19d616694dd37e612c0488e5610aa48c3025060",
        ),
    ],
)
def test_digest_is_the_published_one(label: Label, expected: str):
    assert digest(label) == expected


def test_members_are_exactly_those_named():
    check_members({"a": 1, "b": 2}, ("a",), ("b",))
    for value, code, where in [
        ({"a": 1, "c": 2}, "unknown-member", "/c"),
        ({"b": 1}, "missing-member", "/a"),
        ([], "not-an-object", ""),
        (None, "not-an-object", ""),
        ({"a": 1, 7: 2}, "unknown-member", "/7"),
    ]:
        with pytest.raises(LabelError) as refusal:
            check_members(value, ("a",), ("b",))
        assert (refusal.value.code, refusal.value.pointer) == (code, where)


@pytest.mark.parametrize("value", [True, "1", None, math.nan, math.inf, -math.inf, 10**400, [1]])
def test_finite_refuses(value: object):
    with pytest.raises(LabelError) as refusal:
        finite(value, "/number")
    assert refusal.value.pointer == "/number"


def test_finite_has_one_zero():
    assert math.copysign(1, finite(-0.0, "")) == 1
    assert type(finite(3, "")) is float


def test_many_is_true_or_false():
    check_many({"many": True})
    check_many({})
    for definition in ({"many": 1}, {"many": None}, [], "many"):
        with pytest.raises(LabelError):
            check_many(definition)


def test_labels_satisfy_the_protocol():
    assert isinstance(Category("a"), Label)
    assert isinstance(Category("a").dump(), Mapping)
