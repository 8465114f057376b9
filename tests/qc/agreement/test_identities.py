"""Where two statistics must be one: Fleiss & Cohen 1973, Byrt 1993, Conger 1980, Spearman–Brown, Krippendorff."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from qc.agreement import _reml
from qc.agreement._anova import mean_squares, moments
from qc.agreement._bootstrap import LINEARISED
from qc.agreement._two_raters import standard_errors
from qc.agreement.brennan_prediger import brennan_prediger
from qc.agreement.category_kappa import category_kappa
from qc.agreement.cohen_kappa import cohen_kappa
from qc.agreement.conger_kappa import conger_kappa
from qc.agreement.fleiss_kappa import fleiss_kappa
from qc.agreement.icc_agreement import icc_agreement
from qc.agreement.icc_consistency import icc_consistency
from qc.agreement.icc_oneway import icc_oneway
from qc.agreement.kendall_w import kendall_w
from qc.agreement.krippendorff_alpha import krippendorff_alpha
from qc.agreement.label_alpha import label_alpha
from qc.agreement.light_kappa import light_kappa
from qc.agreement.lin_ccc import lin_ccc
from qc.agreement.percent import percent_agreement
from qc.agreement.prevalence import prevalence
from qc.agreement.repeatability import repeatability
from qc.agreement.scott_pi import scott_pi
from qc.agreement.specific_agreement import specific_agreement
from qc.agreement.weighted_kappa import weighted_kappa
from qc.agreement.within_one import within_one
from qc.readings.number_table import NumberTable
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from qc.readings.set_table import SetTable
from tests.qc.agreement.readings import readings
from tests.reference import published

quick = settings(max_examples=40, deadline=None)
two = readings(raters=2, missing=False)


def value(method, table, **options):
    return method(table, replicates=1, **options).value


def drawn(seed, n=30, k=4):
    generator = np.random.Generator(np.random.PCG64(seed))
    values = generator.normal(50, 6, (n, 1)) + generator.normal(0, 2, (1, k)) + generator.normal(0, 3, (n, k))
    return NumberTable.from_values(values, raters=[f"r{i}" for i in range(k)], unit="mm")


@quick
@given(two)
def test_two_raters_know_one_kappa_by_many_names(table):
    cohen = value(cohen_kappa, table)
    assert value(conger_kappa, table) == (None if cohen is None else pytest.approx(cohen, abs=1e-12))
    assert value(light_kappa, table) == cohen
    assert value(weighted_kappa, table, weights="identity") == cohen
    fleiss = value(fleiss_kappa, table)
    assert value(scott_pi, table) == (None if fleiss is None else pytest.approx(fleiss, abs=1e-12))


@quick
@given(readings())
def test_pabak_is_twice_the_agreement_less_one(table):
    agreement = value(percent_agreement, table)
    q = len(table.scale.codes)
    expected = None if agreement is None else pytest.approx((agreement - 1 / q) / (1 - 1 / q), abs=1e-12)
    assert value(brennan_prediger, table) == expected


@quick
@given(readings(kind="ordinal", raters=2, missing=False))
def test_quadratic_kappa_is_the_concordance_of_the_ranks(table):
    assume(table.n_units > 2)
    rows = np.repeat(table.patterns, table.counts, axis=0)
    numbers = NumberTable.from_values(rows.astype(float), raters=table.raters)
    kappa, ccc = value(weighted_kappa, table), value(lin_ccc, numbers)
    assert ccc == (None if kappa is None else pytest.approx(kappa, abs=1e-9))


@quick
@given(readings(kind="ordinal", raters=2))
def test_turning_the_scale_round_changes_no_weighted_kappa(table):
    last = len(table.scale.codes) - 1
    rows = np.repeat(table.patterns, table.counts, axis=0)
    turned = PatternTable.from_codes(np.where(rows < 0, -1, last - rows), raters=table.raters, scale=table.scale)
    for weights in ("linear", "quadratic"):
        before = value(weighted_kappa, table, weights=weights)
        after = value(weighted_kappa, turned, weights=weights)
        assert after == (None if before is None else pytest.approx(before, abs=1e-9))


@quick
@given(readings())
def test_a_category_that_nobody_uses_changes_only_what_counts_categories(table):
    wider = PatternTable.from_codes(
        np.repeat(table.patterns, table.counts, axis=0),
        raters=table.raters,
        scale=Scale("nominal", (*table.scale.codes, "never")),
    )
    for method in (fleiss_kappa, conger_kappa, krippendorff_alpha, light_kappa):
        before = value(method, table)
        assert value(method, wider) == (None if before is None else pytest.approx(before, abs=1e-12))
    parts = specific_agreement(wider, replicates=1)
    assert parts["never"].value is None


@quick
@given(readings(missing=False))
def test_categories_add_up_to_the_whole(table):
    parts, shares = category_kappa(table, replicates=1), prevalence(table, replicates=1)
    assert sum(one.value for one in shares.values()) == pytest.approx(1)
    whole = value(fleiss_kappa, table)
    if whole is not None:
        # Fleiss 1971: the overall kappa is the mean of the categories' kappas, weighted by p (1 − p).
        weights = {code: shares[code].value * (1 - shares[code].value) for code in parts}
        total = sum(weights[code] * (one.value or 0.0) for code, one in parts.items())
        assert total / sum(weights.values()) == pytest.approx(whole, abs=1e-9)


@quick
@given(readings(kind="ordinal"))
def test_within_one_is_agreement_of_neighbouring_levels(table):
    pairs = [
        abs(int(a) - int(b)) <= 1
        for row, count in zip(table.patterns, table.counts, strict=True)
        for _ in range(count)
        if (row >= 0).sum() == 2
        for a, b in combinations(row[row >= 0], 2)
    ]
    only_pairs = (table.ratings <= 2).all()
    if pairs and only_pairs:
        assert value(within_one, table) == pytest.approx(np.mean(pairs))


def test_w_of_two_raters_is_spearman_on_another_scale():
    rows = np.array([[0, 1], [1, 0], [2, 3], [3, 2], [4, 4], [5, 6], [6, 5]])
    table = PatternTable.from_codes(rows, raters=["a", "b"], scale=Scale("ordinal", tuple("0123456")))
    rho = spearmanr(rows[:, 0], rows[:, 1]).statistic
    assert value(kendall_w, table) == pytest.approx((rho + 1) / 2)


def test_w_does_not_see_a_shift():
    rows = [[i, i + 2] for i in range(5)]
    table = PatternTable.from_codes(rows, raters=["a", "b"], scale=Scale("ordinal", tuple("0123456")))
    assert value(kendall_w, table) == pytest.approx(1)
    assert value(weighted_kappa, table) < 0.6


@pytest.mark.parametrize("seed", range(3))
def test_the_mean_of_k_raters_follows_spearman_and_brown(seed):
    for method in (icc_oneway, icc_agreement, icc_consistency):
        parts = method(drawn(seed))
        one = parts["single"].value
        assert parts["mean"].value == pytest.approx(4 * one / (1 + 3 * one), abs=1e-9)
        assert parts["single"].low < one < parts["single"].high


def test_reml_of_complete_cells_is_the_analysis_of_variance():
    table = drawn(5)
    squares = mean_squares(moments(table).sum(axis=0, keepdims=True))
    features, layout = _reml.features(table)
    found = _reml.components(features.sum(axis=0, keepdims=True), layout)[0]
    assert found.residual[0] == pytest.approx(squares.residual[0], rel=1e-5)
    assert found.subject[0] == pytest.approx((squares.units[0] - squares.residual[0]) / 4, rel=1e-5)
    assert found.rater[0] == pytest.approx((squares.raters[0] - squares.residual[0]) / 30, rel=1e-5)


def test_within_sd_is_the_root_of_the_mean_square_within():
    table = drawn(6)
    squares = mean_squares(moments(table).sum(axis=0, keepdims=True))
    assert repeatability(table)["within_sd"].value == pytest.approx(np.sqrt(squares.within[0]))


def test_linearised_error_of_cohen_is_that_of_the_paper_but_for_the_degree_of_freedom():
    reading = published.from_table(published.FCE_1969)
    n = reading.n_units
    found = cohen_kappa(reading, replicates=1)
    assert found.standard_error == pytest.approx(
        standard_errors(reading, np.eye(3))[0] * np.sqrt(n / (n - 1)), rel=1e-6
    )


def test_units_of_one_patient_widen_the_error():
    rows = np.repeat(np.random.Generator(np.random.PCG64(3)).integers(0, 2, (40, 3)), 5, axis=0)
    alone = PatternTable.from_codes(rows, raters=["a", "b", "c"], scale=published.nominal(2))
    patients = PatternTable.from_codes(
        rows, raters=["a", "b", "c"], scale=published.nominal(2), clusters=np.repeat(np.arange(40), 5).tolist()
    )
    narrow, wide = (fleiss_kappa(table, interval=LINEARISED) for table in (alone, patients))
    assert narrow.value == pytest.approx(wide.value)
    assert wide.standard_error == pytest.approx(narrow.standard_error * np.sqrt(5), rel=0.02)


@quick
@given(st.lists(st.lists(st.sets(st.sampled_from("xyz")), min_size=2, max_size=3), min_size=1, max_size=8))
def test_one_label_is_a_binary_alpha(units):
    rows = [{f"r{place}": given for place, given in enumerate(unit)} for unit in units]
    table = SetTable.from_rows(rows, labels=["x", "y", "z"])
    parts = label_alpha(table, replicates=1)
    for label in "xyz":
        assert parts[label].value == value(krippendorff_alpha, table.label(label))
