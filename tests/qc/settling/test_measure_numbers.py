"""Which statistics a question of each kind gets, with and without known readers; parts are named behind a colon."""

import pytest

from qc.agreement.base import parted
from qc.registry import STATISTICS
from qc.settling.base import QuestionSpec
from qc.settling.measure import ALL, COMPLETE, Comparable, material_of, measure

SIZES = [(10.0, 11.0, 10.5), (20.0, 22.0, 21.0), (31.0, 33.0, 30.0), (5.0, 6.0, 5.5), (12.0, 12.5, None)]
SIZE = QuestionSpec("size", "measurement", "ratio", {"unit": "mm"})
LOOK = QuestionSpec("look", "category", "nominal", {"codes": [{"code": "no"}, {"code": "yes"}]})


def numbers():
    rows = [{name: x for name, x in zip("abc", row, strict=True) if x is not None} for row in SIZES]
    return material_of([Comparable("", {"numbers": row}, f"p{place}") for place, row in enumerate(rows)])


def codes(width):
    rows = [dict(zip("abc"[:width], row, strict=False)) for row in (["no"] * 3, ["yes"] * 3, ["no", "yes", "yes"])]
    return material_of([Comparable("", {"codes": row}, f"p{place}") for place, row in enumerate(rows * 4)])


def found(question, material, n_seats=3, *, knows_readers):
    return list(measure(question, material, n_seats=n_seats, knows_readers=knows_readers))


def names(measured, population=ALL):
    return {one.statistic for one in measured if one.population == population}


@pytest.mark.parametrize("knows_readers", [True, False])
def test_measurements_are_compared_as_numbers(knows_readers):
    measured = found(SIZE, numbers(), knows_readers=knows_readers)
    assert {"icc_oneway:single", "icc_oneway:mean", "repeatability:within_sd", "within_cv"} <= names(measured)
    assert "krippendorff_alpha" in names(measured)
    fixed = {"icc_agreement:single", "icc_consistency:mean", "lin_ccc", "bland_altman:upper_limit"}
    assert fixed <= names(measured) if knows_readers else not fixed & names(measured)


def test_known_pairs_have_limits_in_their_unit():
    measured = found(SIZE, numbers(), knows_readers=True)
    biases = {one.pair: one.estimate for one in measured if one.statistic == "bland_altman:bias"}
    assert biases.keys() == {("a", "b"), ("a", "c"), ("b", "c")}
    assert biases["a", "b"].unit == "mm"
    assert biases["a", "b"].value == pytest.approx(-1.3)


def test_the_complete_population_leaves_out_units_with_a_missing_reading():
    measured = found(SIZE, numbers(), knows_readers=True)
    units = {one.population: one.estimate.n_units for one in measured if one.statistic == "icc_agreement:single"}
    assert units == {ALL: 5, COMPLETE: 4}


def test_answers_have_a_part_for_each_code():
    measured = found(LOOK, codes(3), knows_readers=False)
    assert {"specific_agreement:no", "specific_agreement:yes", "prevalence:yes", "category_kappa:no"} <= names(measured)
    assert not {"cohen_kappa", "conger_kappa", "light_kappa", "two_by_two:bias_index"} & names(measured)


def test_known_readers_keep_their_habits():
    two, three = (found(LOOK, codes(width), width, knows_readers=True) for width in (2, 3))
    assert {"cohen_kappa", "conger_kappa", "two_by_two:kappa_max"} <= names(two)
    assert {one.pair for one in two} == {()}
    assert {one.pair for one in three if one.statistic == "cohen_kappa"} == {("a", "b"), ("a", "c"), ("b", "c")}


def test_every_name_leads_back_to_the_catalogue():
    for question, material in ((SIZE, numbers()), (LOOK, codes(3))):
        for one in found(question, material, knows_readers=True):
            statistic, part = parted(one.statistic)
            assert bool(part) == STATISTICS[statistic].parts
