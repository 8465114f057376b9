"""Methods side by side on the same units."""

import json

import numpy as np
import pytest

from annotations.labels.base import Geometry
from qc.readings.scale import Scale
from qc.settling.base import QuestionSpec, Read
from qc.settling.beside import LEARNED, NUMBERS, VOTES, methods_for, regions_side_by_side, side_by_side
from qc.settling.measure import Comparable, Material, material_of
from qc.settling.spatial import settle_masks
from tests.factories import box_mask
from tests.qc.consensus import crowd

SCALE = Scale("nominal", ("no", "yes"))


def question(kind, scale="nominal"):
    return QuestionSpec("q", kind, scale, {})


@pytest.mark.parametrize(
    ("kind", "scale", "knows", "n", "expected"),
    [
        ("category", "nominal", True, 3, VOTES + LEARNED),
        ("category", "nominal", False, 4, VOTES),
        ("category", "nominal", True, 2, VOTES),
        ("grade", "ordinal", True, 3, (*VOTES, "ordinal_dawid_skene", "dawid_skene")),
        ("measurement", "ratio", True, 3, NUMBERS),
        ("mask", "none", True, 3, ()),
    ],
)
def test_kind_scale_and_readers_choose(kind, scale, knows, n, expected):
    assert methods_for(question(kind, scale), knows_readers=knows, n_readers=n) == expected


@pytest.fixture(scope="module")
def simulated():
    """Two readers who are nearly always right and three who guess alike, on 300 units whose truth is known."""
    ratings, truth = crowd.simulated(crowd.even([0.97, 0.97, 0.6, 0.6, 0.6], 2), [0.5, 0.5], 300, 2)
    codes = [{f"r{place}": SCALE.codes[code] for place, code in enumerate(row)} for row in ratings.tolist()]
    material = Material(codes=codes, subjects=[str(place) for place in range(300)])
    return material, truth, {one.method: one for one in side_by_side(material, SCALE, VOTES + LEARNED, MAJORITY)}


MAJORITY = {"method": "majority"}


def test_the_protocols_method_comes_first_and_parts_nowhere(simulated):
    _, _, found = simulated
    assert list(found) == ["majority", "plurality", *LEARNED]
    assert (found["majority"].n_same, found["majority"].parted, found["majority"].learned) == (300, (), {})


def test_counts_close(simulated):
    for one in simulated[2].values():
        assert sum(one.outcomes.values()) == one.n_units == one.n_same + len(one.parted) == 300
        json.dumps(one.learned, allow_nan=False)


def test_where_theory_puts_the_model_above_the_vote_it_is_and_says_so(simulated):
    material, truth, found = simulated
    fit = found["dawid_skene"]
    expected = fit.learned["expected"]
    assert expected["model"] > expected["vote"] + 0.02
    soft = {tuple(pattern): label for pattern, label in zip(fit.learned["patterns"], fit.learned["soft"], strict=True)}
    readers = fit.learned["raters"]
    model = [soft[tuple(row[reader] for reader in readers)]["value"] for row in material.codes]
    right = np.mean([answer == SCALE.codes[code] for answer, code in zip(model, truth.tolist(), strict=True)])
    vote = [sum(code == "yes" for code in row.values()) > 2 for row in material.codes]
    voted = np.mean([answer == bool(code) for answer, code in zip(vote, truth.tolist(), strict=True)])
    assert right > voted + 0.02
    # What the fit expects of itself is what comes out, give or take what 300 units can show.
    assert expected["model"] == pytest.approx(right, abs=0.05)
    assert expected["vote"] == pytest.approx(voted, abs=0.05)


def test_equal_readers_gain_nothing_over_the_vote():
    ratings, _ = crowd.simulated(crowd.even([0.8] * 3, 2), [0.5, 0.5], 400, 3)
    codes = [{f"r{place}": SCALE.codes[code] for place, code in enumerate(row)} for row in ratings.tolist()]
    material = Material(codes=codes, subjects=[str(place) for place in range(400)])
    [_, fit] = side_by_side(material, SCALE, ["dawid_skene"], MAJORITY)
    assert fit.learned["expected"]["model"] - fit.learned["expected"]["vote"] < 0.01


def test_a_median_between_two_levels_is_settled_as_the_document_says():
    scale = Scale("ordinal", ("1", "2", "3"))
    material = Material(codes=[{"a": "1", "b": "2"}, {"a": "2", "b": "2"}], subjects=["p", "q"])
    [refers, _] = side_by_side(material, scale, ["majority"], {"method": "median"})
    assert refers.outcomes == {"settled": 1, "tie": 1}
    [lower, vote] = side_by_side(material, scale, ["majority"], {"method": "median", "split": "lower"})
    assert lower.outcomes == {"settled": 2}
    assert vote.parted == (0,)


def test_numbers_part_where_they_differ():
    material = Material(codes=[{"a": "1.0", "b": "2.0", "c": "9.0"}, {"a": "4.0", "b": "4.0"}], subjects=["p", "q"])
    scale = Scale("ratio", ("1.0", "2.0", "4.0", "9.0"))
    found = {one.method: one for one in side_by_side(material, scale, NUMBERS, {"method": "median"})}
    assert found["mean"].parted == (0,)
    assert found["median"].n_same == 2


def test_regions_are_settled_by_the_methods_that_the_document_names():
    masks = [box_mask(0, 2, 2, 8, 2, 8), box_mask(0, 2, 2, 8, 2, 8), box_mask(0, 2, 3, 9, 2, 8)]
    answers = tuple(
        Read(reader, "q", "", {"kind": "mask", **mask}, place, "")
        for place, (reader, mask) in enumerate(zip("abc", masks, strict=True))
    )
    policy = {"method": "majority_mask", "beside": ["shape_average", "staple"]}
    geometry = Geometry(tuple(masks[0]["shape"]), (2.0, 1.0, 1.0))
    details = settle_masks(question("mask", "none"), answers, policy, geometry).details
    assert set(details["beside"]) == {"shape_average", "staple"}
    assert details["beside"]["staple"]["dice"] == pytest.approx(1, abs=0.1)
    units = [Comparable("", details, "p1", ("case-1", 0)), Comparable("", {"pairs": details["pairs"]}, "p2")]
    found = regions_side_by_side(material_of(units))
    assert [one.method for one in found] == ["shape_average", "staple"]
    assert all(one.n_units == 1 for one in found)
