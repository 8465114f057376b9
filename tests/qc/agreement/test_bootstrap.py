from itertools import product
from statistics import NormalDist

import numpy as np
import pytest
from scipy.stats import bootstrap

from qc.agreement._bootstrap import (
    Plan,
    Sample,
    acceleration,
    bca_bounds,
    bca_shares,
    gather,
    is_pooled,
    pooled,
    resampled,
)
from qc.agreement.base import DEGENERATE, TOO_FEW, TOO_FEW_MINORITY, ZERO_VARIANCE
from qc.agreement.cohen_kappa import cohen_kappa
from qc.agreement.fleiss_kappa import fleiss_kappa
from qc.agreement.percent import percent_agreement
from qc.readings.pattern_table import PatternTable
from tests.qc.agreement import slow
from tests.reference import published

# All 5^5 = 3,125 resamples of five units: every quantity below is exact.
FIVE = [(1, 1), (0, 0), (1, 0), (1, 1), (0, 0)]


def mean(sums):
    return sums[:, 1] / sums[:, 0]


def sample_of(values):
    features = np.column_stack([np.ones(len(values)), np.array(values, dtype=float)])
    return gather(features, np.ones(len(values), dtype=np.int64), None)


def kappa_or_nan(pairs):
    found = slow.cohen(pairs, 2)
    return np.nan if found is None else float(found)


def test_exhaustive_distribution_of_five_units():
    values = np.array([kappa_or_nan(list(drawn)) for drawn in product(FIVE, repeat=5)])
    defined = np.sort(values[~np.isnan(values)])
    assert len(values) - len(defined) == 64
    assert (defined.mean(), defined.std(ddof=0)) == pytest.approx((0.572045, 0.348052), abs=1e-4)
    jackknife = np.array([kappa_or_nan(FIVE[:i] + FIVE[i + 1 :]) for i in range(5)])
    accelerated = acceleration(jackknife, np.ones(5, dtype=np.int64))
    assert accelerated == pytest.approx(-0.111803398875, abs=1e-9)
    low, high = np.quantile(defined, bca_shares(defined, kappa_or_nan(FIVE), accelerated, 0.95), method="inverted_cdf")
    # z0 of the exhaustive distribution, ties counted half.
    below = np.mean(defined < kappa_or_nan(FIVE) - 1e-12) + np.mean(np.isclose(defined, kappa_or_nan(FIVE))) / 2
    assert NormalDist().inv_cdf(below) == pytest.approx(0.274035295558, abs=1e-9)
    table = PatternTable.from_codes(FIVE, raters=["a", "b"], scale=published.nominal(2))
    found = cohen_kappa(table, replicates=20_000, seed=4)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def test_exhaustive_distribution_of_four_patients():
    patients = {"p": [(0, 0), (0, 0)], "q": [(1, 1), (1, 1), (0, 1)], "r": [(0, 0), (0, 1)], "s": [(1, 1), (0, 0)]}
    values = np.array(
        [kappa_or_nan([pair for name in drawn for pair in patients[name]]) for drawn in product(patients, repeat=4)]
    )
    rows = [(pair, name) for name, pairs in patients.items() for pair in pairs]
    table = PatternTable.from_codes(
        [pair for pair, _ in rows], raters=["a", "b"], scale=published.nominal(2), clusters=[name for _, name in rows]
    )
    defined = np.sort(values[~np.isnan(values)])
    jackknife = np.array(
        [kappa_or_nan([p for name, pairs in patients.items() if name != left for p in pairs]) for left in patients]
    )
    value = kappa_or_nan([pair for pair, _ in rows])
    shares = bca_shares(defined, value, acceleration(jackknife, np.ones(4, dtype=np.int64)), 0.9)
    low, high = np.quantile(defined, shares, method="inverted_cdf")
    found = cohen_kappa(table, level=0.9, replicates=40_000, seed=2)
    assert found.value == pytest.approx(value)
    assert found.n_clusters == 4
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.03)


def test_agrees_with_scipy():
    values = np.random.Generator(np.random.PCG64(7)).gamma(2.0, 1.0, size=60)
    ours = bca_bounds(sample_of(values), mean, values.mean(), Plan(0.95, 1, 20_000))
    theirs = bootstrap((values,), np.mean, n_resamples=20_000, rng=np.random.Generator(np.random.PCG64(2)))
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.03)


@pytest.mark.parametrize("repeats", [[1] * 40, [10, 30], [50, 150], [100, *[1] * 50, 60]])
def test_resamples_are_multinomial(repeats):
    # Kinds of clusters drawn by index, by count, and by both.
    sample = sample_of([float(value) for value, repeat in enumerate(repeats) for _ in range(repeat)])
    features = np.eye(len(repeats))
    by_kind = Sample(features, sample.multiplicity, is_clustered=False)
    drawn = np.concatenate(list(resampled(by_kind, Plan(0.95, 3, 6000))))
    n = sum(repeats)
    share = np.array(repeats) / n
    assert drawn.shape == (6000, len(repeats))
    assert (drawn.sum(axis=1) == n).all()
    expected = n * (np.diag(share) - np.outer(share, share))
    assert np.allclose(drawn.mean(axis=0), n * share, atol=4 * np.sqrt(n * share / 6000).max())
    assert np.allclose(np.cov(drawn.T, bias=True), expected, atol=0.08 * expected.max())


