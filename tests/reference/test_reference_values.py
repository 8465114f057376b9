"""The verified reference values beside the checkout: every entry on agreement and every trap, by its id."""

import json
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

from qc.agreement import _reml
from qc.agreement._anova import mean_squares, moments
from qc.agreement._benchmark import LANDIS_KOCH, memberships, reached
from qc.agreement._bootstrap import LINEARISED, acceleration, bca_shares
from qc.agreement._sets import jaccard_distance, masi_distance
from qc.agreement._two_raters import FLEISS_COHEN_EVERITT, standard_errors
from qc.agreement.base import NO_VARIATION, ZERO_VARIANCE
from qc.agreement.bland_altman import BLAND_ALTMAN_1986, BLAND_ALTMAN_1999, EXACT, bland_altman
from qc.agreement.brennan_prediger import brennan_prediger
from qc.agreement.category_kappa import category_kappa
from qc.agreement.cohen_kappa import cohen_kappa
from qc.agreement.conger_kappa import conger_kappa
from qc.agreement.fleiss_kappa import fleiss_kappa
from qc.agreement.gwet_ac import gwet_ac
from qc.agreement.icc_agreement import icc_agreement
from qc.agreement.icc_consistency import icc_consistency
from qc.agreement.icc_oneway import icc_oneway
from qc.agreement.kendall_w import concordance_test, kendall_w
from qc.agreement.krippendorff_alpha import krippendorff_alpha
from qc.agreement.light_kappa import light_kappa
from qc.agreement.percent import percent_agreement
from qc.agreement.repeatability import repeatability
from qc.agreement.scott_pi import scott_pi
from qc.agreement.specific_agreement import specific_agreement
from qc.agreement.two_by_two import two_by_two
from qc.agreement.weighted_kappa import weighted_kappa
from qc.agreement.within_cv import LOG, within_cv
from qc.readings.number_table import NumberTable
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from tests.qc.agreement import slow
from tests.reference.published import from_counts, from_table, from_units, nominal, scale
from tests.shared import shared

FEW = 50
NAMES = "abcdef"


@cache
def entries() -> dict[str, Any]:
    path = shared("reference/reference_values.json")
    return {entry["id"]: entry for entry in json.loads(path.read_text(encoding="utf-8"))}


def close(entry, value):
    return pytest.approx(value, abs=entry["tolerance"], rel=0)


def numbers(rows, **options):
    return NumberTable.from_values(rows, raters=NAMES[: len(rows[0])], **options)


def kappas(entry, reading, weights, prefix=""):
    """Compare kappa and both standard errors with an entry."""
    expected = entry["expected"]
    found = weighted_kappa(reading, weights=weights, replicates=FEW, interval=FLEISS_COHEN_EVERITT)
    assert found.value == close(entry, expected[f"{prefix}kappa"])
    for name, value in (("ase", found.standard_error), ("ase_null", found.null_error)):
        if prefix + name in expected:
            assert value == close(entry, expected[prefix + name])
    return found


def cohen_with_errors(entry):
    found = kappas(entry, from_table(entry["input"]["table"]), "identity")
    assert [found.low, found.high] == close(entry, entry["expected"]["ci"])
    assert found.value / found.null_error == close(entry, entry["expected"]["z"])


def quadratic(entry):
    kappas(entry, from_table(entry["input"]["table"]), "quadratic")


def fce_1969(entry):
    reading = from_table(entry["input"]["table"])
    kappas(entry, reading, "identity")
    kappas(entry, reading, np.array(entry["input"]["agreement_weights"]), "weighted_")


def cohen_1968(entry):
    reading = from_table(entry["input"]["table"])
    kappas(entry, reading, "identity")
    apart = np.array(entry["input"]["disagreement_weights"], dtype=float)
    kappas(entry, reading, 1 - apart / apart.max(), "weighted_")


