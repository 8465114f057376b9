import numpy as np
import pytest

from qc.readers._baseline import Target
from qc.readers._markov import Weights, average_run_length, limit_for, log_likelihood_weights
from qc.readers.base import NO_BASELINE, NOT_BINARY
from qc.readers.cusum import cusum
from qc.readers.error_cusum import error_cusum
from qc.readers.ewma import ewma
from qc.readers.p_chart import p_chart
from qc.readings.series import Series

# NIST/SEMATECH e-Handbook of Statistical Methods, section 6.3.2.4 (EWMA control charts): centre 50, s 2.0539, λ .3.
# Published EWMA values to two decimals, upper limit 52.5884, lower limit 47.4115.
NIST = "52.0 47.0 53.0 49.3 50.1 47.0 51.0 50.1 51.2 50.5 49.6 47.6 49.9 51.3 47.8 51.2 52.6 52.4 53.6 52.1"
NIST_EWMA = (
    "50.60 49.52 50.56 50.18 50.16 49.21 49.75 49.85 50.26 50.33 50.11 49.36 49.52 50.05 49.38 49.92 50.73 51.23 "
    "51.94 51.99"
)

# Montgomery DC, Runger GC. Applied Statistics and Probability for Engineers, table 16-8: target 99, K = 1, H = 10.
MONTGOMERY = (
    "102.0 94.8 98.3 98.4 102.0 98.5 99.0 97.7 100.0 98.1 101.3 98.7 101.1 98.4 97.0 96.7 100.3 101.4 97.2 101.0"
)
UPPER = "2.0 0 0 0 2.0 0.5 0 0 0 0 1.3 0 1.1 0 0 0 0.3 1.7 0 1.0"
LOWER = "0 3.2 2.9 2.5 0 0 0 0.3 0 0 0 0 0 0 1.0 2.3 0 0 0.8 0"


def numbers(text):
    return np.array([float(word) for word in text.split()])


def test_published_ewma():
    chart = ewma(Series(numbers(NIST)), target=Target(50.0, 2.0539), weight=0.3, asymptotic=True)
    assert chart.points == pytest.approx(numbers(NIST_EWMA), abs=0.0051)
    assert (chart.upper[0], chart.lower[-1]) == pytest.approx((52.5884, 47.4115), abs=1e-4)
    assert chart.signals == ()


def test_limits_of_a_young_series_are_narrower():
    young = ewma(Series(numbers(NIST)), target=Target(50.0, 2.0539), weight=0.3)
    assert young.upper[0] == pytest.approx(50 + 3 * 2.0539 * 0.3)
    assert list(young.upper) == sorted(young.upper)
    assert young.upper[-1] == pytest.approx(52.5884, abs=1e-4)


def test_published_cusum():
    charts = cusum(Series(numbers(MONTGOMERY)), target=Target(99.0, 2.0))
    assert charts["upper"].points == pytest.approx(numbers(UPPER), abs=1e-9)
    assert charts["lower"].points == pytest.approx(numbers(LOWER), abs=1e-9)
    assert charts["upper"].details["limit"] == 10
    assert charts["upper"].signals == charts["lower"].signals == ()


def test_a_sum_begins_anew_after_its_signal():
    charts = cusum(Series(np.full(12, 3.0)), target=Target(0.0, 1.0))
    assert charts["upper"].signals == (2, 5, 8, 11)
    assert charts["upper"].points[:4] == (2.5, 5.0, 7.5, 2.5)
    errors = error_cusum(Series(np.ones(8)), weights=Weights(6.0, 1.0), limit=12.0)
    assert errors.signals == (1, 3, 5, 7)


def test_charts_without_a_target_learn_it_from_the_first_reads():
    values = np.tile([1.0, -1.0], 10)
    chart = ewma(Series(values), baseline=20)
    assert chart.centre == 0
    assert chart.details["spread"] == pytest.approx(2 / 1.128379)
    for short in (Series(values[:5]), Series(np.ones(30))):
        assert ewma(short, baseline=20).undefined == NO_BASELINE
        assert cusum(short, baseline=20)["upper"].undefined == NO_BASELINE
    with pytest.raises(ValueError, match="2 reads"):
        ewma(Series(values), baseline=1)
    with pytest.raises(ValueError, match="spread"):
        Target(0.0, 0.0)


# The operating points of the charts that watch readers: mean number of reads until a false and until a true signal.
@pytest.mark.parametrize(
    ("weights", "limit", "rates", "expected"),
    [
        (Weights(6.0, 1.0), 25.0, (0.10, 0.20), (490, 48.5)),
        (Weights(13.0, 1.0), 38.0, (0.05, 0.10), (374.3, 66.4)),
        (log_likelihood_weights(0.10, 0.25), 3.5, (0.10, 0.25), (655, 32.6)),
    ],
)
def test_run_lengths(weights, limit, rates, expected):
    found = [average_run_length(weights, limit, rate) for rate in rates]
    assert found == pytest.approx(expected, rel=0.005)


def test_run_lengths_are_those_of_a_simulation():
    generator = np.random.Generator(np.random.PCG64(7))
    weights, limit, rate, walks = Weights(6.0, 1.0), 25.0, 0.2, 4000
    total, lengths = np.zeros(walks), np.zeros(walks)
    running = np.ones(walks, dtype=bool)
    while running.any():
        errors = generator.random(walks) < rate
        total = np.maximum(0.0, total + np.where(errors, weights.error, -weights.correct))
        lengths += running
        running &= total < limit
    # Run lengths are nearly geometric: their mean over 4 000 walks is within 4 standard errors.
    assert average_run_length(weights, limit, rate) == pytest.approx(lengths.mean(), abs=4 * lengths.std() / 4000**0.5)


def test_one_error_signals_at_once_when_the_limit_is_its_weight():
    assert average_run_length(Weights(6.0, 1.0), 6.0, 0.1) == pytest.approx(10.0)
    assert average_run_length(Weights(6.0, 1.0), 6.5, 0.1) > 10


def test_the_limit_is_the_smallest_that_is_safe_enough():
    weights = Weights(6.0, 1.0)
    limit = limit_for(weights, 0.1, 490)
    assert average_run_length(weights, limit, 0.1) >= 490 > average_run_length(weights, limit - 1, 0.1)
    chart = error_cusum(Series(np.zeros(5)), run_length=490)
    assert chart.details["reads_to_false_signal"] >= 490
    with pytest.raises(ValueError, match="above the accepted"):
        log_likelihood_weights(0.2, 0.1)


def test_errors_are_yes_or_no():
    for chart in (error_cusum, p_chart):
        assert chart(Series(np.array([0.0, 2.0]))).undefined == NOT_BINARY
    with pytest.raises(ValueError, match="limit"):
        error_cusum(Series(np.zeros(2)), limit=0.0)


def test_batches_have_the_limits_of_their_size():
    chart = p_chart(Series(np.array([0.0] * 16 + [1.0] * 4)), batch=16, centre=0.25)
    assert chart.points == (0.0, 1.0)
    assert chart.upper == pytest.approx((0.25 + 3 * (0.1875 / 16) ** 0.5, 0.25 + 3 * (0.1875 / 4) ** 0.5))
    assert chart.lower == (0.0, 0.0)
    assert chart.signals == (1,)
    assert p_chart(Series(np.array([0.0, 1.0]))).centre == 0.5
