"""Another limit, and further cases: counted, with an interval that holds."""

import numpy as np
import pytest

from qc.settling.forecast import forecast
from qc.settling.what_if import Standing, limited, shift, side_of, values_of, with_limit

RULES = {"low_agreement": {"statistic": "dice", "minimum": 0.7}, "no_majority": {}}


def standing(name, dice, *, is_referred=None, rule="low_agreement", site="north"):
    low = dice is not None and dice < 0.7
    referred = low if is_referred is None else is_referred
    return Standing(
        case=name,
        subject=name,
        number=0,
        kind="mask",
        is_referred=referred,
        rule=rule if referred else "",
        values={} if dice is None else {"dice": dice},
        undefined={"dice": "both_empty"} if dice is None else {},
        n_answered=2,
        readers=("r1", "r2") if name != "c" else ("r2", "r3"),
        strata={"site": site},
    )


UNITS = [
    standing("a", 0.9),
    standing("b", 0.75, site="south"),
    standing("c", 0.6),
    standing("d", 0.95, is_referred=True, rule="no_majority"),
    standing("e", None, is_referred=True),
]


def test_a_higher_limit_lets_units_in_and_none_out():
    found = shift(UNITS, with_limit(RULES, "low_agreement", 0.8))
    assert (found.n_units, found.n_now, found.n_then) == (5, 3, 4)
    assert [one.case for one in found.entering] == ["b"]
    assert found.leaving == ()
    assert found.by_group["site", "south"] == (1, 0, 1)
    assert found.by_reader == {"r1": (2, 3), "r2": (3, 4), "r3": (1, 1)}


def test_what_no_limit_referred_stays_whatever_the_limit():
    found = shift(UNITS, with_limit(RULES, "low_agreement", 0.0))
    # The tie stays, and so does what could not be compared.
    assert found.n_then == 2
    assert [one.case for one in found.leaving] == ["c"]


def test_the_limit_in_force_changes_nothing():
    found = shift(UNITS, RULES)
    assert (found.entering, found.leaving) == ((), ())
    assert found.n_now == found.n_then


def test_a_rule_says_which_number_is_its_limit():
    assert side_of(RULES["low_agreement"]) == "minimum"
    assert side_of({"statistic": "hd95", "maximum_mm": 3}) == "maximum_mm"
    assert limited(RULES) == ("low_agreement",)
    assert values_of(UNITS, "dice") == [0.9, 0.75, 0.6, 0.95, None]


def test_with_few_patients_nothing_is_foretold():
    found = forecast([(1, 1)] * 9, n_ahead=100)
    assert found.disputes is None
    assert found.n_subjects == 9


def test_hours_follow_from_timed_decisions():
    found = forecast([(1, n % 2) for n in range(40)], n_ahead=100, minutes=[2.0] * 5)
    assert found.disputes == pytest.approx(50)
    assert found.hours == pytest.approx(50 * 2 / 60)
    assert found.hours_low == pytest.approx(found.low * 2 / 60)
    assert found.minutes == 2.0


def test_the_interval_holds_what_comes():
    """Of 200 pilots of 60 patients, about 95 % foretell how many disputes 300 further patients bring."""
    generator = np.random.default_rng(20261126)
    held = 0
    for _ in range(200):
        # Patients differ: some have a case that is disputed in most of its questions.
        rate = generator.beta(1, 4, size=360)
        disputes = generator.binomial(6, rate)
        pilot = [(1, int(number)) for number in disputes[:60]]
        found = forecast(pilot, n_ahead=300, seed=1)
        held += found.low <= disputes[60:].sum() <= found.high
    assert 180 <= held <= 198


def test_cases_of_one_patient_stay_together():
    alone = forecast([(1, n % 2) for n in range(60)], n_ahead=600)
    together = forecast([(10, 10 * (n % 2)) for n in range(60)], n_ahead=600)
    assert together.disputes == alone.disputes == pytest.approx(300)
    # 60 patients and not 600 come: the spread between them adds to what is not known of the rate.
    assert together.high - together.low > 1.25 * (alone.high - alone.low)
