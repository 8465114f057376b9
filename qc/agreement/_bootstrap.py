"""Seeded resampling of clusters: bounds for any statistic that is a function of sums over units.

Every statistic here is computed from sums of per-unit contributions (features). A resample of clusters is
then a draw of multiplicities and one matrix product, for all replicates at once.

References
----------
Efron B. Better bootstrap confidence intervals. J Am Stat Assoc 82:171-185, 1987. doi:10.1080/01621459.1987.10478410
Field CA, Welsh AH. Bootstrapping clustered data. J R Stat Soc B 69:369-390, 2007.
doi:10.1111/j.1467-9868.2007.00593.x
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from scipy import sparse

from qc.agreement.base import DEGENERATE, TOO_FEW, TOO_FEW_MINORITY, ZERO_VARIANCE
from qc.readings.base import FloatArray, IntArray
from qc.readings.incidence import Incidence

# Sums of features (replicates, features) → values (replicates,). NaN marks an undefined replicate; it
# stays inside this package and leaves it as a reason.
Finish: TypeAlias = Callable[[FloatArray], FloatArray]

# The same for statistics of several numbers: (replicates, features) → (replicates, parts).
FinishParts: TypeAlias = Callable[[FloatArray], FloatArray]

BCA = "bca"
LINEARISED = "linearised"
LINEARISED_ARCTANH = "linearised_arctanh"
INTERVALS = (BCA, LINEARISED, LINEARISED_ARCTANH)

_NORMAL = NormalDist()
_MOST_UNDEFINED = 0.05
# Values closer than this are one value computed in another order.
_SAME = 1e-12
# Numbers in a block of replicates: small enough for the cache.
_CHUNK = 500_000
# A kind of cluster that occurs more often than this is drawn as a count.
_COMMON = 40
# More kinds of clusters than this that are not common are pooled at random into so many groups before they are drawn:
# the error of a standard error from G groups is 1 / √(2 G), less than that of two thousand replicates.
_MOST_KINDS = 20_000
GROUPS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The clusters of a reading, each reduced to its sums.

    Parameters
    ----------
    sums : float64 array (profiles, features)
        Sums of the features in each distinct kind of cluster, in lexicographic order.
    multiplicity : int64 array (profiles,)
        Clusters of each kind.
    is_clustered : bool
        False when the clusters are single units because no patient is known.
    """

    sums: FloatArray
    multiplicity: IntArray
    is_clustered: bool

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return int(self.multiplicity.sum())

    @property
    def total(self) -> FloatArray:
        """Sums over everything (1, features)."""
        return self.multiplicity.astype(np.float64)[None, :] @ self.sums


