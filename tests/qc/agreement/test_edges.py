"""Refusals, reasons and cautions of the statistics of numbers, pairs and sets."""

import numpy as np
import pytest

from qc.agreement.base import (
    DEGENERATE,
    DIFFERENCE_GROWS,
    MISSING_CELLS,
    NO_OVERLAP,
    NO_VARIATION,
    PAIRS_UNDEFINED,
    RARE_CATEGORY,
    SMALL_SAMPLE,
    TOO_FEW,
    ZERO_VARIANCE,
)
from qc.agreement.bland_altman import BCA, RATIO, bland_altman
from qc.agreement.cohen_kappa import cohen_kappa
from qc.agreement.icc_agreement import icc_agreement
from qc.agreement.icc_consistency import icc_consistency
from qc.agreement.icc_oneway import icc_oneway
from qc.agreement.inter_intra import inter_intra
from qc.agreement.jaccard_alpha import jaccard_alpha
from qc.agreement.kendall_w import concordance_test, kendall_w
from qc.agreement.light_kappa import light_kappa
from qc.agreement.lin_ccc import lin_ccc, shifts
from qc.agreement.ranking_tau import ranking_tau
from qc.agreement.ranking_w import ranking_w
from qc.agreement.repeatability import repeatability
from qc.agreement.scott_pi import scott_pi
from qc.agreement.specific_agreement import specific_agreement
from qc.agreement.two_by_two import two_by_two
from qc.agreement.weighted_kappa import weighted_kappa
from qc.agreement.within_cv import within_cv
from qc.readings.base import ReadingError
from qc.readings.number_table import NumberTable
from qc.readings.pattern_table import PatternTable
from qc.readings.rankings import Rankings
from qc.readings.repeat_table import RepeatTable
from qc.readings.scale import Scale
from qc.readings.set_table import SetTable
from tests.reference import published


def codes(rows, categories=2, kind="nominal"):
    names = [f"r{place}" for place in range(len(rows[0]))]
    return PatternTable.from_codes(rows, raters=names, scale=published.scale(kind, categories))


def numbers(rows, **options):
    return NumberTable.from_values(rows, raters=[f"r{place}" for place in range(len(rows[0]))], **options)


@pytest.mark.parametrize("method", [cohen_kappa, weighted_kappa, scott_pi, two_by_two])
def test_three_raters_are_no_pair(method):
    with pytest.raises(ReadingError, match="two raters"):
        method(codes([[0, 1, 1]]))


@pytest.mark.parametrize("method", [lin_ccc, bland_altman])
def test_three_columns_are_no_pair(method):
    with pytest.raises(ReadingError, match="two raters"):
        method(numbers([[0.0, 1.0, 1.0]]))


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        (np.ones((3, 3)), "shape"),
        (np.array([[1, 0.5], [0.2, 1]]), "symmetric"),
        (np.array([[1, 2], [2, 1]]), "between 0 and 1"),
        (np.array([[0.9, 0], [0, 1]]), "diagonal"),
        ("cubic", "cubic"),
    ],
)
def test_weights_that_are_none_are_refused(weights, says):
    with pytest.raises(ValueError, match=says):
        weighted_kappa(codes([[0, 1], [1, 1]], kind="ordinal"), weights=weights)


@pytest.mark.parametrize(
    "call",
    [
        lambda: cohen_kappa(codes([[0, 1]]), interval="wald"),
        lambda: lin_ccc(numbers([[0.0, 1.0]]), interval="wald"),
        lambda: bland_altman(numbers([[0.0, 1.0]]), interval="wald"),
        lambda: bland_altman(numbers([[0.0, 1.0]]), limits="wald"),
        lambda: within_cv(numbers([[0.0, 1.0]]), method="wald"),
    ],
)
def test_an_unknown_option_is_named(call):
    with pytest.raises(ValueError, match="wald"):
        call()


