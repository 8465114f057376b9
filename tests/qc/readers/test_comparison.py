import numpy as np
import pytest
from scipy import stats

from qc.agreement.base import NO_OVERLAP, NO_VARIATION, TOO_FEW, ZERO_VARIANCE
from qc.agreement.cohen_kappa import cohen_kappa
from qc.agreement.conger_kappa import conger_kappa
from qc.agreement.percent import percent_agreement
from qc.agreement.weighted_kappa import weighted_kappa
from qc.readers.auc import areas_of, auc
from qc.readers.base import ONE_CLASS
from qc.readers.kappa_difference import kappa_difference
from qc.readings.base import ReadingError
from qc.readings.paired import Paired
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from qc.readings.scores import ScoreTable

COLUMNS = ["ada", "ben", "ada+hint", "ben+hint"]


def hinted(seed=5, kind="nominal"):
    """Return 400 cases read by two people without and with a hint, which both follow now and then."""
    generator = np.random.Generator(np.random.PCG64(seed))
    truth = (generator.random(400) < 0.4).astype(int)
    flips = generator.random((400, 4)) < [0.12, 0.12, 0.07, 0.07]
    ratings = np.where(flips, 1 - truth[:, None], truth[:, None])
    return PatternTable.from_codes(ratings, raters=COLUMNS, scale=Scale(kind, ("no", "yes")))


def exact(before, after):
    """Return 400 cases with 50 % yes for everybody, on which so many are agreed upon before and after."""
    rows = [
        [place % 2, (place + (place >= before)) % 2, place % 2, (place + (place >= after)) % 2] for place in range(400)
    ]
    return PatternTable.from_codes(rows, raters=COLUMNS, scale=Scale("nominal", ("no", "yes")))


def test_before_and_after_an_intervention():
    # With half of the answers yes, kappa = 2 p_o − 1: 330 of 400 is .65, 348 of 400 is .74.
    found = kappa_difference(Paired(exact(330, 348), ("ada", "ben"), ("ada+hint", "ben+hint")), seed=1)
    assert found["kappa_before"].value == pytest.approx(0.65)
    assert found["kappa_after"].value == pytest.approx(0.74)
    change = found["kappa_difference"]
    assert change.value == pytest.approx(0.09)
    assert 0 < change.low < 0.09 < change.high
    assert change.seed == 1
    # The same cases twice: narrower than the bounds of two independent kappas would make it.
    independent = np.hypot(found["kappa_before"].standard_error, found["kappa_after"].standard_error)
    assert change.standard_error < independent


def test_both_sides_are_the_statistics_of_two_readers():
    table = hinted()
    found = kappa_difference(Paired(table, ("ada", "ben"), ("ada+hint", "ben+hint")), replicates=200)
    for side, names in (("before", ["ada", "ben"]), ("after", ["ada+hint", "ben+hint"])):
        own = table.select(names)
        assert found[f"kappa_{side}"].value == pytest.approx(cohen_kappa(own, replicates=1).value)
        assert found[f"agreement_{side}"].value == pytest.approx(percent_agreement(own, replicates=1).value)
    for name in ("kappa", "agreement"):
        gap = found[f"{name}_after"].value - found[f"{name}_before"].value
        assert found[f"{name}_difference"].value == pytest.approx(gap)


def test_with_more_readers_it_is_congers_and_on_levels_quadratic():
    table = hinted()
    found = kappa_difference(Paired(table, ("ada", "ben", "ada+hint"), ("ada", "ben")), replicates=20)
    expected = conger_kappa(table.select(["ada", "ben", "ada+hint"]), replicates=1).value
    assert found["kappa_before"].value == pytest.approx(expected)
    generator = np.random.Generator(np.random.PCG64(0))
    levels = np.clip(generator.integers(0, 3, 60)[:, None] + generator.integers(-1, 2, (60, 4)), 0, 2)
    ordinal = PatternTable.from_codes(levels, raters=COLUMNS, scale=Scale("ordinal", ("1", "2", "3")))
    found = kappa_difference(Paired(ordinal, ("ada", "ben"), ("ada+hint", "ben+hint")), replicates=20)
    expected = weighted_kappa(ordinal.select(["ada", "ben"]), replicates=1).value
    assert found["kappa_before"].value == pytest.approx(expected)


