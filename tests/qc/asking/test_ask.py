import json
import math

import pytest

from qc.asking import ask, settle
from qc.asking.base import AskError
from qc.registry import METHODS, READER_STATISTICS, STATISTICS
from tests.qc.asking import bodies

ENTRIES = [(family, name) for family, entries in ask.catalogue().items() for name in entries]


def asked_name(family, name):
    return name if ask.entry_of(name)[0] == family else f"{family}.{name}"


@pytest.mark.parametrize(("family", "name"), ENTRIES)
def test_every_statistic_of_the_catalogues_can_be_asked(family, name):
    entry = ask.catalogue()[family][name]
    readers = ("a", "b", "c") if getattr(entry, "min_raters", 2) > 2 or name == "leave_one_out" else ("a", "b")
    body = bodies.body_for(entry.accepts, entry.scales, readers)
    if name == "speed":
        body = bodies.series(lambda place: 30.0 + place % 7)
    if name == "boundary_iou":
        body = bodies.regions(n_slices=1)
    if "replicates" in ask.described(family, name, entry)["options"]:
        body["options"] = bodies.FAST
    answer = ask.statistic(asked_name(family, name), body)
    json.dumps(answer, allow_nan=False)
    assert answer["family"] == family
    assert answer["parts"]
    defined = [part for part in answer["parts"] if not part.get("undefined")]
    assert defined, answer
    for part in defined:
        assert part["n_units"] > 0
        assert part["method"]


def test_the_families_hold_every_entry_once():
    assert [name for _, name in ENTRIES] == [*STATISTICS.names, *READER_STATISTICS.names]


FEINSTEIN = [("yes", "yes")] * 40 + [("yes", "no")] * 9 + [("no", "yes")] * 6 + [("no", "no")] * 45


def two_by_two(cells, **options):
    rows = [
        {"unit": f"{place}", "reader": reader, "answer": answer}
        for place, pair in enumerate(cells)
        for reader, answer in zip("ab", pair, strict=True)
    ]
    return {"scale": {"kind": "nominal", "codes": ["yes", "no"]}, "reads": rows, "options": options}


def test_published_kappa_comes_out():
    """Feinstein AR, Cicchetti DV. J Clin Epidemiol 43:543-549, 1990. doi:10.1016/0895-4356(90)90158-L, table 1."""
    [part] = ask.statistic("cohen_kappa", two_by_two(FEINSTEIN, replicates=50))["parts"]
    assert round(part["value"], 2) == 0.70
    assert part["n_units"] == 100
    assert part["warnings"] == ["clustering_unknown"]


def test_what_is_undefined_is_an_answer():
    [part] = ask.statistic("cohen_kappa", two_by_two([("yes", "yes")] * 5))["parts"]
    assert (part["value"], part["undefined"]) == (None, "undefined_single_category")


OFFERED = [name for name, method in METHODS.items() if method.takes in settle.FACTS]
NEEDED = {
    "n_of_m": {"positive": "1", "negative": "2", "panel": 3, "quorum": [2, 1]},
    "weighted_majority": {"accuracies": {"a": 0.9, "b": 0.8, "c": 0.7}, "n_codes": 2},
}


def method_body(name, method):
    readers = ("a", "b", "c")
    if name == "ordinal_dawid_skene":
        return bodies.codes(readers, kind="ordinal", n_codes=3)
    made = {
        "codes": lambda: bodies.codes(readers),
        "numbers": lambda: {"reads": bodies.numbers(readers)["reads"]},
        "masks": bodies.regions,
        "boxes": bodies.boxes,
        "sets": lambda: bodies.body_for(bodies.SetTable),
        "rankings": lambda: bodies.body_for(bodies.Rankings),
        "intervals": lambda: bodies.body_for(bodies.TimelineTable),
        "box": lambda: {
            "reads": [bodies.read(u, r, [1.0, 2.0, 5.0, float(ord(r))]) for u in bodies.UNITS for r in readers]
        },
        "points": lambda: {
            "reads": [bodies.read(u, r, [1.0, 2.0, float(ord(r))]) for u in bodies.UNITS for r in readers]
        },
    }
    return made[method.takes]()


@pytest.mark.parametrize("name", OFFERED)
def test_every_method_but_those_of_label_maps_can_be_asked(name):
    method = METHODS[name]
    answer = settle.consensus(name, {**method_body(name, method), "options": NEEDED.get(name, {})})
    json.dumps(answer, allow_nan=False)
    if method.scope == "project":
        assert answer["learned"]
    else:
        assert [unit["unit"] for unit in answer["units"]] == bodies.UNITS
        assert {unit["outcome"] for unit in answer["units"]} <= {"settled", "tie", "no_majority", "insufficient"}