def fleiss(entry):
    reading, expected = from_counts(entry["input"]["counts_table"]), entry["expected"]
    found = fleiss_kappa(reading, replicates=FEW)
    assert found.value == close(entry, expected["kappa"])
    assert found.null_error == close(entry, expected["se_null"])
    parts = category_kappa(reading, replicates=FEW)
    assert [one.value for one in parts.values()] == close(entry, expected["per_category"])
    if "z" in expected:
        assert found.value / found.null_error == close(entry, expected["z"])
        shared_error = close(entry, expected["se_null_per_category"])
        assert all(one.null_error == shared_error for one in parts.values())
    if "randolph" in expected:
        assert brennan_prediger(reading, replicates=FEW).value == close(entry, expected["randolph"])


def light_and_conger(entry):
    reading = from_units(entries()["A08_fleiss1971"]["input"]["ratings"], nominal(5))
    assert light_kappa(reading, replicates=FEW).value == close(entry, entry["expected"]["light"])
    assert conger_kappa(reading, replicates=FEW).value == close(entry, entry["expected"]["conger"])


def gwet_missing(entry):
    reading, expected = from_units(entry["input"]["ratings"], nominal(5)), entry["expected"]
    assert percent_agreement(reading, replicates=FEW).value == close(entry, expected["percent_agreement"])
    methods = {"fleiss": fleiss_kappa, "gwet": gwet_ac, "bp": brennan_prediger, "conger": conger_kappa}
    for name, method in methods.items():
        found = method(reading, interval=LINEARISED)
        figures = (found.value, found.standard_error, found.low, found.high)
        printed = (expected[name]["coef"], expected[name]["se"], *expected[name]["ci"])
        assert figures == close(entry, printed), name
    assert krippendorff_alpha(reading, replicates=FEW).value == close(entry, expected["krippendorff"]["coef"])


def alpha_on_every_scale(entry):
    units = list(zip(*entry["input"]["ratings_raters_x_items"], strict=True))
    for kind in ("nominal", "ordinal", "interval", "ratio"):
        found = krippendorff_alpha(from_units(units, scale(kind, 5)), replicates=FEW)
        assert found.value == close(entry, entry["expected"][kind])


def paradoxes(entry):
    for expected in entry["expected"]:
        reading = from_table(expected["table"])
        specific, indices = specific_agreement(reading, replicates=FEW), two_by_two(reading, replicates=FEW)
        found = {
            "po": percent_agreement(reading, replicates=FEW).value,
            "kappa": cohen_kappa(reading, replicates=FEW).value,
            "scott_pi": scott_pi(reading, replicates=FEW).value,
            "ac1": gwet_ac(reading, replicates=FEW).value,
            "pabak": brennan_prediger(reading, replicates=FEW).value,
            "pos_agreement": specific["1"].value,
            "neg_agreement": specific["2"].value,
            **{name: one.value for name, one in indices.items()},
        }
        assert found == close(entry, {name: expected[name] for name in found})


def concordance(entry):
    reading, expected = from_units(entry["input"]["ratings_items_x_raters"], scale("ordinal", 6)), entry["expected"]
    assert kendall_w(reading, replicates=FEW).value == close(entry, expected["W"])
    assert concordance_test(reading) == close(entry, (expected["chi2"], expected["df"], expected["p"]))


def shrout_fleiss(entry):
    reading, expected = numbers(entry["input"]["ratings_subjects_x_raters"]), entry["expected"]
    squares = mean_squares(moments(reading).sum(axis=0, keepdims=True))
    found = {"MSR": squares.units, "MSC": squares.raters, "MSW": squares.within, "MSE": squares.residual}
    assert {name: part[0] for name, part in found.items()} == close(entry, expected["ms"])
    for number, method in enumerate((icc_oneway, icc_agreement, icc_consistency), start=1):
        parts = method(reading)
        for part, name in (("single", f"ICC{number}"), ("mean", f"ICC{number}k")):
            one = parts[part]
            assert [one.value, one.low, one.high] == close(entry, expected[name]), name


def reml(entry):
    reading, expected = numbers(entry["input"]["ratings_subjects_x_raters"]), entry["expected"]
    features, layout = _reml.features(reading)
    found = _reml.components(features.sum(axis=0, keepdims=True), layout)[0]
    variances = (found.subject[0], found.rater[0], found.residual[0])
    assert variances == close(entry, (expected["var_subject"], expected["var_rater"], expected["var_residual"]))
    assert icc_agreement(reading, replicates=FEW)["single"].value == close(entry, expected["icc_a1"])
    assert icc_consistency(reading, replicates=FEW)["single"].value == close(entry, expected["icc_c1"])