def test_the_same_side_twice_differs_by_nothing():
    found = kappa_difference(Paired(hinted(), ("ada", "ben"), ("ada", "ben")), replicates=50)
    assert (found["kappa_difference"].value, found["kappa_difference"].interval_undefined) == (0.0, ZERO_VARIANCE)


def test_cases_that_somebody_did_not_read_are_dropped():
    scale = Scale("nominal", ("no", "yes"))
    table = PatternTable.from_codes([[0, 0, 0, -1], [1, 1, 1, 1]], raters=COLUMNS, scale=scale)
    found = kappa_difference(Paired(table, ("ada", "ben"), ("ada+hint", "ben+hint")), replicates=10)
    assert (found["kappa_before"].undefined, found["kappa_before"].n_dropped) == (NO_VARIATION, 1)
    none = PatternTable.from_codes([[0, 0, 0, -1]], raters=COLUMNS, scale=scale)
    found = kappa_difference(Paired(none, ("ada", "ben"), ("ada+hint", "ben+hint")), replicates=10)
    assert found["kappa_difference"].undefined == NO_OVERLAP
    for before in (("ada",), ("ada", "cho")):
        with pytest.raises(ReadingError):
            Paired(table, before, ("ada", "ben"))


def scores(seed=3, n=60):
    generator = np.random.Generator(np.random.PCG64(seed))
    truth = generator.random(n) < 0.4
    given = np.round(generator.normal(truth[:, None] * [1.0, 1.5], 1.0), 1)
    return ScoreTable(("ct", "mr"), truth, given)


def slow_delong(table):
    """Return areas and covariance from all pairs of a positive and a negative unit."""
    positive, negative = table.scores[table.truth], table.scores[~table.truth]
    above = (positive[:, None] > negative[None]) + 0.5 * (positive[:, None] == negative[None])
    of_positive, of_negative = above.mean(axis=1), above.mean(axis=0)
    covariance = np.cov(of_positive.T) / len(positive) + np.cov(of_negative.T) / len(negative)
    return above.mean(axis=(0, 1)), covariance


def test_delong_by_all_pairs():
    table = scores()
    areas = areas_of(table)
    values, covariance = slow_delong(table)
    assert areas.values == pytest.approx(values)
    assert areas.covariance == pytest.approx(covariance)
    u = stats.mannwhitneyu(table.scores[table.truth, 0], table.scores[~table.truth, 0]).statistic
    assert values[0] == pytest.approx(u / (table.truth.sum() * (~table.truth).sum()))


def test_difference_and_its_test():
    found = auc(scores())
    gap = found["difference:ct−mr"]
    assert gap.value == pytest.approx(found["auc:ct"].value - found["auc:mr"].value)
    test = found["test:ct−mr"]
    assert test.statistic == pytest.approx(gap.value / gap.standard_error)
    assert test.p == pytest.approx(2 * stats.norm.sf(abs(test.statistic)))
    assert (gap.low <= 0 <= gap.high) == (test.p >= 0.05)


def test_one_unit_a_patient_is_delongs_own():
    table = scores()
    single = ScoreTable(table.names, table.truth, table.scores, tuple(str(place) for place in range(60)))
    assert areas_of(single).covariance == pytest.approx(areas_of(table).covariance)
    twice = ScoreTable(table.names, np.tile(table.truth, 2), np.tile(table.scores, (2, 1)), single.clusters * 2)
    # Every unit copied within its patient tells nothing new.
    assert areas_of(twice).covariance == pytest.approx(areas_of(table).covariance)


def test_curves_without_bounds():
    truth = np.array([False, False, True, True])
    perfect = auc(ScoreTable(("x",), truth, np.array([[1.0], [2], [3], [4]])))["auc:x"]
    assert (perfect.value, perfect.interval_undefined) == (1.0, ZERO_VARIANCE)
    lone = auc(ScoreTable(("x",), np.array([False, False, True]), np.array([[1.0], [2], [2]])))["auc:x"]
    assert (lone.value, lone.interval_undefined) == (0.75, TOO_FEW)
    none = auc(ScoreTable(("x", "y"), np.array([True]), np.array([[1.0, 2.0]])))
    assert {one.undefined for one in none.values()} == {ONE_CLASS}
