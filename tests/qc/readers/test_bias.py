import numpy as np
import pytest

from qc.agreement.base import DEGENERATE, NO_OVERLAP, TOO_FEW, ZERO_VARIANCE
from qc.readers.base import CLUSTERS_IGNORED, NOT_BINARY
from qc.readers.cochran_q import cochran_q
from qc.readers.confusion import confusion
from qc.readers.grade_bias import grade_bias
from qc.readers.marginal_homogeneity import marginal_homogeneity, margins_test, symmetry_test
from qc.readers.mcnemar import CHI2, CORRECTED, EXACT, MID_P, discordance, mcnemar
from qc.readers.volume_bias import volume_bias
from qc.readings.base import ReadingError
from qc.readings.pattern_table import PatternTable
from qc.readings.scored import ScoredNumbers, ScoredTable
from tests.qc.readers.scored import YES_NO, confused, crossed


# Fagerland MW, Lydersen S, Laake P. BMC Med Res Methodol 13:91, 2013, doi:10.1186/1471-2288-13-91, table 1 (airway
# hyper-responsiveness before and after transplantation, b = 1, c = 7) and its results.
def test_published_mcnemar():
    assert discordance(1, 7, CHI2) == (4.5, pytest.approx(0.034, abs=5e-4))
    assert discordance(1, 7, CORRECTED)[1] == pytest.approx(0.077, abs=5e-4)
    assert discordance(1, 7, EXACT)[1] == pytest.approx(0.070, abs=5e-4)
    assert discordance(1, 7, MID_P)[1] == pytest.approx(0.039, abs=5e-4)


def test_mcnemar_chooses_by_the_discordant_units():
    few, many = crossed([[20, 3], [9, 20]]), crossed([[20, 10], [20, 20]])
    assert (mcnemar(few).method, mcnemar(few).details["only_first"]) == ("McNemar, exact binomial", 9)
    assert mcnemar(many).degrees == 1
    assert mcnemar(many).statistic == pytest.approx(100 / 30)
    assert mcnemar(many).details["difference"] == pytest.approx(10 / 70)
    with pytest.raises(ValueError, match="sign"):
        mcnemar(few, method="sign")


@pytest.mark.parametrize("method", ["auto", EXACT, MID_P, CHI2, CORRECTED])
def test_without_discordant_units_p_is_1(method):
    assert mcnemar(crossed([[5, 0], [0, 5]]), method=method).p == 1


def test_mcnemar_says_what_it_cannot_test():
    assert mcnemar(crossed(np.eye(3, dtype=int))).undefined == NOT_BINARY
    nobody = PatternTable.from_codes([[0, -1], [-1, 1]], raters="ab", scale=YES_NO)
    found = mcnemar(nobody)
    assert (found.undefined, found.n_dropped, found.dropped_why) == (NO_OVERLAP, 2, "not read by both")
    with pytest.raises(ReadingError):
        mcnemar(PatternTable.from_codes([[0, 1, 1]], raters="abc", scale=YES_NO))
    same = PatternTable.from_codes([[0, 1], [1, 1]], raters="ab", scale=YES_NO, clusters="pp")
    assert mcnemar(same).warnings == (CLUSTERS_IGNORED,)


# Stuart A. Biometrika 42:412-416, 1955, doi:10.1093/biomet/42.3-4.412: unaided vision of the right (rows) and the left
# eye of 7 477 women; published statistic 11.96, 3 degrees of freedom.
VISION = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]


def test_published_stuart():
    found = marginal_homogeneity(crossed(VISION))
    assert found["stuart_maxwell"].statistic == pytest.approx(11.96, abs=5e-3)
    assert found["stuart_maxwell"].degrees == 3
    # Bhapkar 1966 gives 11.98 for the same table; Bowker's symmetry has 6 degrees.
    assert found["bhapkar"].statistic == pytest.approx(11.98, abs=5e-3)
    assert found["bowker"].degrees == 6
    assert found["bowker"].statistic == pytest.approx(19.11, abs=5e-3)


def test_two_categories_give_mcnemar():
    table = np.array([[20.0, 10], [20, 20]])
    assert margins_test(table, is_bhapkar=False) == pytest.approx((100 / 30, 1))
    assert symmetry_test(table) == pytest.approx((100 / 30, 1))


