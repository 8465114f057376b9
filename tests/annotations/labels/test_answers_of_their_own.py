"""Sets, orders, spans, boxes and points: canonical form, refusals with their pointers, unusable definitions."""

import pytest

from annotations.labels import box, interval, landmarks, multilabel, ranking
from annotations.labels._words import words_of
from annotations.labels.base import Geometry, LabelError, digest

CODES = {"codes": [{"code": "a", "title": "Apple"}, {"code": "b"}, {"code": "c"}]}
POINTS = {"points": [{"code": "apex", "title": "Apex"}, {"code": "base"}]}
GRID = Geometry((4, 16, 20), (2.0, 1.0, 1.0))
BARE = Geometry((4, 16, 20), None)


def parse(kind, value, definition, geometry=GRID):
    return kind.SPEC.parse({"kind": kind.__name__.rpartition(".")[2], **value}, definition, geometry)


def test_the_order_of_a_set_does_not_matter():
    first, second = (parse(multilabel, {"codes": codes}, CODES) for codes in (["b", "a"], ["a", "b"]))
    assert digest(first) == digest(second)
    assert first.dump() == {"kind": "multilabel", "codes": ["a", "b"]}
    assert parse(multilabel, {"codes": []}, CODES).dump()["codes"] == []


def test_a_tier_is_a_set_but_tiers_have_an_order():
    one, other = (parse(ranking, {"order": order}, CODES) for order in ([["c", "b"], ["a"]], [["b", "c"], ["a"]]))
    assert digest(one) == digest(other)
    assert digest(one) != digest(parse(ranking, {"order": [["a"], ["b", "c"]]}, CODES))


def test_spans_are_put_in_their_order():
    label = parse(interval, {"spans": [[5, 7], [1, 2.5]]}, {"duration_s": 30})
    assert label.dump() == {"kind": "interval", "spans": [[1.0, 2.5], [5.0, 7.0]]}
    assert parse(interval, {"spans": [[1, 2], [2, 3]]}, {}).spans == ((1.0, 2.0), (2.0, 3.0))


def test_a_box_and_points_keep_what_was_given():
    label = parse(box, {"low": [0, 0, 0], "high": [4, 16, 20]}, {})
    assert label.dump() == {"kind": "box", "low": [0.0, 0.0, 0.0], "high": [4.0, 16.0, 20.0]}
    given = {"points": {"base": None, "apex": [0.5, 3, 4]}}
    assert parse(landmarks, given, POINTS).dump()["points"] == {"apex": [0.5, 3.0, 4.0], "base": None}


NAN = float("nan")


@pytest.mark.parametrize(
    ("kind", "value", "definition", "code", "where"),
    [
        (multilabel, {"codes": "ab"}, CODES, "not-a-list", "/codes"),
        (multilabel, {"codes": ["a", "x"]}, CODES, "unknown-code", "/codes/1"),
        (multilabel, {"codes": ["a", "a"]}, CODES, "duplicate-code", "/codes/1"),
        (multilabel, {"codes": [["a"]]}, CODES, "unknown-code", "/codes/0"),
        (ranking, {"order": ["a", "b", "c"]}, CODES, "not-tiers", "/order"),
        (ranking, {"order": [["a"], [], ["b", "c"]]}, CODES, "not-tiers", "/order"),
        (ranking, {"order": [["a"], ["b"]]}, CODES, "not-ranked", "/order"),
        (ranking, {"order": [["a"], ["b", "a"]]}, CODES, "duplicate-code", "/order/1/1"),
        (ranking, {"order": [["a"], ["x"]]}, CODES, "unknown-code", "/order/1/0"),
        (interval, {"spans": {}}, {}, "not-a-list", "/spans"),
        (interval, {"spans": [[1, 2], [1]]}, {}, "not-a-span", "/spans/1"),
        (interval, {"spans": [[2, 2]]}, {}, "bad-span", "/spans/0"),
        (interval, {"spans": [[-1, 2]]}, {}, "bad-span", "/spans/0"),
        (interval, {"spans": [[1, NAN]]}, {}, "not-finite", "/spans/0/1"),
        (interval, {"spans": [[1, "2"]]}, {}, "not-a-number", "/spans/0/1"),
        (interval, {"spans": [[1, 31]]}, {"duration_s": 30}, "out-of-range", "/spans/0/1"),
        (interval, {"spans": [[5, 7], [1, 5.5]]}, {}, "overlap", "/spans/0"),
        (interval, {"spans": [[0, 1]] * 10_001}, {}, "not-a-list", "/spans"),
        (box, {"low": [0, 0, 0], "high": [1, 0, 1]}, {}, "empty-box", "/high/1"),
        (box, {"low": [0, 0], "high": [1, 1, 1]}, {}, "not-a-point", "/low"),
        (box, {"low": [0, 0, 0], "high": [5, 1, 1]}, {}, "outside", "/high/0"),
        (box, {"low": [0, -0.1, 0], "high": [1, 1, 1]}, {}, "outside", "/low/1"),
        (box, {"low": [0, 0, NAN], "high": [1, 1, 1]}, {}, "not-finite", "/low/2"),
        (box, {"low": [0, 0, 0]}, {}, "missing-member", "/high"),
        (landmarks, {"points": []}, POINTS, "not-an-object", "/points"),
        (landmarks, {"points": {"apex": None}}, POINTS, "missing-point", "/points"),
        (landmarks, {"points": {"apex": None, "base": None, "x": None}}, POINTS, "unknown-point", "/points/x"),
        (landmarks, {"points": {"apex": [0, 0], "base": None}}, POINTS, "not-a-point", "/points/apex"),
        (landmarks, {"points": {"apex": [0, 0, 21], "base": None}}, POINTS, "outside", "/points/apex/2"),
    ],
)
def test_refusals_name_the_member(kind, value, definition, code, where):
    with pytest.raises(LabelError) as refusal:
        parse(kind, value, definition)
    assert (refusal.value.code, refusal.value.pointer) == (code, where)