def test_light_leaves_out_pairs_that_have_no_kappa_and_says_so():
    rows = [[0, 0, -1], [1, 1, -1], [0, 1, -1], [1, 1, 1], [0, 0, 1]]
    found = light_kappa(codes(rows))
    # The third rater gave one answer only, on two units: kappa 0 with each of the others.
    pairs = [cohen_kappa(codes(np.array(rows)[:, pair])).value for pair in ([0, 1], [0, 2], [1, 2])]
    assert found.value == pytest.approx(np.mean(pairs))
    alone = light_kappa(codes([[0, 0, -1], [1, 1, -1], [0, 1, -1]]))
    assert PAIRS_UNDEFINED in alone.warnings
    assert alone.value == pytest.approx(cohen_kappa(codes([[0, 0], [1, 1], [0, 1]])).value)


def test_a_rare_answer_has_exact_bounds_where_they_exist():
    # Nine of nine named by both: 2p / (1 + p) with the Clopper–Pearson bound .6637 of 9 of 9.
    rows = [[0, 0]] * 60 + [[1, 1]] * 9
    found = specific_agreement(codes(rows))["2"]
    p = 0.025 ** (1 / 9)
    assert (found.value, found.low, found.high) == pytest.approx((1.0, 2 * p / (1 + p), 1.0))
    assert RARE_CATEGORY in found.warnings
    assert found.seed is None
    many = specific_agreement(codes([[0, 0, 0]] * 60 + [[1, 1, 0]] * 5))["2"]
    assert RARE_CATEGORY in many.warnings
    assert many.value == pytest.approx(0.5)
    assert RARE_CATEGORY not in specific_agreement(codes(rows))["1"].warnings


def test_two_by_two_needs_two_answers():
    found = two_by_two(codes([[0, 1], [2, 1]], categories=3))
    assert {one.undefined for one in found.values()} == {NO_VARIATION}
    flat = two_by_two(codes([[0, 0]] * 3))
    assert (flat["prevalence_index"].value, flat["kappa_max"].undefined) == (1.0, NO_VARIATION)


def test_concordance_of_one_unit_or_none():
    assert kendall_w(codes([[0, 1]], kind="ordinal")).undefined == TOO_FEW
    assert kendall_w(codes([[0, 0], [0, 0]], kind="ordinal")).undefined == NO_VARIATION
    assert concordance_test(codes([[0, 0], [0, 0]], kind="ordinal")) is None


def test_small_samples_are_marked_and_large_ones_are_not():
    few = codes([[0, 0], [1, 1], [0, 1]] * 3)
    many = codes([[0, 0], [1, 1], [0, 1]] * 30)
    assert SMALL_SAMPLE in cohen_kappa(few).warnings
    assert SMALL_SAMPLE not in cohen_kappa(many).warnings


def test_negative_reliability_stays_as_it_is():
    found = icc_oneway(numbers([[1.0, 5.0], [5.0, 1.5], [2.0, 4.0]]))["single"]
    assert found.value < -0.9
    assert found.low < found.value < found.high
    # All means equal.
    flat = icc_oneway(numbers([[1.0, 5.0], [5.0, 1.0], [2.0, 4.0]]))["single"]
    assert (flat.value, flat.interval_undefined) == (-1.0, DEGENERATE)


def test_perfect_measurements_have_no_bounds():
    table = numbers([[1.0, 1.0], [2.0, 2.0], [5.0, 5.0]])
    for method in (icc_oneway, icc_agreement, icc_consistency):
        for one in method(table).values():
            assert (one.value, one.interval_undefined, one.standard_error) == (1.0, ZERO_VARIANCE, 0.0)
    assert lin_ccc(table).interval_undefined == ZERO_VARIANCE
    assert repeatability(table)["within_sd"].value == 0
    assert within_cv(table).value == 0
    bias = bland_altman(table)["bias"]
    assert (bias.value, bias.interval_undefined) == (0, ZERO_VARIANCE)


