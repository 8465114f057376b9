"""Specific agreement of categories: of the ratings that name a category, how many another rater shares.

References
----------
Cicchetti DV, Feinstein AR. High agreement but low kappa: II. Resolving the paradoxes. J Clin Epidemiol 43:551-558,
1990. doi:10.1016/0895-4356(90)90159-M
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimates, pairable_facts, ratio
from qc.agreement.base import NO_OVERLAP, RARE_CATEGORY, Estimate
from qc.readings.base import FloatArray
from qc.readings.count_table import CountTable
from qc.readings.pattern_table import PatternTable

RARE = 10


def specific_agreements(reading: PatternTable, categories: Sequence[int], plan: Plan) -> list[Estimate]:
    """Return Σ n_ik (n_ik − 1) / Σ n_ik (n_i − 1) for some categories k.

    Parameters
    ----------
    reading : PatternTable
        Any number of raters; units with fewer than two ratings are dropped.
    categories : sequence of int
        Indices of the categories wanted.
    plan : Plan
        Level, seed and replicates.

    Returns
    -------
    list of Estimate
        Undefined with ``no_overlap`` where nobody used the category on a pairable unit. With two ratings on
        each unit, a category used on fewer than ten units has exact binomial bounds over units.
    """
    used = reading.rated(2)
    table = used.anonymous()
    vectors = table.vectors.astype(np.float64)[:, list(categories)]
    features = np.hstack([vectors * (vectors - 1), vectors * (table.ratings[:, None] - 1)])
    sample = gather(features, table.counts, table.incidence)
    facts = pairable_facts(reading, used, "fewer than two ratings")
    facts = replace(facts, warnings=tuple(word for word in facts.warnings if word != RARE_CATEGORY))

    def finish(sums: FloatArray) -> FloatArray:
        both, given = np.split(sums, 2, axis=1)
        return ratio(both, given)

    found = estimates(sample, finish, facts, plan, [NO_OVERLAP] * len(categories))
    return [_cautious(one, table, category) for one, category in zip(found, categories, strict=True)]


def _cautious(found: Estimate, table: CountTable, category: int) -> Estimate:
    """Return the estimate with a caution where the category is rare, and with exact bounds where they exist."""
    votes = table.vectors[:, category]
    n_any = int(table.counts @ (votes > 0))
    if found.value is None or n_any >= RARE:
        return found
    rare = replace(found, warnings=(RARE_CATEGORY, *found.warnings))
    if set(table.ratings.tolist()) != {2}:
        return rare
    n_both = int(table.counts @ (votes == 2))
    # With p the share of units named by both among those named by any: 2p / (1 + p), increasing in p.
    low, high = (2 * p / (1 + p) for p in clopper_pearson(n_both, n_any, found.level))
    method = "exact binomial (Clopper–Pearson) over the units on which the answer was given"
    return replace(rare, low=low, high=high, interval_undefined=None, method=method, seed=None)


def clopper_pearson(successes: int, trials: int, level: float) -> tuple[float, float]:
    """Return the exact binomial bounds of a share.

    Parameters
    ----------
    successes, trials : int
        Of ``trials`` ≥ 1.
    level : float
        Confidence level.

    References
    ----------
    Clopper CJ, Pearson ES. Biometrika 26:404-413, 1934. doi:10.1093/biomet/26.4.404
    """
    tail = (1 - level) / 2
    low = 0.0 if successes == 0 else float(stats.beta.ppf(tail, successes, trials - successes + 1))
    high = 1.0 if successes == trials else float(stats.beta.isf(tail, successes + 1, trials - successes))
    return low, high