@pytest.mark.parametrize("geometry", [None, BARE])
def test_points_without_a_spacing_are_refused_and_never_measured_in_pixels(geometry):
    with pytest.raises(LabelError) as refusal:
        parse(landmarks, {"points": {"apex": [0, 0, 0], "base": None}}, POINTS, geometry)
    assert refusal.value.code == "no-spacing"


@pytest.mark.parametrize(
    ("kind", "definition", "code", "where"),
    [
        (multilabel, {}, "no-codes", "/codes"),
        (multilabel, {**CODES, "many": True}, "not-many", "/many"),
        (ranking, {"codes": [{"code": "a"}]}, "one-option", "/codes"),
        (ranking, {**CODES, "many": True}, "not-many", "/many"),
        (interval, {"duration_s": 0}, "bad-duration", "/duration_s"),
        (interval, {"duration_s": "30"}, "not-a-number", "/duration_s"),
        (interval, {"many": True}, "not-many", "/many"),
        (box, {"many": 1}, "not-a-boolean", "/many"),
        (landmarks, {}, "no-codes", "/points"),
        (landmarks, {"points": [{"code": "a", "sigma": 0}]}, "bad-sigma", "/points/0/sigma"),
        (landmarks, {**POINTS, "area_mm2": -1}, "bad-area", "/area_mm2"),
    ],
)
def test_definitions_that_cannot_be_answered(kind, definition, code, where):
    with pytest.raises(LabelError) as refusal:
        kind.SPEC.check_definition(definition)
    assert (refusal.value.code, refusal.value.pointer) == (code, where)


@pytest.mark.parametrize(
    ("label", "definition", "words"),
    [
        ({"kind": "multilabel", "codes": ["a", "b"]}, CODES, "Apple, b"),
        ({"kind": "multilabel", "codes": []}, CODES, "None of them"),
        ({"kind": "ranking", "order": [["b", "c"], ["a"]]}, CODES, "b = c > Apple"),
        ({"kind": "interval", "spans": [[1, 2.5]]}, {}, "1–2.5 s (1.5 s in all)"),
        ({"kind": "interval", "spans": []}, {}, "Nothing marked"),
        ({"kind": "box", "low": [2, 0, 0], "high": [3, 4, 5.5]}, {}, "5.5 × 4.0 px, slice 3"),
        ({"kind": "box", "low": [2, 0, 0], "high": [5, 4, 5]}, {}, "5.0 × 4.0 px, slices 3–5"),
        (
            {"kind": "landmarks", "points": {"apex": None, "base": [0, 0, 0]}},
            POINTS,
            "1 of 2 points; not visible: Apex",
        ),
        ({"kind": "grade", "level": "2"}, {"levels": [{"code": "2", "title": "Mild"}]}, "2 · Mild"),
        ({"kind": "category", "code": "a"}, CODES, "Apple"),
    ],
)
def test_labels_in_words(label, definition, words):
    assert words_of(label, definition) == words