@dataclass(frozen=True, slots=True)
class Plan:
    """How bounds are made.

    Parameters
    ----------
    level : float
        Confidence level, between 0 and 1.
    seed : int
        Seed of PCG64.
    replicates : int
        Number of resamples.
    interval : str
        ``bca``; ``linearised`` for value ± t · standard error; ``linearised_arctanh`` for the same on the
        arctanh scale where the value lies between 0 and 1.
    """

    level: float
    seed: int
    replicates: int
    interval: str = BCA

    def __post_init__(self) -> None:
        """Refuse a plan that cannot be carried out."""
        if not 0 < self.level < 1:
            raise ValueError(f"A confidence level lies between 0 and 1, not at {self.level}.")
        if self.replicates < 1:
            raise ValueError("At least one replicate is needed.")
        if self.interval not in INTERVALS:
            raise ValueError(f"{self.interval!r} is not one of {', '.join(INTERVALS)}.")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds, or the reason why there are none."""

    low: float | None
    high: float | None
    undefined: str | None


def gather(features: FloatArray, counts: IntArray, incidence: Incidence | None) -> Sample:
    """Reduce a reading to the sums of its clusters.

    Parameters
    ----------
    features : float64 array (rows, features)
        What a unit of each row contributes.
    counts : int64 array (rows,)
        Units of each row.
    incidence : Incidence or None
        Clusters × rows; None makes each unit a cluster of its own.
    """
    sums, multiplicity = (features, counts) if incidence is None else incidence.profiles(features)
    # Sorted by content, so that neither names nor the order of units or raters can move a bound.
    order = np.lexsort(sums.T[::-1]) if len(sums) else np.zeros(0, dtype=np.int64)
    ordered = sums[order]
    starts = np.flatnonzero(np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)]))[: len(ordered)]
    merged = np.add.reduceat(multiplicity[order], starts) if len(starts) else np.zeros(0, dtype=np.int64)
    return Sample(ordered[starts], merged, incidence is not None)


def bca_bounds(sample: Sample, finish: Finish, value: float, plan: Plan) -> Bounds:
    """Return bias-corrected and accelerated bootstrap bounds over clusters.

    Parameters
    ----------
    sample : Sample
        The clusters.
    finish : callable
        Sums (replicates, features) → values (replicates,).
    value : float
        The statistic of the whole sample.
    plan : Plan
        Level, seed and number of replicates.

    Returns
    -------
    Bounds
        Undefined with ``too_few_items`` for fewer than two clusters, ``zero_variance`` when no cluster
        moves the value, ``too_few_minority`` when more than 5 % of the resamples are undefined,
        ``degenerate`` when the correction leaves the range of the resamples.
    """
    return bca_bounds_of_parts(sample, lambda sums: finish(sums)[:, None], [value], plan)[0]


def bca_bounds_of_parts(sample: Sample, finish: FinishParts, values: Sequence[float], plan: Plan) -> list[Bounds]:
    """Return the bounds of several numbers from one set of resamples, as ``bca_bounds`` does for one.

    Parameters
    ----------
    sample : Sample
        The clusters.
    finish : callable
        Sums (replicates, features) → values (replicates, parts).
    values : sequence of float (parts,)
        The numbers of the whole sample; NaN where undefined, which gives bounds without a meaning.
    plan : Plan
        Level, seed and number of replicates.
    """
    if sample.n_clusters < 2:
        return [Bounds(None, None, TOO_FEW) for _ in values]
    groups = pooled(sample, plan.seed) if is_pooled(sample) else sample
    left_out = finish(groups.total - groups.sums)
    drawn = np.vstack([finish(sums) for sums in resampled(groups, plan)])
    return [
        _bounds(left_out[:, part], groups.multiplicity, drawn[:, part], value, plan.level)
        for part, value in enumerate(values)
    ]


def is_pooled(sample: Sample) -> bool:
    """Tell whether the clusters are too many and too varied to be drawn one by one."""
    return int((sample.multiplicity <= _COMMON).sum()) > _MOST_KINDS


def pooled(sample: Sample, seed: int) -> Sample:
    """Return the clusters added up in random groups of equal size, each to be drawn as one.

    Variances and third cumulants of independent sums add, so that spread and acceleration stay what they are.

    Parameters
    ----------
    sample : Sample
        Many clusters.
    seed : int
        Seed of PCG64, which deals the clusters out.
    """
    kind = np.repeat(np.arange(len(sample.sums)), sample.multiplicity)
    np.random.Generator(np.random.PCG64(seed)).shuffle(kind)
    group = np.arange(len(kind)) * GROUPS // len(kind)
    dealt = sparse.csr_array((np.ones(len(kind)), (group, kind)), shape=(GROUPS, len(sample.sums)))
    return Sample(np.asarray(dealt @ sample.sums), np.ones(GROUPS, dtype=np.int64), sample.is_clustered)


def _bounds(left_out: FloatArray, weights: IntArray, drawn: FloatArray, value: float, level: float) -> Bounds:
    """Return the bounds from delete-one values (profiles,) and resampled values (replicates,)."""
    is_defined = ~np.isnan(left_out)
    jackknife, weights = left_out[is_defined], weights[is_defined]
    is_flat = _is_one_value(jackknife)
    if is_flat and len(jackknife) == len(left_out):
        return Bounds(None, None, ZERO_VARIANCE)
    defined = np.sort(drawn[~np.isnan(drawn)])
    # Without its only dissenting cluster a statistic may be undefined: only the resamples then tell whether
    # nothing varies (perfect agreement) or the minority is too small.
    if is_flat and len(defined) and _is_one_value(defined):
        return Bounds(None, None, ZERO_VARIANCE)
    if is_flat or len(drawn) - len(defined) > _MOST_UNDEFINED * len(drawn):
        return Bounds(None, None, TOO_FEW_MINORITY)
    shares = bca_shares(defined, value, acceleration(jackknife, weights), level)
    if shares is None:
        return Bounds(None, None, DEGENERATE)
    low, high = np.quantile(defined, shares, method="inverted_cdf").tolist()
    slack = _slack(defined)
    if not low - slack <= value <= high + slack:
        return Bounds(None, None, DEGENERATE)
    return Bounds(min(low, value), max(high, value), None)


def acceleration(jackknife: FloatArray, weights: IntArray) -> float:
    """Return the acceleration from delete-one-cluster values (profiles,), each occurring ``weights`` times."""
    deviation = np.average(jackknife, weights=weights) - jackknife
    spread = float(weights @ deviation**2)
    skew = float(weights @ deviation**3)
    return skew / (6.0 * float(np.sqrt(spread)) ** 3)


def bca_shares(values: FloatArray, value: float, accelerated: float, level: float) -> tuple[float, float] | None:
    """Return the shares of the resampled values at which the bounds lie; None when the correction diverges.

    Ties with the value itself count half (mid-rank).
    """
    slack = _slack(values)
    below = float(np.mean(values < value - slack) + 0.5 * np.mean(np.abs(values - value) <= slack))
    if not 0 < below < 1:
        return None
    bias = _NORMAL.inv_cdf(below)
    shares = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        shifted = bias + _NORMAL.inv_cdf(tail)
        if accelerated * shifted >= 1:
            return None
        shares.append(_NORMAL.cdf(bias + shifted / (1 - accelerated * shifted)))
    return shares[0], shares[1]


def _is_one_value(values: FloatArray) -> bool:
    return not len(values) or float(np.ptp(values)) <= _slack(values)


def _slack(values: FloatArray) -> float:
    """Return the difference below which two of the values are one: relative for large numbers."""
    return _SAME * max(1.0, float(np.abs(values).max(initial=0.0)))


def resampled(sample: Sample, plan: Plan) -> Iterator[FloatArray]:
    """Yield the sums of clusters drawn with replacement, in blocks (replicates, features).

    The draw is multinomial in two exact steps: how often each common kind of cluster and how many of the
    others, then which of the others. A binomial draw costs as much as some forty indices, so that each
    step does what it is cheaper for.
    """
    generator = np.random.Generator(np.random.PCG64(plan.seed))
    is_common = sample.multiplicity > _COMMON
    common, others = sample.sums[is_common], sample.sums[~is_common]
    kind = np.repeat(np.arange(len(others)), sample.multiplicity[~is_common])
    shares = np.append(sample.multiplicity[is_common], len(kind)) / sample.n_clusters
    block = max(1, _CHUNK // max(len(shares), len(kind)))
    for start in range(0, plan.replicates, block):
        size = min(block, plan.replicates - start)
        drawn = generator.multinomial(sample.n_clusters, shares, size=size)
        sums = drawn[:, :-1].astype(np.float64) @ common
        if len(kind):
            replicate = np.repeat(np.arange(size) * len(others), drawn[:, -1])
            replicate += kind[generator.integers(0, len(kind), size=len(replicate))]
            weights = np.bincount(replicate, minlength=size * len(others)).reshape(size, -1)
            sums += weights.astype(np.float64) @ others
        yield sums
