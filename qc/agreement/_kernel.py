"""From sums to an estimate with its bounds, its counts and its cautions: what all statistics here share."""

from dataclasses import dataclass, replace

import numpy as np

from qc.agreement._bootstrap import Finish, Plan, Sample, bca_bounds
from qc.agreement.base import CLUSTERING_UNKNOWN, NO_OVERLAP, RARE_CATEGORY, Estimate
from qc.readings.base import FloatArray
from qc.readings.count_table import CountTable
from qc.readings.pattern_table import PatternTable

# A category that anyone used on fewer units than this makes every interval unreliable (statistics.md, A5).
_RARE = 10


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands beside a value.

    Parameters
    ----------
    n_units, n_raters, n_dropped : int
        As in Estimate.
    dropped_why : str
        The reason in words.
    warnings : tuple of str
        Cautions.
    """

    n_units: int
    n_raters: int
    n_dropped: int
    dropped_why: str
    warnings: tuple[str, ...]


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Return the quotient (replicates,), NaN where the denominator is 0 or NaN."""
    quotient = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator > 0)
    return quotient


def pairable_facts(reading: PatternTable, used: PatternTable, why: str) -> Facts:
    """Return the facts of a statistic that compares the ratings of ``used``, a part of ``reading``."""
    dropped = reading.n_units - used.n_units
    rare = (RARE_CATEGORY,) if has_rare_category(used) else ()
    unknown = (CLUSTERING_UNKNOWN,) if reading.incidence is None else ()
    return Facts(used.n_units, len(used.active_raters), dropped, why if dropped else "", rare + unknown)


def has_rare_category(table: PatternTable) -> bool:
    """Tell whether a category of a nominal or ordinal scale was used on some units, but fewer than ten."""
    if table.scale.is_numeric:
        return False
    used_on = [int(table.counts @ (table.patterns == code).any(axis=1)) for code in range(len(table.scale.codes))]
    return any(0 < units < _RARE for units in used_on)


def pair_agreement(table: CountTable, weights: FloatArray | None = None) -> FloatArray:
    """Return the share of agreeing pairs of ratings in each vector (vectors,), 0 where there is no pair.

    Parameters
    ----------
    table : CountTable
        Ratings by category.
    weights : float64 array (categories, categories) or None
        Partial agreement between two categories, 1 on the diagonal; None counts equal categories only.
    """
    vectors = table.vectors.astype(np.float64)
    credited = vectors if weights is None else vectors @ weights
    pairs = (table.ratings * (table.ratings - 1)).astype(np.float64)
    agreeing = (vectors * (credited - 1)).sum(axis=1)
    share = np.zeros(len(vectors))
    np.divide(agreeing, pairs, out=share, where=pairs > 0)
    return share


def estimate(sample: Sample, finish: Finish, facts: Facts, plan: Plan, undefined: str) -> Estimate:
    """Return the value with BCa bounds over clusters.

    Parameters
    ----------
    sample : Sample
        The clusters, reduced to sums.
    finish : callable
        Sums (replicates, features) → values (replicates,), NaN where undefined.
    facts : Facts
        Counts and cautions.
    plan : Plan
        Level, seed and replicates of the bounds.
    undefined : str
        The reason to give when the value of the whole sample does not exist although units could be compared.
    """
    over = "patients" if sample.is_clustered else "units"
    empty = Estimate(
        value=None,
        low=None,
        high=None,
        level=plan.level,
        method=f"BCa bootstrap over {over}, B = {plan.replicates}",
        n_units=facts.n_units,
        n_raters=facts.n_raters,
        n_clusters=sample.n_clusters if sample.is_clustered else None,
        n_dropped=facts.n_dropped,
        dropped_why=facts.dropped_why,
        warnings=facts.warnings,
        seed=plan.seed,
    )
    if not facts.n_units:
        return replace(empty, undefined=NO_OVERLAP)
    value = float(finish(sample.total)[0])
    if np.isnan(value):
        return replace(empty, undefined=undefined)
    bounds = bca_bounds(sample, finish, value, plan)
    return replace(empty, value=value, low=bounds.low, high=bounds.high, interval_undefined=bounds.undefined)
