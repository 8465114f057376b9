"""Figures in print, retyped with their citation: tables that several statistics share."""

import numpy as np
import pytest

from qc.agreement._bootstrap import LINEARISED
from qc.agreement._two_raters import FLEISS_COHEN_EVERITT
from qc.agreement.bland_altman import BLAND_ALTMAN_1986, bland_altman
from qc.agreement.brennan_prediger import brennan_prediger
from qc.agreement.category_kappa import category_kappa
from qc.agreement.cohen_kappa import cohen_kappa
from qc.agreement.fleiss_kappa import fleiss_kappa
from qc.agreement.gwet_ac import gwet_ac
from qc.agreement.icc_agreement import icc_agreement
from qc.agreement.icc_consistency import icc_consistency
from qc.agreement.icc_oneway import icc_oneway
from qc.agreement.inter_intra import inter_intra
from qc.agreement.krippendorff_alpha import krippendorff_alpha
from qc.agreement.lin_ccc import lin_ccc, shifts
from qc.agreement.repeatability import repeatability
from qc.agreement.specific_agreement import specific_agreement
from qc.agreement.two_by_two import two_by_two
from qc.agreement.weighted_kappa import weighted_kappa
from qc.readings.number_table import NumberTable
from qc.readings.pattern_table import PatternTable
from qc.readings.repeat_table import RepeatTable
from tests.reference import published

FEW = 20

# Cohen J. Psychol Bull 70:213-220, 1968, doi:10.1037/h0026256: 200 diagnoses, disagreement weights 0, 1, 3, 6.
COHEN_1968 = [[88, 10, 2], [14, 40, 6], [18, 10, 12]]
COHEN_1968_DISAGREEMENT = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
FCE_WEIGHTS = np.array([[1, 0, 0.4444], [0, 1, 0.6667], [0.4444, 0.6667, 1]])

# Landis JR, Koch GG. Biometrics 33:159-174, 1977, doi:10.2307/2529310: certainty of multiple sclerosis, two
# neurologists, 149 patients of Winnipeg and 69 of New Orleans.
WINNIPEG = [[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]]
NEW_ORLEANS = [[5, 3, 0, 0], [3, 11, 4, 0], [2, 13, 3, 4], [1, 2, 4, 14]]

# Krippendorff K. Computing Krippendorff's alpha-reliability, 2011: binary and five nominal categories, two observers.
BINARY = ("0100000010", "1110010000")
FIVE = ("aabbdcccedda", "babbbccceddd")

# Shrout PE, Fleiss JL. Psychol Bull 86:420-428, 1979, doi:10.1037/0033-2909.86.2.420, table 2.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]

# Bland JM, Altman DG. Lancet 327:307-310, 1986, doi:10.1016/S0140-6736(86)90837-8, table 1: peak expiratory flow in
# l/min, large Wright meter twice and mini Wright meter twice.
WRIGHT_1 = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
WRIGHT_2 = [490, 397, 512, 401, 470, 611, 415, 431, 638, 429, 420, 633, 275, 492, 165, 372, 421]
MINI_1 = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
MINI_2 = [525, 415, 508, 444, 500, 625, 460, 390, 642, 432, 420, 605, 227, 467, 268, 370, 443]

# Eliasziw M et al. Phys Ther 74:777-788, 1994, doi:10.1093/ptj/74.8.777, table 4: knee angle in degrees of 29 people,
# two goniometers, three repeats each.
GONIOMETERS = """
-2 16 5 11 7 -7 18 4 0 0 -3 3 7 -6 1 -13 2 4 -10 8 7 -3 -5 5 0 7 -8 1 -3
0 16 6 10 8 -8 19 5 -3 0 -2 -1 9 -7 1 -14 1 4 -9 9 6 -2 -5 5 -1 6 -8 1 -3
1 15 6 10 6 -8 19 5 -2 -2 -2 1 9 -6 0 -14 0 3 -10 8 7 -4 -7 5 -1 6 -8 2 -3
2 12 4 9 5 -9 17 5 -7 1 -4 -1 4 -8 -2 -12 -1 7 -10 2 8 -5 -6 3 -4 4 -10 1 -5
1 14 4 7 6 -10 17 5 -6 2 -3 -2 4 -10 -2 -12 0 6 -11 8 7 -5 -8 4 -3 4 -11 -1 -4
1 13 4 8 6 -9 17 5 -5 1 -3 1 2 -9 -3 -12 0 4 -10 8 7 -5 -7 4 -4 4 -10 0 -5
"""


