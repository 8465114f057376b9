"""The verified reference values beside the checkout, entry by entry."""

import json
from functools import cache
from typing import Any

import pytest

from qc.agreement.base import NO_VARIATION, ZERO_VARIANCE
from qc.agreement.cohen_kappa import FLEISS_COHEN_EVERITT, cohen_kappa, standard_error
from qc.agreement.fleiss_kappa import fleiss_kappa
from qc.agreement.gwet_ac import gwet_ac
from qc.agreement.krippendorff_alpha import krippendorff_alpha
from qc.agreement.percent import percent_agreement
from tests.reference.published import from_counts, from_table, from_units, nominal, scale
from tests.shared import shared

FEW = 50


@cache
def entries() -> dict[str, Any]:
    path = shared("reference/reference_values.json")
    return {entry["id"]: entry for entry in json.loads(path.read_text(encoding="utf-8"))}


def close(entry, value):
    return pytest.approx(value, abs=entry["tolerance"], rel=0)


def test_a01_cohen_with_its_standard_error():
    entry = entries()["A01_cohen_unweighted_sas"]
    reading = from_table(entry["input"]["table"])
    found = cohen_kappa(reading, replicates=FEW, interval=FLEISS_COHEN_EVERITT)
    assert found.value == close(entry, entry["expected"]["kappa"])
    assert standard_error(reading) == close(entry, entry["expected"]["ase"])
    assert [found.low, found.high] == close(entry, entry["expected"]["ci"])


@pytest.mark.parametrize("name", ["A04_fce1969", "A05_cohen1968"])
def test_a04_a05_unweighted_kappa(name):
    entry = entries()[name]
    reading = from_table(entry["input"]["table"])
    assert cohen_kappa(reading, replicates=FEW).value == close(entry, entry["expected"]["kappa"])
    if "ase" in entry["expected"]:
        assert standard_error(reading) == close(entry, entry["expected"]["ase"])


@pytest.mark.parametrize("name", ["A08_fleiss1971", "A11_fleiss_wikipedia"])
def test_a08_a11_fleiss(name):
    entry = entries()[name]
    reading = from_counts(entry["input"]["counts_table"])
    assert fleiss_kappa(reading, replicates=FEW).value == close(entry, entry["expected"]["kappa"])


def test_a10_light_is_the_mean_of_pairwise_cohen():
    entry = entries()["A10_light_conger_diagnoses"]
    reading = from_units(entries()["A08_fleiss1971"]["input"]["ratings"], nominal(5))
    names = reading.raters
    kappas = [
        cohen_kappa(reading.select([a, b]), replicates=1).value for i, a in enumerate(names) for b in names[i + 1 :]
    ]
    assert sum(kappas) / len(kappas) == close(entry, entry["expected"]["light"])


def test_a12_missing_ratings():
    entry = entries()["A12_gwet_raw4raters"]
    reading = from_units(entry["input"]["ratings"], nominal(5))
    expected = entry["expected"]
    assert percent_agreement(reading, replicates=FEW).value == close(entry, expected["percent_agreement"])
    assert fleiss_kappa(reading, replicates=FEW).value == close(entry, expected["fleiss"]["coef"])
    assert gwet_ac(reading, replicates=FEW).value == close(entry, expected["gwet"]["coef"])
    assert krippendorff_alpha(reading, replicates=FEW).value == close(entry, expected["krippendorff"]["coef"])


@pytest.mark.parametrize("kind", ["nominal", "ordinal", "interval", "ratio"])
def test_a14_alpha_on_every_scale(kind):
    entry = entries()["A14_krippendorff2011"]
    units = list(zip(*entry["input"]["ratings_raters_x_items"], strict=True))
    found = krippendorff_alpha(from_units(units, scale(kind, 5)), replicates=FEW)
    assert found.value == close(entry, entry["expected"][kind])


@pytest.mark.parametrize("number", range(5))
def test_a17_paradoxes(number):
    entry = entries()["A17_kappa_paradox"]
    expected = entry["expected"][number]
    reading = from_table(expected["table"])
    assert percent_agreement(reading, replicates=FEW).value == close(entry, expected["po"])
    assert cohen_kappa(reading, replicates=FEW).value == close(entry, expected["kappa"])
    assert fleiss_kappa(reading, replicates=FEW).value == close(entry, expected["scott_pi"])
    assert gwet_ac(reading, replicates=FEW).value == close(entry, expected["ac1"])


def test_f01_one_category():
    entry = entries()["F01_single_category"]
    reading = from_units(entry["input"]["ratings"], nominal(2))
    adopted = entry["expected"]["adopt"]
    assert percent_agreement(reading).value == adopted["percent_agreement"]
    assert gwet_ac(reading).value == adopted["ac1"]
    two = reading.select(reading.raters[:2])
    for found in (cohen_kappa(two), fleiss_kappa(reading), krippendorff_alpha(reading)):
        assert (found.value, found.undefined) == (None, adopted["reason"])
    assert adopted["reason"] == NO_VARIATION


def test_f02_perfect_agreement_has_no_bounds():
    entry = entries()["F02_perfect_two_categories"]
    reading = from_units(entry["input"]["ratings"], nominal(2))
    for statistic in (fleiss_kappa, krippendorff_alpha, gwet_ac):
        found = statistic(reading)
        assert found.value == entry["expected"]["adopt"]["estimate"]
        assert (found.low, found.high, found.interval_undefined) == (None, None, ZERO_VARIANCE)


def test_f03_alpha_is_zero_with_one_deviating_value():
    entry = entries()["F03_alpha_single_disagreement"]
    units = list(zip(*entry["input"]["raters"], strict=True))
    found = krippendorff_alpha(from_units(units, nominal(3)))
    assert found.value == close(entry, entry["expected"]["alpha"])
