"""Published sample sizes, and what plans answer at their edges."""

import json
import math

import numpy as np
import pytest
from scipy import stats

from qc.planning._kappa import cells_of, unit_variance
from qc.planning.base import IMPOSSIBLE, OUT_OF_REACH, Parameter, PlanError, whole
from qc.planning.clean_controls import upper_bound
from qc.planning.icc_power import exact_power
from qc.planning.readers_needed import stepped_up
from qc.registry import PLANS
from qc.routing._value import value_of_adjudication

SURE = {
    "kappa_sample_size": {"kappa0": 0.85, "kappa1": 0.7},
    "kappa_goodness_of_fit": {"kappa0": 0.4, "kappa1": 0.6, "prevalence": 0.3},
    "kappa_precision": {"kappa": 0.6, "margin": 0.1},
    "icc_precision": {"icc": 0.85, "readers": 4},
    "icc_power": {"icc0": 0.6, "icc1": 0.8, "readers": 2},
    "readers_needed": {"reliability": 0.29},
    "decision_study": {"cases": 2.5556, "readers": 5.2444, "residual": 1.0194},
    "control_power": {"bad": 0.75},
    "control_sequence": {"bad": 0.75},
    "clean_controls": {"rate": 0.05},
    "majority_accuracy": {"accuracy": 0.8, "readers": 3},
    "design_effect": {"units": 300, "per_patient": 6, "icc": 0.3},
    "drift_alarm": {},
    "adjudication_value": {"posterior": [0.6, 0.4]},
}


def ask(name, **values):
    return PLANS[name].run({**SURE[name], **values})


@pytest.mark.parametrize("name", list(PLANS))
def test_every_plan_answers_and_says_whence(name):
    plan = PLANS[name]
    found = ask(name)
    assert found.value is not None
    assert found.undefined is None
    json.dumps(found.as_dict(), allow_nan=False)
    assert found.says.endswith(".")
    assert plan.says.endswith(".")
    assert any(mark in plan.reference for mark in ("doi:10.", "ISBN "))
    assert len(plan.parameters) <= 6
    assert {one.name for one in plan.parameters if one.is_required} <= set(SURE[name])


@pytest.mark.parametrize("name", list(PLANS))
def test_every_plan_refuses_what_it_does_not_know(name):
    with pytest.raises(PlanError) as refused:
        ask(name, colour=1)
    assert (refused.value.parameter, refused.value.code) == ("colour", "unknown-parameter")
    for parameter in PLANS[name].parameters:
        with pytest.raises(PlanError) as refused:
            ask(name, **{parameter.name: "many"})
        assert refused.value.parameter == parameter.name


@pytest.mark.parametrize(
    ("value", "code"), [(True, "not-a-number"), (math.nan, "not-a-number"), (0, "out-of-range"), (1, "out-of-range")]
)
def test_numbers_lie_between_their_limits(value, code):
    with pytest.raises(PlanError) as refused:
        Parameter("rate", "number", "a rate").checked(value)
    assert refused.value.code == code


def test_other_kinds_of_parameters():
    count = Parameter("n", "count", "a count", low=1, high=9)
    assert (count.checked(9), count.checked(3.0)) == (9, 3)
    for value, code in ((2.5, "not-a-count"), (10, "out-of-range")):
        with pytest.raises(PlanError) as refused:
            count.checked(value)
        assert refused.value.code == code
    shares = Parameter("p", "numbers", "shares")
    assert shares.checked([0, 1]) == (0.0, 1.0)
    for value in ([], 0.5, [0.5] * 101, [2.0]):
        with pytest.raises(PlanError):
            shares.checked(value)
    with pytest.raises(PlanError, match="is needed"):
        PLANS["clean_controls"].run({})
    assert Parameter("f", "flag", "a flag").checked(False) is False


def test_a_number_reached_up_to_rounding_is_reached():
    assert [whole(value) for value in (4.0000000000000009, 4.001, 3.9)] == [4, 5, 4]


# Cantor 1996, the example of N.cohen.kappa in R's irr: 96 cases.
@pytest.mark.parametrize(
    ("values", "cases"), [({}, 96), ({"two_sided": True}, 119), ({"rates": [0.2]}, 153), ({"rates": [0.2, 0.2]}, 153)]
)
def test_cantor(values, cases):
    assert ask("kappa_sample_size", **values).value == cases


def test_kappas_that_cannot_be_are_impossible():
    for values in ({"kappa1": 0.85}, {"rates": [0.1, 0.9]}, {"rates": [0.1, 0.2, 0.3]}, {"rates": [0.0]}):
        assert ask("kappa_sample_size", **values).undefined == IMPOSSIBLE
    assert ask("kappa_goodness_of_fit", kappa1=0.4).undefined == IMPOSSIBLE
    assert ask("kappa_goodness_of_fit", kappa1=-0.9, prevalence=0.1).undefined == IMPOSSIBLE
    assert ask("kappa_precision", kappa=-0.9, prevalence=0.1).undefined == IMPOSSIBLE