def pair(first, second):
    return NumberTable.from_values(np.array([first, second]).T, raters=["first", "second"], unit="l/min")


def coded(first, second, codes):
    rows = [[codes.index(a), codes.index(b)] for a, b in zip(first, second, strict=True)]
    return PatternTable.from_codes(rows, raters=["first", "second"], scale=published.nominal(len(codes)))


def test_cohen_1968_weighted_kappa():
    reading = published.from_table(COHEN_1968)
    found = weighted_kappa(reading, weights=1 - COHEN_1968_DISAGREEMENT / 6, replicates=FEW)
    assert found.value == pytest.approx(0.348, abs=5e-4)
    assert cohen_kappa(reading, replicates=FEW).value == pytest.approx(0.492, abs=5e-4)


def test_fleiss_cohen_everitt_1969_weighted_kappa_and_its_standard_error():
    found = weighted_kappa(
        published.from_table(published.FCE_1969), weights=FCE_WEIGHTS, interval=FLEISS_COHEN_EVERITT, replicates=FEW
    )
    assert (found.value, found.standard_error) == (pytest.approx(0.507, abs=5e-4), pytest.approx(0.057, abs=5e-4))


@pytest.mark.parametrize(
    ("table", "kappa", "error", "linear", "quadratic"),
    [(WINNIPEG, 0.2079, 0.0505, 0.3797, 0.5246), (NEW_ORLEANS, 0.2965, 0.0785, 0.4773, 0.6256)],
)
def test_landis_and_koch_1977(table, kappa, error, linear, quadratic):
    reading = published.from_table(table)
    plain = cohen_kappa(reading, interval=FLEISS_COHEN_EVERITT, replicates=FEW)
    assert (plain.value, plain.standard_error) == pytest.approx((kappa, error), abs=5e-5)
    weighted = [weighted_kappa(reading, weights=name, replicates=FEW).value for name in ("linear", "quadratic")]
    assert weighted == pytest.approx([linear, quadratic], abs=5e-5)


def test_sas_linear_weights():
    found = weighted_kappa(
        published.from_table(published.SAS_FREQ), weights="linear", interval=FLEISS_COHEN_EVERITT, replicates=FEW
    )
    figures = (found.value, found.standard_error, found.null_error)
    assert figures == pytest.approx((0.4701, 0.1457, 0.1426), abs=5e-5)


def test_krippendorff_2011_two_observers():
    assert krippendorff_alpha(coded(*BINARY, "01"), replicates=FEW).value == pytest.approx(0.095, abs=5e-4)
    assert krippendorff_alpha(coded(*FIVE, "abcde"), replicates=FEW).value == pytest.approx(0.692, abs=5e-4)


def test_fleiss_1971_categories_and_both_standard_errors():
    reading = published.fleiss_1971()
    found = fleiss_kappa(reading, replicates=FEW)
    # Design-based .0542, if by chance only .0244 (Fleiss, Nee & Landis 1979): less than half as large.
    assert (found.standard_error, found.null_error) == pytest.approx((0.0542, 0.0244), abs=5e-5)
    parts = category_kappa(reading, replicates=FEW)
    assert [one.value for one in parts.values()] == pytest.approx([0.245, 0.245, 0.520, 0.471, 0.566], abs=5e-4)


def test_gwet_2008_linearised_errors_on_complete_data():
    reading = published.fleiss_1971()
    ours = [method(reading, interval=LINEARISED).standard_error for method in (fleiss_kappa, gwet_ac, brennan_prediger)]
    # Unit by unit, as in the paper: κ*_i = κ_i − 2 (1 − κ) (p_e|i − p_e) / (1 − p_e).
    counts = np.repeat(reading.anonymous().vectors, reading.anonymous().counts, axis=0)
    n, q = counts.shape
    share = counts / 6
    p = share.mean(axis=0)
    agree = (counts * (counts - 1)).sum(axis=1) / 30
    for error, p_e, of_unit in (
        (ours[0], (p**2).sum(), share @ p),
        (ours[1], (p * (1 - p)).sum() / (q - 1), share @ (1 - p) / (q - 1)),
        (ours[2], 1 / q, np.full(n, 1 / q)),
    ):
        value = (agree.mean() - p_e) / (1 - p_e)
        linear = (agree - p_e) / (1 - p_e) - 2 * (1 - value) * (of_unit - p_e) / (1 - p_e)
        assert error == pytest.approx(np.sqrt(((linear - value) ** 2).sum() / (n * (n - 1))), abs=1e-9)