def test_categories_on_which_nobody_differs_do_not_count():
    found = marginal_homogeneity(crossed([[20, 10, 0], [20, 20, 0], [0, 0, 9]]))
    assert {one.degrees for one in found.values()} == {1}
    perfect = marginal_homogeneity(crossed(np.eye(3, dtype=int)))
    assert {(one.statistic, one.p, one.degrees) for one in perfect.values()} == {(0.0, 1.0, 0)}


def test_a_covariance_that_cannot_be_inverted_is_a_reason():
    # Two blocks that are confused within themselves only.
    block = [[5, 2, 0, 0], [1, 5, 0, 0], [0, 0, 5, 3], [0, 0, 1, 5]]
    found = marginal_homogeneity(crossed(block))
    assert found["stuart_maxwell"].undefined == DEGENERATE
    assert found["bowker"].degrees == 2


def test_cochran_with_two_readers_is_mcnemar():
    table = crossed([[20, 10], [20, 20]])
    assert cochran_q(table).statistic == pytest.approx(mcnemar(table, method=CHI2).statistic)
    assert cochran_q(crossed([[5, 0], [0, 5]])).undefined == ZERO_VARIANCE
    assert cochran_q(crossed(np.eye(3, dtype=int))).undefined == NOT_BINARY


def test_grades_above_and_below():
    # Twelve cases: 7 right, 4 one level too high, 1 two levels too low.
    found = grade_bias(confused([[3, 2, 0], [0, 2, 2], [1, 0, 2]], "ordinal"), replicates=200)
    assert {name: one.value for name, one in found.items()} == pytest.approx(
        {"mean": (4 - 2) / 12, "over": 4 / 12, "under": 1 / 12}
    )
    perfect = grade_bias(confused([[5, 0], [0, 5]], "ordinal"), replicates=50)
    assert (perfect["mean"].value, perfect["mean"].interval_undefined) == (0.0, ZERO_VARIANCE)


def test_volumes_of_zero_are_dropped_and_counted():
    reading = ScoredNumbers(np.array([10.0, 0, 8, 20]), np.array([11.0, 11, 10, 0]), "mm³")
    found = volume_bias(reading)
    assert (found["log_ratio"].n_units, found["log_ratio"].n_dropped) == (2, 2)
    assert "volume 0" in found["log_ratio"].dropped_why
    assert found["test"].p is not None


def test_ratios_are_symmetric_and_differences_are_not():
    reading = ScoredNumbers(np.array([20.0, 5.0]), np.array([10.0, 10.0]))
    found = volume_bias(reading)
    assert found["log_ratio"].value == pytest.approx(0.0, abs=1e-12)
    assert found["relative_difference"].value == pytest.approx(0.25)


def test_lesions_of_one_patient_widen_the_bounds_of_a_bias():
    measured, reference = np.array([11.0, 11.2, 11.1, 9.0, 9.1, 9.2]), np.full(6, 10.0)
    single = volume_bias(ScoredNumbers(measured, reference))["log_ratio"]
    patients = volume_bias(ScoredNumbers(measured, reference, clusters=tuple("pppqqq")))["log_ratio"]
    assert patients.n_clusters == 2
    assert patients.standard_error > single.standard_error
    one = volume_bias(ScoredNumbers(measured, reference, clusters=tuple("pppppp")))
    assert (one["log_ratio"].interval_undefined, one["test"].undefined) == (TOO_FEW, TOO_FEW)
    exact = volume_bias(ScoredNumbers(reference * 1.1, reference))
    assert (exact["log_ratio"].interval_undefined, exact["test"].undefined) == (ZERO_VARIANCE, ZERO_VARIANCE)


def test_rows_of_the_confusion_add_up():
    found = confusion(confused([[8, 1, 1], [0, 9, 1], [0, 0, 0]]))
    assert [found[f"0→{code}"].value for code in "012"] == [0.8, 0.1, 0.1]
    assert found["2→0"].undefined == TOO_FEW
    table = ScoredTable.from_codes([0, 1], [-1, 1], scale=YES_NO)
    assert (table.n_undetermined, table.n_units, table.confusion.tolist()) == (1, 1, [[0, 0], [0, 1]])
