import pytest

from qc.readings.masks import PairCount
from qc.settling.measure import Comparable, Material, material_of
from qc.settling.subgroups import labelled, sizes_of, subgroups, unit_agreement


def units(rows):
    """Each row: what two readers said, the patient, and the attributes of the case."""
    return material_of(
        Comparable("", {"codes": dict(zip("ab", said, strict=True))}, subject, (f"case-{place}", 0), None, strata)
        for place, (said, subject, strata) in enumerate(rows)
    )


AGREE, PART = ("yes", "yes"), ("yes", "no")


def test_a_site_that_agrees_less_stands_out_and_p_is_adjusted():
    rows = [(AGREE, f"n{place}", {"site": "north"}) for place in range(30)]
    rows += [(AGREE if place % 2 else PART, f"s{place}", {"site": "south"}) for place in range(30)]
    rows += [(AGREE, f"w{place}", {"site": "west"}) for place in range(30)]
    found = {one.group: one for one in subgroups(units(rows), {})}
    assert set(found) == {"north", "south", "west"}
    south = found["south"]
    assert (south.attribute, south.n_units, south.mean) == ("site", 30, 0.5)
    assert south.gap.value == pytest.approx(-0.5)
    assert south.gap.high < 0
    assert south.test.p < south.test.details["p_holm"] < 0.05
    assert sum(one.n_units for one in found.values()) == 90


def test_groups_of_few_patients_are_not_compared():
    rows = [(AGREE, f"p{place}", {"sex": "F" if place < 4 else "M"}) for place in range(40)]
    [one] = subgroups(units(rows), {})
    assert (one.gap.value, one.gap.undefined, one.test.p) == (None, "too_few_patients", None)


def test_ten_lesions_of_one_patient_are_one_patient():
    rows = [(PART, "one", {"sex": "F"}) for _ in range(30)] + [
        (AGREE, f"m{place}", {"sex": "M"}) for place in range(30)
    ]
    [one] = subgroups(units(rows), {})
    assert one.gap.undefined == "too_few_patients"


def test_names_and_single_groups_are_no_groups():
    rows = [(AGREE, f"p{place}", {"key": f"name {place}", "site": "north"}) for place in range(30)]
    assert list(subgroups(units(rows), {})) == []


@pytest.mark.parametrize(
    ("strata", "size", "expected"),
    [
        ({"age": "17"}, None, {"age": "below 18"}),
        ({"age": "90+"}, None, {"age": "65 and more"}),
        ({"age": 40}, None, {"age": "40 to 64"}),
        ({"age": "old", "kvp": 120.0, "uids": {}, "sex": ""}, None, {}),
        ({"site": "A"}, "8 to 15 mm", {"site": "A", "size": "8 to 15 mm"}),
    ],
)
def test_ages_and_sizes_are_banded_and_words_stay(strata, size, expected):
    assert labelled(strata, size) == expected


def test_sizes_are_balls_of_the_same_volume_in_mm():
    # 113 voxels of 1 mm³ are a ball of 6 mm; half as large voxels make it smaller.
    pairs = [PairCount("a", "b", 113, 115, 100)]
    material = Material(pairs=[pairs, pairs, [], pairs], names=[("c", 1), ("c", 2), ("c", 3), ("c", 4)])
    material.voxel_mm3 += [1.0, 0.5, 1.0, None]
    assert sizes_of(material) == {("c", 1): "6 to 8 mm", ("c", 2): "below 6 mm"}


def test_the_agreement_of_a_unit():
    assert unit_agreement({"a": "x", "b": "x", "c": "y"}, []) == pytest.approx(1 / 3)
    assert unit_agreement({"a": "x"}, []) is None
    assert unit_agreement({}, [PairCount("a", "b", 10, 10, 5), PairCount("a", "c", 0, 0, 0)]) == 0.5
