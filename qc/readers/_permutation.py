"""Permutation test of the difference of two means over patients.

References
----------
Fisher RA. The Design of Experiments, 1935.

Phipson B, Smyth GK. Permutation p-values should never be zero. Stat Appl Genet Mol Biol 9:39, 2010.
doi:10.2202/1544-6115.1585
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from qc.readings.base import FloatArray

# Up to this many divisions of the patients all are tried.
_MOST_EXACT = 20_000
# Differences closer than this, relative to the values, are one difference computed in another order.
_SAME = 1e-12
_BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class Permuted:
    """Two-sided p by the absolute difference, and how many divisions it rests on."""

    p: float
    n_permutations: int
    is_exact: bool


def permutation_test(first: FloatArray, second: FloatArray, *, permutations: int, seed: int) -> Permuted:
    """Return p of |mean(first) − mean(second)| among divisions of the patients into groups of these sizes.

    Parameters
    ----------
    first, second : float64 array (patients,)
        One value a patient, at least one in each group.
    permutations : int
        Random divisions where there are too many to try all; p is then (b + 1)/(B + 1), never 0.
    seed : int
        Seed of PCG64.
    """
    pooled = np.concatenate([first, second])
    n, k = len(pooled), len(first)
    observed = abs(float(first.mean() - second.mean()))
    least = observed - _SAME * max(1.0, float(np.abs(pooled).max()))
    if math.comb(n, k) <= _MOST_EXACT:
        chosen = np.array(list(combinations(range(n), k)))
        found = _gaps(pooled, pooled[chosen].sum(axis=1), k)
        return Permuted(float((found >= least).mean()), len(found), is_exact=True)
    # Sorted, so that the order of patients cannot move a random division.
    pooled = np.sort(pooled)
    generator = np.random.Generator(np.random.PCG64(seed))
    hits = 0
    for start in range(0, permutations, _BLOCK):
        size = min(_BLOCK, permutations - start)
        drawn = generator.permuted(np.tile(pooled, (size, 1)), axis=1)[:, :k].sum(axis=1)
        hits += int((_gaps(pooled, drawn, k) >= least).sum())
    return Permuted((hits + 1) / (permutations + 1), permutations, is_exact=False)


def _gaps(pooled: FloatArray, sums: FloatArray, k: int) -> FloatArray:
    """Return the absolute differences of means for the sums of k of the pooled values."""
    rest = (float(pooled.sum()) - sums) / (len(pooled) - k)
    return np.abs(sums / k - rest)
