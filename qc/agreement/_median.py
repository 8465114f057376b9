"""Bounds of a median over units by resampling clusters: a median is no function of sums, so it has its own draw.

The acceleration of BCa bounds comes from leaving one cluster out. For a median that jackknife is known not to be
consistent (it takes two or three values, whatever the data), so the bias alone is corrected.

References
----------
Efron B. Better bootstrap confidence intervals. J Am Stat Assoc 82:171-185, 1987. doi:10.1080/01621459.1987.10478410

Miller RG. The jackknife: a review. Biometrika 61:1-15, 1974. doi:10.1093/biomet/61.1.1
"""

from collections.abc import Iterator, Sequence

import numpy as np

from qc.agreement._bootstrap import Bounds, Plan, bca_shares
from qc.agreement.base import DEGENERATE, ONE_EMPTY, TOO_FEW, ZERO_VARIANCE
from qc.readings.base import FloatArray, IntArray

# Numbers in a block of replicates.
_BLOCK = 4_000_000
# Two distances in mm closer than this are one.
_SAME = 1e-12


def median_of(values: FloatArray) -> float:
    """Return the median of values (units,), of which some may be infinite; the mean of the middle two where even."""
    ordered = np.sort(values)
    return float((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2)


def median_bounds(values: FloatArray, clusters: Sequence[str] | None, plan: Plan) -> Bounds:
    """Return bias-corrected bootstrap bounds of the median.

    Parameters
    ----------
    values : float64 array (units,)
        One value a unit, infinite where one of the masks is empty.
    clusters : sequence of str (units,) or None
        The cluster of each unit; None makes each unit a cluster of its own.
    plan : Plan
        Level, seed and number of replicates.

    Returns
    -------
    Bounds
        Undefined with ``too_few_items`` for fewer than two clusters, ``zero_variance`` when every resample has
        one value, ``one_empty`` when a bound is infinite, ``degenerate`` when the correction leaves the range.
    """
    ordered, cluster, n_clusters = _canonical(values, clusters)
    if n_clusters < 2:
        return Bounds(None, None, TOO_FEW)
    drawn = np.sort(np.concatenate(list(_medians(ordered, cluster, n_clusters, plan))))
    finite = drawn[np.isfinite(drawn)]
    if not len(finite):
        return Bounds(None, None, ONE_EMPTY)
    if len(finite) == len(drawn) and np.ptp(finite) <= _SAME * max(1.0, float(finite[-1])):
        return Bounds(None, None, ZERO_VARIANCE)
    # Only the order of the infinite ones matters to the shares: any value above the others stands for them.
    beyond = float(finite[-1]) + 1.0
    value = median_of(values)
    shares = bca_shares(np.minimum(drawn, beyond), min(value, beyond), 0.0, plan.level)
    if shares is None:
        return Bounds(None, None, DEGENERATE)
    low, high = np.quantile(np.minimum(drawn, beyond), shares, method="inverted_cdf").tolist()
    if high >= beyond:
        return Bounds(None, None, ONE_EMPTY)
    return Bounds(min(low, value), max(high, value), None)


def _canonical(values: FloatArray, clusters: Sequence[str] | None) -> tuple[FloatArray, IntArray, int]:
    """Return the values ascending, the number of each one's cluster, and how many clusters there are.

    Clusters are numbered by what they hold, so that neither names nor the order of units can move a bound.
    """
    held: dict[object, list[float]] = {}
    for number, value in enumerate(values.tolist()):
        held.setdefault(number if clusters is None else clusters[number], []).append(value)
    content = sorted(sorted(group) for group in held.values())
    flat = np.array([value for group in content for value in group], dtype=np.float64)
    cluster = np.repeat(np.arange(len(content)), [len(group) for group in content])
    order = np.argsort(flat, kind="stable")
    return flat[order], cluster[order].astype(np.int64), len(content)


def _medians(ordered: FloatArray, cluster: IntArray, n_clusters: int, plan: Plan) -> Iterator[FloatArray]:
    """Yield medians of resamples of the clusters, in blocks."""
    generator = np.random.Generator(np.random.PCG64(plan.seed))
    block = max(1, _BLOCK // len(ordered))
    for start in range(0, plan.replicates, block):
        size = min(block, plan.replicates - start)
        drawn = generator.integers(0, n_clusters, size=(size, n_clusters))
        drawn += np.arange(size)[:, None] * n_clusters
        weights = np.bincount(drawn.reshape(-1), minlength=size * n_clusters).reshape(size, n_clusters)
        below = np.cumsum(weights[:, cluster], axis=1, dtype=np.int32)
        total = below[:, -1:]
        lower = (2 * below < total).sum(axis=1)
        upper = (2 * below <= total).sum(axis=1)
        yield (ordered[lower] + ordered[upper]) / 2
