import numpy as np
import pytest

from qc.agreement.base import DEGENERATE, NO_VARIATION, TOO_FEW
from qc.readers._share import (
    AGRESTI_COULL,
    CLOPPER_PEARSON,
    JEFFREYS,
    WILSON,
    ClusterCounts,
    binomial_bounds,
)
from qc.readers.accuracy import accuracy
from qc.readings.scored import ScoredTable
from tests.qc.readers.scored import YES_NO, confused, two_by_two

# Newcombe RG. Stat Med 17:857-872, 1998, table I: successes, trials, Wilson, Clopper–Pearson.
NEWCOMBE = [
    (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
    (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
    (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
    (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
]


@pytest.mark.parametrize(("x", "n", "wilson", "exact"), NEWCOMBE)
def test_published_bounds_of_shares(x, n, wilson, exact):
    assert binomial_bounds(x, n, 0.95, WILSON) == pytest.approx(wilson, abs=5e-5)
    assert binomial_bounds(x, n, 0.95, CLOPPER_PEARSON) == pytest.approx(exact, abs=5e-5)


@pytest.mark.parametrize("interval", [WILSON, CLOPPER_PEARSON, JEFFREYS, AGRESTI_COULL])
@pytest.mark.parametrize(("x", "n"), [(0, 7), (3, 7), (7, 7)])
def test_bounds_mirror_and_hold_the_share(interval, x, n):
    low, high = binomial_bounds(x, n, 0.9, interval)
    assert 0 <= low <= high <= 1
    assert (interval == JEFFREYS) or low <= x / n <= high
    assert binomial_bounds(n - x, n, 0.9, interval) == pytest.approx((1 - high, 1 - low))


def test_an_unknown_interval_is_refused():
    with pytest.raises(ValueError, match="wald"):
        binomial_bounds(1, 2, 0.95, "wald")


def test_every_cell_counts():
    found = accuracy(two_by_two(tp=48, fn=2, fp=7, tn=93), positive="1", replicates=200)
    values = {name: round(one.value, 6) for name, one in found.items()}
    assert values == {
        "accuracy": 0.94,
        "sensitivity": 0.96,
        "specificity": 0.93,
        "ppv": 0.872727,
        "npv": 0.978947,
        "balanced_accuracy": 0.945,
        "youden": 0.89,
        "f1": 0.914286,
        "mcc": 0.870626,
        "lr_positive": 13.714286,
        "lr_negative": 0.043011,
    }
    assert found["sensitivity"].n_dropped == 100
    assert found["sensitivity"].dropped_why == "100 of another reference"
    assert found["f1"].low < found["f1"].value < found["f1"].high


def test_each_answer_against_the_rest():
    found = accuracy(confused([[8, 1, 1], [0, 9, 1], [2, 0, 8]]), replicates=50)
    assert found["accuracy"].value == pytest.approx(25 / 30)
    assert [found[f"sensitivity:{code}"].value for code in "012"] == [0.8, 0.9, 0.8]
    assert found["ppv:0"].value == 0.8
    with pytest.raises(ValueError, match="not a code"):
        accuracy(confused([[1]]), positive="yes")


def test_nothing_to_divide_by_is_a_reason():
    found = accuracy(two_by_two(tp=5, fn=0, fp=0, tn=0), positive="1", replicates=20)
    assert (found["sensitivity"].value, found["specificity"].undefined) == (1.0, TOO_FEW)
    assert (found["mcc"].undefined, found["youden"].undefined) == (NO_VARIATION, NO_VARIATION)
    assert found["lr_positive"].undefined == DEGENERATE


# Five patients with 3, 2, 4, 1 and 2 lesions, of which 2, 2, 1, 1 and 0 were found.
FOUND, LESIONS = [2, 2, 1, 1, 0], [3, 2, 4, 1, 2]


def lesions():
    said = [code for x, n in zip(FOUND, LESIONS, strict=True) for code in [1] * x + [0] * (n - x)]
    patients = [name for name, n in zip("pqrst", LESIONS, strict=True) for _ in range(n)]
    return ScoredTable.from_codes(said, [1] * 12, scale=YES_NO, clusters=patients)


def test_lesions_of_one_patient_are_not_independent():
    found = accuracy(lesions(), positive="yes", replicates=20)["sensitivity"]
    p = 6 / 12
    residual = np.array(FOUND) - np.array(LESIONS) * p
    error = np.sqrt(5 / 4 * (residual**2).sum()) / 12
    assert (found.value, found.n_clusters) == (p, 5)
    assert found.standard_error == pytest.approx(error)
    size = p * (1 - p) / error**2
    assert [found.low, found.high] == pytest.approx(binomial_bounds(p * size, size, 0.95))
    single = accuracy(two_by_two(tp=6, fn=6, fp=0, tn=0), positive="1", replicates=20)["sensitivity"]
    assert found.high - found.low > single.high - single.low
    assert "effective sample size" in found.method


def test_clusters_of_one_unit_give_the_naive_error():
    counts = ClusterCounts(np.array([1.0] * 6 + [0.0] * 4), np.ones(10))
    assert counts.error == pytest.approx(np.sqrt(0.6 * 0.4 / 9))


def test_no_patient_varies_so_each_counts_once():
    said = [1] * 12
    table = ScoredTable.from_codes(said, said, scale=YES_NO, clusters=list("ppppqqqqrrrr"))
    found = accuracy(table, positive="yes", replicates=20)["sensitivity"]
    assert [found.low, found.high] == pytest.approx(binomial_bounds(3, 3, 0.95))