def test_goodness_of_fit():
    assert ask("kappa_goodness_of_fit").value == 191
    assert ask("kappa_goodness_of_fit", kappa0=0.6, kappa1=0.8, prevalence=0.1).value == 335


def test_goodness_of_fit_has_the_power_that_it_plans():
    generator = np.random.Generator(np.random.PCG64(11))
    n, kappa, rate = 191, 0.6, 0.3

    def shares(kappa, rate):
        apart = rate * (1 - rate) * (1 - kappa)
        return np.stack([rate - apart, 2 * apart, 1 - rate - apart])

    drawn = generator.multinomial(n, shares(kappa, rate), size=4000)
    estimated = (2 * drawn[:, 0] + drawn[:, 1]) / (2 * n)
    expected = n * shares(0.4, estimated).T
    rejected = ((drawn - expected) ** 2 / expected).sum(axis=1) > stats.chi2.isf(0.05, 1)
    assert rejected.mean() == pytest.approx(0.82, abs=0.025)


@pytest.mark.parametrize(("prevalence", "cases"), [(0.5, 246), (0.2, 392), (0.05, 1347)])
def test_precision_of_kappa(prevalence, cases):
    assert ask("kappa_precision", prevalence=prevalence).value == cases


def test_few_positive_cases_are_a_warning():
    assert ask("kappa_precision", kappa=0.95, margin=0.4, prevalence=0.1).warnings
    assert not ask("kappa_precision").warnings


def test_variance_of_kappa_is_that_of_its_estimates():
    cells = cells_of(0.6, 0.3, 0.4)
    assert sum((cells.both, cells.first, cells.second, cells.neither)) == pytest.approx(1)
    generator = np.random.Generator(np.random.PCG64(3))
    n = 2000
    drawn = generator.multinomial(n, [cells.both, cells.first, cells.second, cells.neither], size=3000) / n
    agreement = drawn[:, 0] + drawn[:, 3]
    yes, other = drawn[:, 0] + drawn[:, 1], drawn[:, 0] + drawn[:, 2]
    chance = yes * other + (1 - yes) * (1 - other)
    kappas = (agreement - chance) / (1 - chance)
    assert kappas.mean() == pytest.approx(0.6, abs=0.005)
    assert n * kappas.var() == pytest.approx(unit_variance(cells), rel=0.1)


# Bonett 2002: rho .85, four readers, width .2 gives 19.2.
def test_bonett():
    found = ask("icc_precision")
    assert found.details["exact"] == pytest.approx(19.2, abs=0.05)
    assert found.value == 20
    assert ask("icc_precision", readers=2).value == 35
    assert ask("icc_precision", icc=0.6, readers=3).value == 101


def test_power_of_a_correlation():
    assert (ask("icc_power").value, ask("icc_power").details["n_approximate"]) == (39, 39)
    three = ask("icc_power", readers=3)
    assert (three.value, three.details["n_approximate"]) == (26, 27)
    quotient = (1 + 2 * 1.5) / (1 + 2 * 4)
    assert exact_power(39, 2, quotient, 0.05) >= 0.8 > exact_power(38, 2, quotient, 0.05)
    assert ask("icc_power", icc1=0.5).undefined == IMPOSSIBLE
    assert ask("icc_power", icc1=0.6001).undefined == OUT_OF_REACH


def test_readers_for_a_mean():
    assert [
        ask("readers_needed", reliability=r, target=t).value for r, t in ((0.29, 0.8), (0.5, 0.8), (0.71484, 0.9))
    ] == [
        10,
        4,
        4,
    ]
    assert stepped_up(0.5, 4) == pytest.approx(0.8)
    # Shrout & Fleiss 1979: ICC(3,1) = .715 steps up to ICC(3,4) = .909.
    assert ask("readers_needed", reliability=0.7148407148, readers=4).details[
        "reliability_of_readers"
    ] == pytest.approx(0.9093, abs=5e-5)
    assert ask("readers_needed", reliability=0.9, target=0.5).value == 1


def test_readers_who_differ_in_level_are_to_be_trained():
    # Variance components of the table of Shrout & Fleiss 1979: ICC(2,4) = .620 and ICC(3,4) = .909.
    found = ask("decision_study")
    assert (found.value, found.details["readers_relative"]) == (10, 2)
    assert found.details["absolute"][3] == pytest.approx(0.620, abs=5e-4)
    assert found.details["relative"][3] == pytest.approx(0.909, abs=5e-4)
    assert "training" in found.warnings[0]
    far = ask("decision_study", most=5)
    assert (far.undefined, far.details["readers_relative"]) == (OUT_OF_REACH, 2)
    assert not ask("decision_study", readers=0.0).warnings