def limits(entry):
    readings = np.array([entry["input"]["wright_1"], entry["input"]["mini_1"]]).T
    expected = entry["expected"]

    def found(interval):
        return bland_altman(numbers(readings.tolist(), unit="l/min"), interval=interval)

    exact = found(EXACT)
    assert exact["bias"].value == close(entry, expected["bias"])
    assert [exact["bias"].low, exact["bias"].high] == close(entry, expected["bias_ci"])
    assert [exact["lower_limit"].value, exact["upper_limit"].value] == close(entry, expected["loa_196"])
    for interval, lower, upper in (
        (EXACT, "exact_lower_loa_ci", "exact_upper_loa_ci"),
        (BLAND_ALTMAN_1986, "lower_ci_1986", "upper_ci_1986"),
        (BLAND_ALTMAN_1999, "lower_loa_ci_1999", "upper_loa_ci_1999"),
    ):
        parts = found(interval)
        assert [parts["lower_limit"].low, parts["lower_limit"].high] == close(entry, expected[lower])
        assert [parts["upper_limit"].low, parts["upper_limit"].high] == close(entry, expected[upper])


def repeats(entry):
    expected = entry["expected"]
    for meter in ("wright", "mini"):
        pairs = np.array([entry["input"][f"{meter}_1"], entry["input"][f"{meter}_2"]]).T
        reading = numbers(pairs.tolist(), unit="l/min")
        parts = repeatability(reading)
        assert parts["within_sd"].value == close(entry, expected[f"sw_{meter}"])
        assert parts["coefficient"].value == close(entry, expected[f"cr196_{meter}"])
        assert repeatability(reading, factor=2)["coefficient"].value == close(entry, expected[f"cr2_{meter}"])
        if meter == "wright":
            assert within_cv(reading, replicates=FEW).value == close(entry, expected["wscv_rms_wright"])
            assert within_cv(reading, replicates=FEW, method=LOG).value == close(entry, expected["wscv_log_wright"])


def set_distances(entry):
    for number, pair in enumerate(entry["input"]["pairs"]):
        labels = sorted(set(pair[0]) | set(pair[1]))
        sets = np.array([[label in members for label in labels] for members in pair])
        assert masi_distance(sets)[0, 1] == close(entry, entry["expected"]["masi"][number])
        assert jaccard_distance(sets)[0, 1] == close(entry, entry["expected"]["jaccard"][number])


def exhaustive(entry):
    units, expected = [tuple(unit) for unit in entry["input"]["ratings_items_x_raters"]], entry["expected"]
    drawn = [slow.cohen(list(some), 2) for some in product(units, repeat=len(units))]
    values = np.sort([float(value) for value in drawn if value is not None])
    assert (len(drawn), drawn.count(None)) == (expected["n_resamples"], expected["n_undefined"])
    value = float(slow.cohen(units, 2))
    assert value == close(entry, expected["estimate"])
    left_out = np.array([float(slow.cohen(units[:i] + units[i + 1 :], 2)) for i in range(len(units))])
    accelerated = acceleration(left_out, np.ones(len(units), dtype=np.int64))
    assert accelerated == close(entry, expected["acceleration"])
    low, high = np.quantile(values, bca_shares(values, value, accelerated, 0.95), method="inverted_cdf")
    reading = PatternTable.from_codes(units, raters=["a", "b"], scale=nominal(2))
    found = cohen_kappa(reading, replicates=20_000, seed=4)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def benchmark(entry):
    value, error, expected = entry["input"]["coef"], entry["input"]["se"], entry["expected"]
    found = memberships(value, error, LANDIS_KOCH)
    assert [[band.low, band.high] for band in found] == expected["bands"]
    assert [band.probability for band in found] == close(entry, expected["prob"])
    assert [band.cumulative for band in found] == close(entry, expected["cumulative"])
    assert reached(value, error, LANDIS_KOCH).name == "moderate"