def test_very_many_clusters_are_drawn_in_random_groups():
    generator = np.random.Generator(np.random.PCG64(8))
    values = generator.gamma(0.5, 1.0, size=30_000)
    sample, plan = sample_of(values), Plan(0.95, 5, 4000)
    assert is_pooled(sample)
    groups = pooled(sample, 5)
    assert (groups.n_clusters, groups.sums.sum(axis=0)) == (10_000, pytest.approx(sample.sums.sum(axis=0)))
    found = bca_bounds(sample, mean, values.mean(), plan)
    # Of 30,000 values the normal bounds are right to the third digit of their width.
    margin = 1.96 * values.std() / np.sqrt(len(values))
    assert (found.low, found.high) == pytest.approx((values.mean() - margin, values.mean() + margin), abs=0.1 * margin)


def test_common_kinds_are_never_pooled():
    assert not is_pooled(sample_of([0.0] * 50_000 + [1.0] * 50_000))
    assert not is_pooled(sample_of(np.linspace(0, 1, 20_000)))


def test_same_seed_same_bounds_other_seed_other_bounds():
    table = published.fleiss_1971()
    first, again, other = (percent_agreement(table, seed=seed) for seed in (5, 5, 6))
    assert (first.low, first.high) == (again.low, again.high)
    assert (first.low, first.high) != (other.low, other.high)


def test_order_of_units_and_names_of_patients_never_move_a_bound():
    generator = np.random.Generator(np.random.PCG64(11))
    ratings = generator.integers(0, 3, size=(60, 3))
    patients = generator.integers(0, 20, size=60)
    names = [f"p{number}" for number in generator.permutation(20)]
    order = generator.permutation(60)
    first = PatternTable.from_codes(
        ratings, raters=["a", "b", "c"], scale=published.nominal(3), clusters=[str(p) for p in patients]
    )
    second = PatternTable.from_codes(
        ratings[order][:, [2, 0, 1]],
        raters=["x", "y", "z"],
        scale=published.nominal(3),
        clusters=[names[p] for p in patients[order]],
    )
    a, b = percent_agreement(first), percent_agreement(second)
    assert (a.low, a.high) == pytest.approx((b.low, b.high), abs=1e-12)


def test_reasons_for_no_bounds():
    plan = Plan(0.95, 0, 500)
    assert bca_bounds(sample_of([0.5]), mean, 0.5, plan).undefined == TOO_FEW
    assert bca_bounds(sample_of([0.5] * 9), mean, 0.5, plan).undefined == ZERO_VARIANCE
    # A value that the resamples never reach cannot be bias-corrected.
    assert bca_bounds(sample_of([0.1, 0.2, 0.3]), mean, 5.0, plan).undefined == DEGENERATE

    def needs_the_largest(sums):
        return np.where(sums[:, 1] >= 1.0, mean(sums), np.nan)

    assert bca_bounds(sample_of([0.0, 0.01, 0.02, 1.0]), needs_the_largest, 0.2575, plan).undefined == TOO_FEW_MINORITY


def test_acceleration_that_diverges_is_said():
    values = np.linspace(0, 1, 101)
    assert bca_shares(values, 0.5, 0.6, 0.95) is None
    assert bca_shares(values, -1.0, 0.0, 0.95) is None
    assert bca_shares(values, 0.5, 0.0, 0.95) == pytest.approx((0.025, 0.975))


@pytest.mark.parametrize("plan", [{"level": 0.0}, {"level": 1.0}, {"replicates": 0}])
def test_impossible_plans_are_refused(plan):
    with pytest.raises(ValueError, match=r"level|replicate"):
        percent_agreement(published.fleiss_1971(), **plan)


def test_bounds_cover_as_often_as_they_say():
    # Beta-binomial readers: three raters, 50 units, prevalence .3, kappa .6 (statistics.md, A5: .97 for BCa).
    generator = np.random.Generator(np.random.PCG64(1))
    rounds, hits = 300, 0
    for seed in range(rounds):
        positive = generator.beta(0.2, 0.7 * 0.4 / 0.6, 50)
        ratings = (generator.random((50, 3)) < positive[:, None]).astype(int)
        table = PatternTable.from_codes(ratings, raters=["a", "b", "c"], scale=published.nominal(2))
        found = fleiss_kappa(table, replicates=500, seed=seed)
        hits += found.low is not None and found.low <= 0.6 <= found.high
    assert 0.92 <= hits / rounds <= 0.985
