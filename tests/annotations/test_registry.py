import json
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from annotations.importers.base import Importer
from annotations.labels import _runs
from annotations.labels.base import Geometry, Kind, Label, LabelError, canonical, digest
from annotations.registry import IMPORTERS, INSTEAD, KINDS, Catalogue, parse_label

GRID = Geometry((2, 12, 12), (2.0, 1.0, 1.0))
DEFINITIONS: dict[str, Mapping[str, object]] = {
    "category": {"codes": [{"code": "a", "title": "A"}, {"code": "b", "title": "B"}], "many": True},
    "grade": {"levels": [{"code": str(level)} for level in range(1, 6)], "many": True},
    "measurement": {"unit": "mm", "minimum": -100, "maximum": 1e300, "many": True},
    "multilabel": {"codes": [{"code": "a"}, {"code": "b"}]},
    "mask": {"many": True},
    "polygon": {"rule": "outline_excluded", "many": True},
    "box": {"many": True},
    "landmarks": {"points": [{"code": "a"}, {"code": "b"}]},
    "interval": {"duration_s": 30},
    "ranking": {"codes": [{"code": "a"}, {"code": "b"}]},
}
PLACES = st.tuples(st.floats(0, 2), st.floats(0, 12), st.floats(0, 12)).map(list)
POINTS = st.lists(st.tuples(st.floats(-0.5, 11), st.floats(-0.5, 11)).map(list), min_size=1, max_size=5)
RINGS = st.fixed_dictionaries({"slice": st.integers(0, 1), "hole": st.just(False), "points": POINTS})
VALUES = {
    "category": st.fixed_dictionaries({"code": st.sampled_from(["a", "b"])}),
    "grade": st.fixed_dictionaries({"level": st.integers(1, 5) | st.integers(1, 5).map(str)}),
    "measurement": st.fixed_dictionaries({"number": st.floats(-100, 1e300) | st.integers(0, 9), "unit": st.just("mm")}),
    "mask": hnp.arrays(bool, GRID.shape).map(lambda mask: {"shape": list(GRID.shape), "runs": _runs.encode(mask)}),
    "polygon": st.fixed_dictionaries({"rings": st.lists(RINGS, min_size=1, max_size=3)}),
    "multilabel": st.fixed_dictionaries({"codes": st.sets(st.sampled_from(["a", "b"])).map(list)}),
    "box": st.fixed_dictionaries(
        {
            "low": st.tuples(st.floats(0, 1), st.floats(0, 6), st.floats(0, 6)).map(list),
            "high": st.tuples(st.floats(1.5, 2), st.floats(6.5, 12), st.floats(6.5, 12)).map(list),
        }
    ),
    "landmarks": st.fixed_dictionaries(
        {"points": st.fixed_dictionaries({"a": st.none() | PLACES, "b": st.none() | PLACES})}
    ),
    "interval": st.fixed_dictionaries(
        {"spans": st.lists(st.integers(0, 29), unique=True, max_size=9).map(lambda at: [[n, n + 0.5] for n in at])}
    ),
    "ranking": st.fixed_dictionaries({"order": st.sampled_from([[["a"], ["b"]], [["b"], ["a"]], [["b", "a"]]])}),
}
REASONS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30)
ANYWHERE = {
    "nothing_found": st.just({}),
    "cannot_assess": REASONS.filter(str.strip).map(lambda reason: {"reason": reason}),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
NAMES = [
    "code",
    "level",
    "number",
    "unit",
    "shape",
    "runs",
    "coco_rle",
    "slice",
    "rule",
    "rings",
    "reason",
    "codes",
    "low",
    "high",
    "points",
    "spans",
    "order",
]


def parse(value: object, kind: str) -> Label:
    return parse_label(value, kind, DEFINITIONS[kind], GRID)  # type: ignore[arg-type]


def test_every_entry_is_a_specification():
    assert all(isinstance(spec, Kind) for spec in KINDS.values())
    assert all(isinstance(spec, Importer) for spec in IMPORTERS.values())
    assert set(DEFINITIONS) | set(INSTEAD) == set(KINDS)


def test_catalogue_is_a_mapping_of_listed_names_only():
    catalogue = Catalogue("annotations.labels", ["grade", "category"])
    assert list(catalogue) == ["grade", "category"]
    assert len(catalogue) == 2
    assert catalogue["grade"] is KINDS["grade"]
    assert "mask" not in catalogue
    for name in ("mask", "base", "../grade", ""):
        with pytest.raises(KeyError):
            catalogue[name]


def test_an_entry_loads_on_first_use():
    catalogue: Catalogue[Kind] = Catalogue("annotations.labels", ["grade", "not_written_yet"])
    assert catalogue["grade"].title == "Grade"
    with pytest.raises(ModuleNotFoundError):
        catalogue["not_written_yet"]


@pytest.mark.parametrize("kind", sorted(DEFINITIONS))
@settings(max_examples=50)
@given(data=st.data())
def test_dump_and_parse_are_inverse_and_the_digest_is_stable(kind, data):
    instead = INSTEAD if DEFINITIONS[kind].get("many") else ("cannot_assess",)
    other = data.draw(st.sampled_from([kind, *instead]))
    value = {"kind": other, **data.draw({**VALUES, **ANYWHERE}[other])}
    label = parse(value, kind)
    again = parse(label.dump(), kind)
    assert again == label
    assert hash(again) == hash(label)
    assert canonical(again.dump()) == canonical(label.dump())
    assert digest(parse(json.loads(json.dumps(label.dump())), kind)) == digest(label)


@pytest.mark.parametrize("kind", sorted(DEFINITIONS))
@settings(max_examples=50)
@given(data=st.data())
def test_anything_else_is_a_refusal_that_can_be_stored(kind, data):
    members = data.draw(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), JSON, max_size=4))
    value = data.draw(
        st.sampled_from([members, {**members, "kind": kind}, {**members, "kind": "cannot_assess"}]) | JSON
    )
    try:
        label = parse(value, kind)
    except LabelError as refusal:
        for text in (refusal.code, refusal.pointer, refusal.message):
            text.encode()
        assert refusal.message.endswith(".")
        assert not refusal.pointer or refusal.pointer.startswith("/")
    else:
        assert digest(label)


@pytest.mark.parametrize("kind", sorted(DEFINITIONS))
@settings(max_examples=50)
@given(data=st.data())
def test_one_wrong_member_is_a_refusal_or_a_label(kind, data):
    value = {"kind": kind, **data.draw(VALUES[kind])}
    value[data.draw(st.sampled_from(sorted(value)))] = data.draw(JSON)
    try:
        digest(parse(value, kind))
    except LabelError as refusal:
        refusal.pointer.encode()


@pytest.mark.parametrize("value", [None, [], "category", 3, {}, {"kind": None}, {"kind": ["category"]}, {"kind": {}}])
def test_what_has_no_kind(value):
    with pytest.raises(LabelError) as refusal:
        parse(value, "category")
    assert refusal.value.code in ("not-an-object", "wrong-kind")


def test_another_kind_is_refused_although_it_exists():
    with pytest.raises(LabelError, match="takes the kind 'category'") as refusal:
        parse({"kind": "grade", "level": "1"}, "category")
    assert (refusal.value.code, refusal.value.pointer) == ("wrong-kind", "/kind")


def test_the_grid_of_the_image_reaches_the_kind():
    runs = _runs.encode(np.zeros((1, 2, 2), dtype=bool))
    with pytest.raises(LabelError) as refusal:
        parse({"kind": "mask", "shape": [1, 2, 2], "runs": runs}, "mask")
    assert refusal.value.code == "shape-mismatch"
