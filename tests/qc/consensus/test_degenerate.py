"""Reads from which little or nothing can be learned: every method gives a documented outcome or a domain error."""

import json

import pytest

from qc.asking import settle
from qc.asking.base import AskError
from qc.consensus.base import DEGENERATE, INSUFFICIENT, NO_MAJORITY, SETTLED, TIE
from qc.registry import METHODS

UNITS = [f"unit {number}" for number in range(6)]
OUTCOMES = {SETTLED, TIE, NO_MAJORITY, INSUFFICIENT, DEGENERATE}
SHAPE = [2, 10, 10]


def rows(answer, readers="abc"):
    return [
        {"unit": unit, "reader": reader, "answer": answer(place, reader)}
        for place, unit in enumerate(UNITS)
        for reader in readers
    ]


def square(low, high):
    ring = [[low, low], [high, low], [high, high], [low, high]]
    return {"kind": "polygon", "rule": "pixel_centre", "rings": [{"slice": 0, "hole": False, "points": ring}]}


EMPTY = {"kind": "mask", "shape": SHAPE, "coco_rle": {"size": SHAPE[1:], "counts": [100]}, "slice": 0}
ALL = square(0, 9)
# For each kind of reads: what nobody marks, what everybody marks, and another answer.
ANSWERS = {
    "codes": ("no", "yes", "yes"),
    "numbers": (0.0, 5.0, 9.0),
    "sets": ([], ["x", "y"], ["x"]),
    "rankings": ([["x", "y", "z"]], [["x"], ["y"], ["z"]], [["z"], ["y"], ["x"]]),
    "intervals": ([], [[0.0, 10.0]], [[20.0, 30.0]]),
    "box": ([0, 0, 1, 1], [0, 0, 10, 10], [20, 20, 30, 30]),
    "boxes": ([], [[0, 0, 10, 10]], [[20, 20, 30, 30]]),
    "points": ([0.0, 0.0, 0.0], [5.0, 5.0, 5.0], [9.0, 1.0, 1.0]),
    "masks": (EMPTY, ALL, square(2, 5)),
}
FACTS = {
    "codes": {"scale": {"kind": "nominal", "codes": ["no", "yes"]}},
    "sets": {"labels": ["x", "y"]},
    "rankings": {"choices": ["x", "y", "z"]},
    "masks": {"shape": SHAPE, "spacing_mm": [2.0, 1.0, 1.0]},
}
SCENARIOS = {
    "all readers mark nothing": lambda none, one, other: rows(lambda place, reader: none),
    "one reader": lambda none, one, other: rows(lambda place, reader: one, "a"),
    "unanimous": lambda none, one, other: rows(lambda place, reader: one),
    "two readers who always differ": lambda none, one, other: rows(
        lambda place, reader: none if reader == "a" else one, "ab"
    ),
    "a reader who marks everything": lambda none, one, other: rows(
        lambda place, reader: one if reader == "a" else (none, other)[place % 2]
    ),
    "a tie in every unit": lambda none, one, other: rows(
        lambda place, reader: none if reader in "ab" else other, "abcd"
    ),
}
NEEDED = {
    "n_of_m": {"positive": "yes", "negative": "no", "panel": 4, "quorum": [3, 1]},
    "weighted_majority": {"accuracies": dict.fromkeys("abcd", 0.8), "n_codes": 2},
}
OFFERED = [name for name, method in METHODS.items() if method.takes in settle.FACTS]


def settled(name, scenario):
    takes = METHODS[name].takes
    facts = dict(FACTS.get(takes, {}))
    if name == "ordinal_dawid_skene":
        facts["scale"] = {**facts["scale"], "kind": "ordinal"}
    body = {**facts, "reads": SCENARIOS[scenario](*ANSWERS[takes]), "options": NEEDED.get(name, {})}
    return settle.consensus(name, body)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("name", OFFERED)
def test_every_method_has_an_answer_or_a_domain_error(name, scenario):
    try:
        found = settled(name, scenario)
    except AskError as refusal:
        assert refusal.message
        return
    # No NaN anywhere: JSON would not take it.
    json.dumps(found, allow_nan=False)
    if METHODS[name].scope == "project":
        learned = found["learned"]
        assert learned.get("undefined") or learned["converged"] in (True, False)
        return
    for unit in found["units"]:
        assert unit["outcome"] in OUTCOMES
        assert (unit["value"] is not None) == (unit["outcome"] == SETTLED)


VOTES = ["majority", "plurality", "weighted_majority"]


@pytest.mark.parametrize("name", VOTES)
def test_a_tie_is_never_a_pick(name):
    for unit in settled(name, "a tie in every unit")["units"]:
        assert (unit["outcome"], unit["value"]) == (TIE, None)


@pytest.mark.parametrize("name", [name for name in OFFERED if METHODS[name].scope == "case"])
def test_unanimous_readers_are_believed(name):
    takes = METHODS[name].takes
    for unit in settled(name, "unanimous")["units"]:
        if unit["outcome"] != SETTLED:
            # A method for more readers than three says so.
            assert unit["outcome"] in (INSUFFICIENT, NO_MAJORITY)
            assert name in ("simple", "n_of_m")
        elif takes in ("codes", "numbers"):
            assert unit["value"] == ANSWERS[takes][1]


def test_models_of_readers_say_when_nothing_can_be_learned_of_them():
    for name in ("dawid_skene", "one_coin", "glad", "mace"):
        learned = settled(name, "two readers who always differ")["learned"]
        assert learned["undefined"] or learned["flags"], name
