"""From sums to an estimate with its bounds, its counts and its cautions: what all statistics here share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from qc.agreement._bootstrap import (
    BCA,
    GROUPS,
    LINEARISED_ARCTANH,
    Bounds,
    Finish,
    FinishParts,
    Plan,
    Sample,
    bca_bounds_of_parts,
    is_pooled,
)
from qc.agreement._linearised import linearised_bounds, standard_errors
from qc.agreement.base import (
    CLUSTERING_UNKNOWN,
    NO_OVERLAP,
    RARE_CATEGORY,
    SMALL_SAMPLE,
    ZERO_VARIANCE,
    Estimate,
)
from qc.readings.base import FloatArray
from qc.readings.count_table import CountTable
from qc.readings.pattern_table import PatternTable

# A category that anyone used on fewer units than this makes every interval unreliable (statistics.md, A5).
_RARE = 10
# Below this many clusters the simulated coverage of 95 % bounds leaves 93–97 % (benchmarks/coverage.py).
FEW_CLUSTERS = 30


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
    unit : str
        Physical unit of the value.
    """

    n_units: int
    n_raters: int
    n_dropped: int
    dropped_why: str
    warnings: tuple[str, ...]
    unit: str = ""


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


def estimate(
    sample: Sample, finish: Finish, facts: Facts, plan: Plan, undefined: str, linear: FinishParts | None = None
) -> Estimate:
    """Return the value with its bounds and standard error over clusters.

    Parameters
    ----------
    sample : Sample
        The clusters, reduced to sums.
    finish : callable
        Sums (replicates, features) → values (replicates,), NaN where undefined.
    facts : Facts
        Counts and cautions.
    plan : Plan
        Level, seed, replicates and kind of the bounds.
    undefined : str
        The reason to give when the value of the whole sample does not exist although units could be compared.
    linear : callable or None
        What the standard error linearises, where that is not ``finish``; (replicates, 1).
    """
    return estimates(sample, lambda sums: finish(sums)[:, None], facts, plan, [undefined], linear)[0]


def estimates(
    sample: Sample,
    finish: FinishParts,
    facts: Facts,
    plan: Plan,
    undefined: Sequence[str],
    linear: FinishParts | None = None,
) -> list[Estimate]:
    """Return several numbers of one sample from one set of resamples, as ``estimate`` does for one.

    Parameters
    ----------
    sample : Sample
        The clusters, reduced to sums.
    finish : callable
        Sums (replicates, features) → values (replicates, parts), NaN where undefined.
    facts : Facts
        Counts and cautions.
    plan : Plan
        Level, seed, replicates and kind of the bounds.
    undefined : sequence of str (parts,)
        The reason to give where a part of the whole sample does not exist although units could be compared.
    linear : callable or None
        What the standard errors linearise, where that is not ``finish``.
    """
    empty = _empty(sample, facts, plan)
    if not facts.n_units:
        return [replace(empty, undefined=NO_OVERLAP) for _ in undefined]
    values = finish(sample.total)[0].tolist()
    errors = standard_errors(sample, linear or finish)
    if plan.interval == BCA:
        bounds = bca_bounds_of_parts(sample, finish, values, plan)
    else:
        pairs = zip(values, errors, strict=True)
        bounds = [linearised_bounds(value, error, sample.n_clusters, plan) for value, error in pairs]
    return [
        replace(empty, undefined=reason) if np.isnan(value) else _bounded(replace(empty, value=value), found, error)
        for value, reason, found, error in zip(values, undefined, bounds, errors, strict=True)
    ]


def _bounded(found: Estimate, bounds: Bounds, error: float | None) -> Estimate:
    few = (SMALL_SAMPLE,) if bounds.low is not None and (found.n_clusters or found.n_units) < FEW_CLUSTERS else ()
    return replace(
        found,
        low=bounds.low,
        high=bounds.high,
        interval_undefined=bounds.undefined,
        standard_error=0.0 if bounds.undefined == ZERO_VARIANCE else error,
        warnings=found.warnings + few,
    )


def _empty(sample: Sample, facts: Facts, plan: Plan) -> Estimate:
    """Return what stands beside every value of the sample, the value left open."""
    over = "patients" if sample.is_clustered else "units"
    scale = " on the arctanh scale" if plan.interval == LINEARISED_ARCTANH else ""
    groups = f" in {GROUPS:,} random groups" if is_pooled(sample) else ""
    linearised = f"linearised standard error over {over}, t{scale}"
    return Estimate(
        value=None,
        low=None,
        high=None,
        level=plan.level,
        method=f"BCa bootstrap over {over}{groups}, B = {plan.replicates}" if plan.interval == BCA else linearised,
        n_units=facts.n_units,
        n_raters=facts.n_raters,
        n_clusters=sample.n_clusters if sample.is_clustered else None,
        n_dropped=facts.n_dropped,
        dropped_why=facts.dropped_why,
        warnings=facts.warnings,
        seed=plan.seed if plan.interval == BCA else None,
        unit=facts.unit,
    )