def one_category(entry):
    reading, adopted = from_units(entry["input"]["ratings"], nominal(2)), entry["expected"]["adopt"]
    assert percent_agreement(reading).value == adopted["percent_agreement"]
    assert gwet_ac(reading).value == adopted["ac1"]
    assert brennan_prediger(reading).value == adopted["brennan_prediger"]
    two = reading.select(reading.raters[:2])
    undefined = [cohen_kappa(two), scott_pi(two), weighted_kappa(two)]
    undefined += [method(reading) for method in (fleiss_kappa, conger_kappa, light_kappa, krippendorff_alpha)]
    assert {(found.value, found.undefined) for found in undefined} == {(None, adopted["reason"])}
    assert adopted["reason"] == NO_VARIATION


def perfect(entry):
    reading, adopted = from_units(entry["input"]["ratings"], nominal(2)), entry["expected"]["adopt"]
    for method in (fleiss_kappa, krippendorff_alpha, gwet_ac, conger_kappa, light_kappa, brennan_prediger):
        found = method(reading)
        assert (found.value, found.standard_error) == (adopted["estimate"], adopted["se"])
        assert (found.low, found.high, found.interval_undefined) == (None, None, ZERO_VARIANCE)


def single_disagreement(entry):
    units = list(zip(*entry["input"]["raters"], strict=True))
    assert krippendorff_alpha(from_units(units, nominal(3))).value == close(entry, entry["expected"]["alpha"])


def order_of_levels(entry):
    found = {}
    for order in ("LMH", "HLM"):
        codes = [[order.index(level) for level in pair] for pair in zip(*entry["input"].values(), strict=True)]
        reading = PatternTable.from_codes(codes, raters=["a", "b"], scale=Scale("ordinal", tuple(order)))
        found[order] = weighted_kappa(reading, replicates=FEW).value
    assert found["LMH"] == close(entry, entry["expected"]["right_LMH"])
    assert found["HLM"] == close(entry, entry["expected"]["wrong_alphabetical"])


CHECKS = {
    "A01_cohen_unweighted_sas": cohen_with_errors,
    "A03_cohen_quadratic": quadratic,
    "A04_fce1969": fce_1969,
    "A05_cohen1968": cohen_1968,
    "A08_fleiss1971": fleiss,
    "A10_light_conger_diagnoses": light_and_conger,
    "A11_fleiss_wikipedia": fleiss,
    "A12_gwet_raw4raters": gwet_missing,
    "A14_krippendorff2011": alpha_on_every_scale,
    "A17_kappa_paradox": paradoxes,
    "A19_kendall_w": concordance,
    "A20_shrout_fleiss": shrout_fleiss,
    "A22_icc_missing_reml": reml,
    "A23_bland_altman_pefr": limits,
    "A24_repeatability": repeats,
    "A27_masi_distance": set_distances,
    "A29_exhaustive_bootstrap": exhaustive,
    "A33_probabilistic_benchmark": benchmark,
    "F01_single_category": one_category,
    "F02_perfect_two_categories": perfect,
    "F03_alpha_single_disagreement": single_disagreement,
    "F04_string_order": order_of_levels,
}
# A list of identities (tests of each statistic and the property suite) and a simulation (benchmarks/coverage.py).
ELSEWHERE = {"A32_identities", "A34_ci_coverage_simulation"}
# Observations of other libraries' consensus and matching.
OTHER_TRAPS = {
    "F05_crowdkit_early_stop",
    "F06_staple_255",
    "F07_wbf_pixels",
    "F08_panoptica_threshold",
    "F09_staple_prior_gt_1_hang",
}


@pytest.mark.parametrize("name", CHECKS)
def test_entry(name):
    CHECKS[name](entries()[name])


def test_no_entry_on_agreement_is_left_out():
    there = {name for name in entries() if name[0] in "AF" and name[1].isdigit()}
    assert there == CHECKS.keys() | ELSEWHERE | OTHER_TRAPS


def test_both_errors_come_from_one_table():
    reading = from_table([[0, 4, 1], [0, 8, 0], [0, 1, 5]])
    assert standard_errors(reading, np.eye(3)) == pytest.approx((0.1380, 0.1484), abs=5e-5)