def test_only_label_maps_are_not_offered():
    assert sorted(set(METHODS.names) - set(OFFERED)) == ["multilabel_staple", "multilabel_vote"]
    with pytest.raises(AskError, match="label_maps"):
        settle.consensus("multilabel_vote", {"reads": []})


def test_a_tie_has_no_value():
    body = two_by_two([("yes", "no"), ("yes", "yes")])
    first, second = settle.consensus("majority", {**body, "options": {}})["units"]
    assert (first["outcome"], first["value"]) == ("tie", None)
    assert (second["outcome"], second["value"]) == ("settled", "yes")


def test_the_consensus_of_regions_is_a_label_of_the_whole_grid():
    unit = settle.consensus("majority_mask", bodies.regions())["units"][0]
    assert unit["value"]["kind"] == "mask"
    assert unit["value"]["shape"] == [4, 12, 12]


FAULTS = [
    ({}, "#/reads", "required"),
    ({"reads": []}, "#/reads", "required"),
    ({"reads": [1]}, "#/reads/0", "not-an-object"),
    ({"reads": [{"unit": "1", "reader": "a"}]}, "#/reads/0/answer", "required"),
    ({"reads": [{"unit": "", "reader": "a", "answer": "yes"}]}, "#/reads/0/unit", "bad-name"),
    ({"colour": 1}, "#/colour", "unknown-member"),
    ({"reads": [{"unit": "1", "reader": "a", "answer": "yes", "x": 1}]}, "#/reads/0/x", "unknown-member"),
    ({"reads": [{"unit": "1", "reader": "a", "answer": "yes"}] * 2}, "#/reads/1", "read-twice"),
    ({"reads": [{"unit": "1", "reader": "a", "answer": "maybe"}]}, "#/reads/0/answer", "unknown-code"),
    ({"reads": [{"unit": "1", "reader": "a", "answer": "yes"}]}, "#/reads", "wrong-readers"),
    ({"scale": 3}, "#/scale", "not-a-scale"),
    ({"scale": {"kind": "ordinal", "codes": ["yes", "no"]}}, "#/scale/kind", "wrong-scale"),
    ({"scale": {"kind": "odd", "codes": ["yes", "no"]}}, "#/reads", "unknown-scale"),
    ({"options": {"level": 2}}, "#/options/level", "out-of-range"),
    ({"options": {"level": "high"}}, "#/options/level", "wrong-type"),
    ({"options": {"replicates": 10**9}}, "#/options/replicates", "out-of-range"),
    ({"options": {"replicates": True}}, "#/options/replicates", "wrong-type"),
    ({"options": {"interval": "guess"}}, "#/options", "bad-option"),
    ({"options": {"magic": 1}}, "#/options/magic", "unknown-option"),
    ({"options": []}, "#/options", "not-an-object"),
]


@pytest.mark.parametrize(("change", "pointer", "code"), FAULTS)
def test_what_is_wrong_is_named(change, pointer, code):
    body = two_by_two(FEINSTEIN[:20])
    body = {**body, **change} if change else {"scale": body["scale"]}
    with pytest.raises(AskError) as caught:
        ask.statistic("cohen_kappa", body)
    assert (caught.value.pointer, caught.value.code) == (pointer, code)


@pytest.mark.parametrize("answer", [math.inf, math.nan, "3", True, None, 10**400], ids=lambda value: str(value)[:5])
def test_a_measurement_is_a_finite_number(answer):
    body = bodies.numbers()
    body["reads"][3]["answer"] = answer
    with pytest.raises(AskError) as caught:
        ask.statistic("lin_ccc", body)
    assert caught.value.pointer == "#/reads/3/answer"


def test_a_patient_is_known_for_all_units_or_for_none():
    body = bodies.codes()
    del body["reads"][0]["patient"]
    with pytest.raises(AskError, match="for all units or for none"):
        ask.statistic("percent", body)


def test_regions_too_large_to_compare_in_passing_are_refused():
    body = bodies.regions()
    ring = [[1, 1], [60_000, 1], [60_000, 60_000]]
    huge = {"kind": "polygon", "rule": "pixel_centre", "rings": [{"slice": 1, "hole": False, "points": ring}]}
    body.update(shape=[4, 65_000, 65_000], reads=[{"unit": "1", "reader": one, "answer": huge} for one in "ab"])
    with pytest.raises(AskError) as caught:
        ask.statistic("dice", body)
    assert caught.value.code == "too-large"