@pytest.mark.parametrize(
    ("acceptable", "bad", "controls", "flag_at", "stable"),
    [
        (0.9, 0.75, 40, 32, 44),
        (0.9, 0.7, 25, 19, 29),
        (0.95, 0.8, 27, 23, 33),
        (0.9, 0.5, 8, 5, 10),
        (0.8, 0.7, 116, 85, 127),
    ],
)
def test_controls(acceptable, bad, controls, flag_at, stable):
    found = ask("control_power", acceptable=acceptable, bad=bad)
    details = found.details
    assert (found.value, details["flag_if_correct_at_most"], details["n_stable"]) == (controls, flag_at, stable)
    assert details["alpha"] <= 0.05 < float(stats.binom.cdf(flag_at + 1, controls, acceptable))
    assert details["power"] == pytest.approx(float(stats.binom.cdf(flag_at, controls, bad)))


def test_controls_out_of_reach():
    assert ask("control_power", bad=0.899).undefined == OUT_OF_REACH
    assert ask("control_power", bad=0.95).undefined == IMPOSSIBLE
    assert ask("control_sequence", bad=0.95).undefined == IMPOSSIBLE
    assert ask("drift_alarm", accepted=0.1, watched=0.101).undefined == IMPOSSIBLE


def test_one_by_one_takes_half_as_many():
    found = ask("control_sequence")
    details = found.details
    assert (details["pass_at"], details["flag_at"]) == pytest.approx((-1.558, 2.773), abs=5e-4)
    assert (details["expected_acceptable"], details["expected_bad"]) == pytest.approx((18.5, 20.6), abs=0.06)
    assert 2 * found.value <= ask("control_power").value + 2


def test_the_sequence_errs_as_seldom_as_it_says():
    details = ask("control_sequence").details
    generator = np.random.Generator(np.random.PCG64(5))

    def flagged(accuracy):
        hits = 0
        for _ in range(1500):
            total = 0.0
            while details["pass_at"] < total < details["flag_at"]:
                total += details["correct"] if generator.random() < accuracy else details["error"]
            hits += total >= details["flag_at"]
        return hits / 1500

    assert flagged(0.9) < 0.065
    assert flagged(0.75) > 0.77


def test_controls_without_an_error():
    assert ask("clean_controls").value == 59
    assert upper_bound(59, 0.95) < 0.05 < upper_bound(58, 0.95)
    assert ask("clean_controls").details["rule_of_three"] == pytest.approx(3 / 59)


@pytest.mark.parametrize(("n", "p", "right"), [(1, 0.6, 0.6), (3, 0.8, 0.896), (5, 0.9, 0.99144), (9, 0.6, 0.73343232)])
def test_condorcet(n, p, right):
    assert ask("majority_accuracy", accuracy=p, readers=n).value == pytest.approx(right, abs=1e-12)


def test_a_tie_is_nobodys():
    found = ask("majority_accuracy", accuracy=0.8, readers=2)
    assert (found.value, found.details["tie"], found.details["wrong"]) == pytest.approx((0.64, 0.32, 0.04))


def test_units_of_a_patient():
    for icc, effect, worth in ((0.05, 1.25, 240), (0.3, 2.5, 120), (0.6, 4.0, 75)):
        found = ask("design_effect", icc=icc)
        assert (found.details["design_effect"], found.value) == pytest.approx((effect, worth))


def test_an_alarm_is_as_rare_as_asked():
    found = ask("drift_alarm", run_length=600)
    assert found.details["reads_to_false_signal"] >= 600
    assert found.details["reads_to_true_signal"] < 100


def test_asking_is_worth_nothing_where_it_changes_nothing():
    assert ask("adjudication_value", posterior=[0.97, 0.03]).value == 0
    assert ask("adjudication_value", posterior=[0.9, 0.1, 0.0], accuracy=0.9).value == pytest.approx(0.045)
    half = ask("adjudication_value", posterior=[0.5, 0.5], accuracy=0.9, cost=4.0, minutes=2.0)
    assert (half.value, half.details["priority"]) == pytest.approx((0.4, 0.8))
    assert ask("adjudication_value", posterior=[0.5, 0.4]).undefined == IMPOSSIBLE
    assert ask("adjudication_value", posterior=[1.0]).undefined == IMPOSSIBLE


def test_value_is_that_of_a_simulated_adjudicator():
    posterior, accuracy = np.array([0.5, 0.3, 0.2]), 0.8
    generator = np.random.Generator(np.random.PCG64(9))
    truth = generator.choice(3, 40_000, p=posterior)
    word = np.where(generator.random(40_000) < accuracy, truth, (truth + generator.integers(1, 3, 40_000)) % 3)
    likelihood = np.where(word[:, None] == np.arange(3), accuracy, (1 - accuracy) / 2)
    answer = (likelihood * posterior).argmax(axis=1)
    avoided = (answer == truth).mean() - (truth == 0).mean()
    assert value_of_adjudication([posterior], accuracy)[0] == pytest.approx(avoided, abs=0.01)
    for bad in ([[1.0]], [0.5, 0.5]):
        with pytest.raises(ValueError, match="two codes"):
            value_of_adjudication(bad, 0.9)
    with pytest.raises(ValueError, match="accuracy"):
        value_of_adjudication([[0.5, 0.5]], 1.1)