def test_missing_cells_are_kept_and_named():
    rows = [
        [1.0, 2.0, 1.5],
        [4.0, np.nan, 4.5],
        [7.0, 8.0, 7.2],
        [np.nan, 3.0, 2.0],
        [9.0, 9.5, 9.4],
        [np.nan, 1, np.nan],
    ]
    found = icc_agreement(numbers(rows), replicates=100)["single"]
    assert MISSING_CELLS in found.warnings
    assert (found.n_units, found.n_dropped) == (5, 1)
    assert found.low < found.value < found.high
    same = [[1.0, 1.0, np.nan], [2.0, np.nan, 2.0], [3.0, 3.0, 3.0]]
    perfect = icc_agreement(numbers(same), replicates=50)["single"]
    assert (perfect.value, perfect.interval_undefined) == (1.0, ZERO_VARIANCE)
    flat = icc_agreement(numbers([[1.0, 1.0, np.nan], [1.0, np.nan, 1.0]]), replicates=50)["single"]
    assert flat.undefined == NO_VARIATION


def test_several_units_of_a_patient_are_resampled_together():
    rows = [[float(x), x + (-1) ** x] for x in range(12)]
    alone, together = (numbers(rows, clusters=names) for names in (range(12), [x // 2 for x in range(12)]))
    for method, part in ((icc_agreement, "single"), (bland_altman, "upper_limit"), (repeatability, "within_sd")):
        assert "bootstrap" not in method(alone)[part].method
        found = method(together)[part]
        assert "patients" in found.method
        assert found.n_clusters == 6
    assert "patients" in lin_ccc(together).method


def test_reasons_of_too_little():
    assert icc_agreement(numbers([[1.0, 2.0]]))["single"].undefined == TOO_FEW
    assert lin_ccc(numbers([[1.0, 2.0], [2.0, 3.0]])).undefined == TOO_FEW
    assert lin_ccc(numbers([[1.0, 1.0]] * 4)).undefined == NO_VARIATION
    parts = bland_altman(numbers([[1.0, 2.0]]))
    assert (parts["bias"].value, parts["upper_limit"].undefined) == (-1.0, TOO_FEW)
    assert repeatability(numbers([[1.0, np.nan]]))["within_sd"].undefined == NO_OVERLAP


def test_a_rater_who_does_not_vary():
    table = numbers([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0], [9.0, 5.0]])
    assert shifts(table) is None
    assert (lin_ccc(table).value, lin_ccc(table).interval_undefined) == (0.0, DEGENERATE)


def test_limits_of_a_ratio():
    table = numbers([[2.0, 1.0], [4.2, 2.0], [7.8, 4.0], [16.0, 8.4]], unit="mm")
    found = bland_altman(table, limits=RATIO)
    assert found["bias"].value == pytest.approx(2.0, abs=0.05)
    assert found["bias"].unit == ""
    assert found["lower_limit"].value < found["bias"].value < found["upper_limit"].value
    assert DIFFERENCE_GROWS in bland_altman(table)["bias"].warnings
    assert DIFFERENCE_GROWS not in found["bias"].warnings
    with pytest.raises(ReadingError, match="above 0"):
        bland_altman(numbers([[0.0, 1.0]]), limits=RATIO)


def test_bootstrapped_limits_lie_near_the_exact_ones():
    generator = np.random.Generator(np.random.PCG64(2))
    table = numbers(generator.normal(0, 1, (200, 2)))
    exact, resampled = bland_altman(table), bland_altman(table, interval=BCA)
    assert resampled["upper_limit"].value == exact["upper_limit"].value
    assert resampled["upper_limit"].low == pytest.approx(exact["upper_limit"].low, abs=0.15)


def test_a_size_of_zero_has_no_relative_error():
    found = within_cv(numbers([[0.0, 1.0], [10.0, 10.0], [9.0, 11.0]]))
    assert (found.n_units, found.n_dropped) == (2, 1)
    assert "not above 0" in found.dropped_why


def test_repeats_by_one_reader_or_once_only():
    one = RepeatTable.from_values([[[1.0, 2.0]], [[3.0, 4.0]]], raters=["ada"])
    once = RepeatTable.from_values([[[1.0], [2.0]], [[3.0], [4.0]]], raters=["ada", "ben"])
    for table in (one, once):
        assert {found.undefined for found in inter_intra(table).values()} == {TOO_FEW}


def test_empty_sets_agree():
    rows = [{"a": [], "b": []}, {"a": ["x"], "b": ["x"]}]
    assert jaccard_alpha(SetTable.from_rows(rows, labels=["x", "y"])).value == 1
    assert jaccard_alpha(SetTable.from_rows([], labels=["x"])).undefined == NO_OVERLAP
    alike = SetTable.from_rows([{"a": ["x"], "b": ["x"]}], labels=["x", "y"])
    assert jaccard_alpha(alike).undefined == NO_VARIATION


def test_orders_that_tie_everything_are_dropped():
    flat = {"ada": [["a", "b"]], "ben": [["a", "b"]]}
    clear = {"ada": [["a"], ["b"]], "ben": [["b"], ["a"]]}
    found = ranking_tau(Rankings.from_orders([flat, clear, {"ada": [["a"], ["b"]]}], options="ab"))
    assert (found.value, found.n_units, found.n_dropped) == (-1.0, 1, 2)
    assert found.dropped_why == "1 units with fewer than two orders; 1 units in which an order ties everything"
    for method in (ranking_tau, ranking_w):
        assert method(Rankings.from_orders([flat], options="ab")).undefined == NO_VARIATION
        assert method(Rankings.from_orders([], options="ab")).undefined == NO_OVERLAP


def test_the_scale_is_the_declared_one():
    # Six declared levels, four used (statistics.md, G1): another linear kappa than of the four alone.
    rows = [[1, 2], [2, 2], [3, 3], [4, 3], [2, 4]]
    six = PatternTable.from_codes(rows, raters=["a", "b"], scale=Scale("ordinal", tuple("012345")))
    four = PatternTable.from_codes(np.array(rows) - 1, raters=["a", "b"], scale=Scale("ordinal", tuple("1234")))
    # Levels unused at an end cancel out of kappa, not out of the weights.
    assert weighted_kappa(six, replicates=1).value == pytest.approx(weighted_kappa(four, replicates=1).value)
    gap = PatternTable.from_codes(
        [[0, 1], [1, 1], [3, 3], [4, 3], [1, 4]], raters=["a", "b"], scale=Scale("ordinal", tuple("01234"))
    )
    closed = PatternTable.from_codes(
        [[0, 1], [1, 1], [2, 2], [3, 2], [1, 3]], raters=["a", "b"], scale=Scale("ordinal", tuple("0123"))
    )
    values = [weighted_kappa(table, weights="linear", replicates=1).value for table in (gap, closed)]
    assert abs(values[0] - values[1]) > 0.01


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([1, 0, 1, 2, 0, 1, 2], [0, 0, 2, 0, 1, 0, 1]),
        ([1, 1, 2, 2, 2, 1, 2, 2, 2, 1], [0, 0, 0, 2, 0, 2, 0, 0, 1, 0]),
    ],
)
def test_measurements_without_correlation_have_no_lin_bounds_whatever_rounding_leaves_of_it(first, second):
    assert len(first) * sum(a * b for a, b in zip(first, second, strict=True)) == sum(first) * sum(second)
    rows = [[float(a), float(b)] for a, b in zip(first, second, strict=True)]
    found = lin_ccc(NumberTable.from_values(rows, raters=["ada", "ben"]))
    assert found.value == pytest.approx(0, abs=1e-12)
    assert (found.low, found.high, found.interval_undefined) == (None, None, "degenerate")
