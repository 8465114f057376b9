import pytest

from qc.registry import STATISTICS
from qc.settling.base import QuestionSpec
from qc.settling.measure import ALL, COMPLETE, Comparable, material_of, measure

CODES = QuestionSpec("q", "category", "nominal", {"codes": [{"code": "a"}, {"code": "b"}]})
OUTLINES = QuestionSpec("o", "polygon", "none", {"rule": "outline_excluded"})
SIZES = QuestionSpec("s", "measurement", "ratio", {"unit": "mm"})


def codes(subject, **by_reader):
    return Comparable("", {"codes": by_reader}, subject)


UNITS = [
    codes("p1", ada="a", ben="a", cyd="a"),
    codes("p2", ada="a", ben="b", cyd="b"),
    codes("p3", ada="b", ben="b"),
    codes("p3", ada="b", ben="a", cyd="b"),
    codes("p4", ada="b"),
    Comparable("split_merge", {}, "p5"),
]


def measured(question, units, **options):
    found = measure(question, material_of(units), **{"n_seats": 3, "knows_readers": True, **options})
    return {(one.statistic, one.population, one.pair): one.estimate for one in found}


def test_what_cannot_be_compared_is_counted():
    assert material_of(UNITS).facts() == {"n_units": 4, "n_single": 1, "n_split": 1}


def test_the_complete_population_holds_the_units_that_all_seats_answered():
    found = measured(CODES, UNITS)
    assert found["percent", ALL, ()].n_units == 4
    assert found["percent", COMPLETE, ()].n_units == 3
    # Pairs that agree: 3 of 3, 1 of 3, 1 of 1, 1 of 3; the mean over units.
    assert found["percent", ALL, ()].value == pytest.approx((1 + 1 / 3 + 1 + 1 / 3) / 4)


def test_pairs_are_measured_only_of_readers_who_are_known():
    known = {key for key in measured(CODES, UNITS) if key[2]}
    assert {key[2] for key in known} == {("ada", "ben"), ("ada", "cyd"), ("ben", "cyd")}
    assert {key[1] for key in known} == {ALL}
    assert not any(key[2] for key in measured(CODES, UNITS, knows_readers=False))


def test_a_region_is_measured_by_its_pairs():
    pairs = [["ada", "ben", 10, 10, 5], ["ada", "cyd", 10, 20, 10], ["ben", "cyd", 10, 20, 5]]
    units = [Comparable("", {"pairs": pairs}, "p1"), Comparable("", {"pairs": pairs[:1]}, "p2")]
    found = measured(OUTLINES, units)
    assert found["dice", ALL, ()].value == pytest.approx(((0.5 + 2 / 3 + 1 / 3) / 3 + 0.5) / 2)
    assert found["dice", COMPLETE, ()].n_units == 1
    assert not {key[0] for key in found} - {name for name in STATISTICS if "none" in STATISTICS[name].scales}


def test_numbers_are_measured_on_the_scale_of_the_values_that_occur():
    units = [
        Comparable("", {"numbers": {"ada": 10.0, "ben": 9.5}}, "p1"),
        Comparable("", {"numbers": {"ada": 2.0, "ben": 2.0}}, "p2"),
    ]
    assert ("krippendorff_alpha", ALL, ()) in measured(SIZES, units, n_seats=2)


def test_nothing_to_compare_is_no_estimate():
    assert measured(CODES, UNITS[4:]) == {}


def test_the_order_of_units_changes_nothing():
    assert measured(CODES, UNITS) == measured(CODES, UNITS[::-1])
