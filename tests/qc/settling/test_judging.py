"""What the units of a question say about each reader."""

import pytest

from qc.readings.masks import PairCount
from qc.settling.base import QuestionSpec
from qc.settling.judging import ADJUDICATED, OTHERS, judge, pace
from qc.settling.measure import Comparable, Material, material_of
from tests.factories import EFFUSION, GRADE


def spec(question):
    if isinstance(question, QuestionSpec):
        return question
    return QuestionSpec(question.code, question.kind, question.scale, question.definition)


def material(rows, decided=None):
    """Each row is what ada, ben and cy said of one case."""
    return material_of(
        Comparable(
            "",
            {"codes": {name: code for name, code in zip(("ada", "ben", "cy"), row, strict=True) if code}},
            f"p{place}",
            (f"case-{place:02}", 0),
            (decided or {}).get(place),
        )
        for place, row in enumerate(rows)
    )


def found(question, given, order=None):
    return {
        (one.reader, one.statistic, one.part, one.against): one.result
        for one in judge(spec(question), given, order or {})
    }


YES, NO = ("yes",) * 3, ("no",) * 3
ROWS = [YES] * 8 + [NO] * 10 + [("no", "yes", "yes")] * 4 + [("yes", "no", "yes")]


def test_a_reader_is_judged_by_the_strict_majority_of_the_others():
    right = found(EFFUSION, material(ROWS))["ada", "accuracy", "accuracy", OTHERS]
    # 18 equal, 4 missed; in the last case the two others part and nobody can say who is right.
    assert (right.n_units, right.n_dropped) == (22, 1)
    assert right.value == pytest.approx(18 / 22)
    assert right.low < right.value < right.high
    missed = found(EFFUSION, material(ROWS))["ada", "accuracy", "sensitivity:yes", OTHERS]
    assert missed.value == pytest.approx(8 / 12)


def test_flipping_a_readers_votes_moves_nobody_elses_truth_for_him():
    flipped = [({"yes": "no", "no": "yes"}[row[0]], *row[1:]) for row in ROWS]
    before, after = found(EFFUSION, material(ROWS)), found(EFFUSION, material(flipped))
    key = ("ada", "accuracy", "accuracy", OTHERS)
    assert before[key].n_units == after[key].n_units
    assert after[key].value == pytest.approx(1 - before[key].value)


def test_two_readers_judge_nobody():
    given = material([("yes", "no", "")] * 6)
    right = found(EFFUSION, given)["ada", "accuracy", "accuracy", OTHERS]
    assert (right.value, right.undefined, right.n_dropped) == (None, "too_few_items", 6)


def test_what_physicians_signed_is_a_truth_of_its_own():
    given = material(ROWS, {18: "no", 19: "no", 22: "yes"})
    right = found(EFFUSION, given)["ada", "accuracy", "accuracy", ADJUDICATED]
    assert (right.n_units, right.value) == (3, 1.0)
    assert not any(key[3] == ADJUDICATED for key in found(EFFUSION, material(ROWS)))


def test_grades_have_a_bias_with_a_sign():
    rows = [("3", "2", "2")] * 10 + [("2", "2", "2")] * 10
    bias = found(GRADE, material(rows))["ada", "grade_bias", "mean", OTHERS]
    assert bias.value == pytest.approx(0.5)


def test_errors_are_charted_in_the_order_of_reading_and_only_then():
    rows = [YES] * 20 + [("no", "yes", "yes")] * 20
    cases = [f"case-{place:02}" for place in range(40)]
    assert not any(key[1] == "error_cusum" for key in found(EFFUSION, material(rows)))
    chart = found(EFFUSION, material(rows), {"ada": cases})["ada", "error_cusum", "", OTHERS]
    assert chart.n_units == 40
    assert min(chart.signals) >= 20
    turned = found(EFFUSION, material(rows), {"ada": cases[::-1]})["ada", "error_cusum", "", OTHERS]
    assert min(turned.signals) < 20


def test_regions_are_judged_by_overlap_and_size():
    pairs = [
        PairCount("ada", "ben", 150, 100, 90),
        PairCount("ada", "cy", 150, 110, 95),
        PairCount("ben", "cy", 100, 110, 98),
    ]
    given = Material(pairs=[pairs] * 6, codes=[{}] * 6, subjects=[f"p{place}" for place in range(6)])
    said = found(QuestionSpec("lesion", "mask", "none", {}), given)
    assert said["ada", "dice", "", OTHERS].value == pytest.approx((2 * 90 / 250 + 2 * 95 / 260) / 2)
    assert said["ada", "volume_bias", "relative_difference", OTHERS].value > 0.3


def test_nothing_is_said_of_nothing():
    assert found(EFFUSION, Material()) == {}
    assert list(pace("ada", [10.0] * 5)) == []
    [chart] = pace("ada", [30.0 + place % 5 for place in range(25)] + [2.0])
    assert 25 in chart.result.signals


def test_readers_are_compared_in_how_often_they_use_each_answer():
    rows = [{"r": "yes", "s": "yes", "t": "no"}] * 12 + [{"r": "no", "s": "no", "t": "no"}] * 12
    material = material_of(Comparable("", {"codes": row}, f"p{number}") for number, row in enumerate(rows))
    question = QuestionSpec("q", "category", "nominal", {"codes": [{"code": "yes"}, {"code": "no"}]})
    found = {(one.reader, one.part): one.result for one in judge(question, material, {}) if one.statistic == "mcnemar"}
    assert set(found) == {(a, f"beside:{b}") for a in "rst" for b in "rst" if a != b}
    alike, apart = found["r", "beside:s"], found["r", "beside:t"]
    assert alike.p == 1.0
    # Twelve discordant units of one sort: 2 / 2^12, and Holm over three tests.
    assert apart.details["p_unadjusted"] == pytest.approx(2 / 2**12)
    assert apart.p == pytest.approx(3 * 2 / 2**12)
    assert apart.details["n_tests"] == 3
    assert found["t", "beside:r"] == apart