@pytest.mark.parametrize(
    ("number", "positive", "negative", "prevalence", "bias", "greatest"),
    [
        (0, 0.842, 0.857, -0.05, 0.03, 0.940),
        (1, 0.914, 0.400, 0.75, 0.05, 0.773),
        (2, 0.692, 0.429, 0.30, -0.10, 0.783),
        (3, 0.556, 0.636, -0.10, 0.30, 0.444),
        (4, 0.971, 0.000, 0.944, 0.024, 0.561),
    ],
)
def test_cicchetti_and_feinstein_1990(number, positive, negative, prevalence, bias, greatest):
    reading = published.from_table(published.PARADOXES[number][0])
    specific = specific_agreement(reading, replicates=FEW)
    assert [one.value for one in specific.values()] == pytest.approx([positive, negative], abs=5e-4)
    indices = two_by_two(reading, replicates=FEW)
    assert [one.value for one in indices.values()] == pytest.approx([prevalence, bias, greatest], abs=6e-4)


def test_shrout_and_fleiss_1979():
    reading = NumberTable.from_values(SHROUT_FLEISS, raters=["1", "2", "3", "4"])
    found = [method(reading) for method in (icc_oneway, icc_agreement, icc_consistency)]
    assert [parts["single"].value for parts in found] == pytest.approx([0.17, 0.29, 0.71], abs=6e-3)
    assert [parts["mean"].value for parts in found] == pytest.approx([0.44, 0.62, 0.91], abs=6e-3)


def test_bland_and_altman_1986():
    parts = bland_altman(pair(WRIGHT_1, MINI_1), interval=BLAND_ALTMAN_1986)
    assert parts["bias"].value == pytest.approx(-2.1, abs=0.05)
    # Printed −114.3 to −45.1 and 40.9 to 110.1, from rounded figures.
    assert (parts["lower_limit"].low, parts["lower_limit"].high) == pytest.approx((-114.3, -45.1), abs=0.2)
    assert (parts["upper_limit"].low, parts["upper_limit"].high) == pytest.approx((40.9, 110.1), abs=0.2)
    assert parts["bias"].unit == "l/min"


def test_repeatability_of_both_meters_1986():
    # Printed 43.2 and 56.4, from rounded standard deviations.
    found = [repeatability(pair(*meter), factor=2) for meter in ((WRIGHT_1, WRIGHT_2), (MINI_1, MINI_2))]
    assert [parts["coefficient"].value for parts in found] == pytest.approx([43.2, 56.4], abs=0.15)


def test_lin_on_peak_flow():
    # epiR 2.0.57: .942742 (.8505 to .9787), scale shift .9725, location shift .0190.
    reading = pair(WRIGHT_1, MINI_1)
    found = lin_ccc(reading)
    assert (found.value, found.low, found.high) == pytest.approx((0.942742, 0.8505, 0.9787), abs=5e-5)
    shift = shifts(reading)
    assert (shift.scale, shift.location) == pytest.approx((0.9725, 0.0190), abs=5e-5)
    assert shift.correlation * shift.bias_correction == pytest.approx(found.value, abs=1e-12)


def test_eliasziw_1994():
    values = np.array([[float(x) for x in row.split()] for row in GONIOMETERS.strip().splitlines()])
    reading = RepeatTable.from_values(values.reshape(2, 3, 29).transpose(2, 0, 1), raters=["one", "two"], unit="degree")
    found = inter_intra(reading, replicates=FEW)
    assert [found[part].value for part in ("inter", "intra")] == pytest.approx([0.9451, 0.9842], abs=5e-5)
    assert [found[part].value for part in ("sem_inter", "sem_intra")] == pytest.approx([1.7282, 0.9254], abs=5e-5)
    assert (found["inter"].unit, found["sem_inter"].unit) == ("", "degree")
