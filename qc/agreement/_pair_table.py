"""Measures of pairs of outlines to one estimate: within a unit first, then over units."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from qc.agreement._bootstrap import Bounds, Plan, gather
from qc.agreement._kernel import FEW_CLUSTERS, Facts, estimate, ratio
from qc.agreement._median import median_bounds, median_of
from qc.agreement.base import (
    BOTH_EMPTY,
    CLUSTERING_UNKNOWN,
    NO_OVERLAP,
    ONE_EMPTY,
    SMALL_SAMPLE,
    Estimate,
)
from qc.readings.base import BoolArray, FloatArray, IntArray
from qc.readings.incidence import Incidence, numbered
from qc.readings.pair_table import PairTable


def mean_of_units(reading: PairTable, column: str, plan: Plan) -> Estimate:
    """Return the mean over units of the mean over pairs of a measure of overlap.

    Pairs of two empty masks are left out and counted; pairs with one empty mask count 0 as measured.
    """
    values = _column(reading, column)
    used = ~np.isnan(values)
    names, means = _by_unit(reading.unit[used], values[used], lambda group: float(group.mean()))
    features = np.column_stack([np.ones(len(means)), means])
    sample = gather(features, np.ones(len(means), dtype=np.int64), _incidence(reading, names))
    return _or_reason(estimate(sample, _mean, _facts(reading, used, ""), plan, NO_OVERLAP), reading, used)


def median_of_units(reading: PairTable, column: str, plan: Plan, unit: str) -> Estimate:
    """Return the median over units of the median over pairs of a distance.

    Pairs of two empty masks are left out and counted; a pair with one empty mask is infinitely far, so that it
    takes its place above all others and is never dropped.
    """
    values = _column(reading, column)
    values[np.isnan(values) & np.array([flag == ONE_EMPTY for flag in reading.flags], dtype=np.bool_)] = math.inf
    used = ~np.isnan(values)
    names, medians = _by_unit(reading.unit[used], values[used], median_of)
    clusters = None if reading.clusters is None else [reading.clusters[name] for name in names]
    n_clusters = None if clusters is None else len(set(clusters))
    found = _median_estimate(len(medians), n_clusters, _facts(reading, used, unit), plan)
    if not len(medians):
        return _or_reason(found, reading, used)
    middle = median_of(medians)
    if math.isinf(middle):
        return replace(found, undefined=ONE_EMPTY)
    return _bounded(replace(found, value=middle, undefined=None), median_bounds(medians, clusters, plan))


def _column(reading: PairTable, column: str) -> FloatArray:
    """Return a measure (pairs,), NaN where it does not count."""
    values = np.array(reading.columns.get(column, np.full(len(reading.unit), np.nan)), dtype=np.float64)
    values[np.array([flag == BOTH_EMPTY for flag in reading.flags], dtype=np.bool_)] = np.nan
    return values


def _by_unit(unit: IntArray, values: FloatArray, summary: Callable[[FloatArray], float]) -> tuple[IntArray, FloatArray]:
    """Return the units that have values and the summary of each."""
    # Sorted within the unit, so that sums do not depend on the order of the pairs.
    order = np.lexsort((values, unit))
    names, starts = np.unique(unit[order], return_index=True)
    groups = np.split(values[order], starts[1:]) if len(names) else []
    return names, np.array([summary(group) for group in groups], dtype=np.float64)


def _mean(sums: FloatArray) -> FloatArray:
    return ratio(sums[:, 1], sums[:, 0])


def _incidence(reading: PairTable, units: IntArray) -> Incidence | None:
    if reading.clusters is None:
        return None
    names, cluster = numbered([reading.clusters[unit] for unit in units])
    ones: IntArray = np.ones(len(cluster), dtype=np.int64)
    return Incidence.build(names, cluster, np.arange(len(cluster)), ones)


def _median_estimate(n_units: int, n_clusters: int | None, facts: Facts, plan: Plan) -> Estimate:
    over = "units" if n_clusters is None else "patients"
    return Estimate(
        value=None,
        low=None,
        high=None,
        level=plan.level,
        method=f"bias-corrected bootstrap of the median over {over}, B = {plan.replicates}",
        n_units=n_units,
        n_raters=facts.n_raters,
        n_clusters=n_clusters,
        n_dropped=facts.n_dropped,
        dropped_why=facts.dropped_why,
        undefined=NO_OVERLAP,
        warnings=facts.warnings,
        seed=plan.seed,
        unit=facts.unit,
    )


def _bounded(found: Estimate, bounds: Bounds) -> Estimate:
    few = bounds.low is not None and (found.n_clusters or found.n_units) < FEW_CLUSTERS
    return replace(
        found,
        low=bounds.low,
        high=bounds.high,
        interval_undefined=bounds.undefined,
        warnings=found.warnings + ((SMALL_SAMPLE,) if few else ()),
    )


def _or_reason(found: Estimate, reading: PairTable, used: BoolArray) -> Estimate:
    """Return the estimate; where nothing could be compared, with the reason that most pairs share."""
    if found.undefined is None or used.any():
        return found
    reasons = sorted({flag for flag in reading.flags if flag})
    most = max(reasons, key=reading.flags.count) if reasons else NO_OVERLAP
    return replace(found, undefined=most)


def _facts(reading: PairTable, used: BoolArray, unit: str) -> Facts:
    """Return counts and cautions; what was left out is said in words."""
    n_pairs = np.bincount(reading.unit, minlength=reading.n_units)
    n_used = np.bincount(reading.unit[used], minlength=reading.n_units)
    is_empty = np.array([flag == BOTH_EMPTY for flag in reading.flags], dtype=np.bool_)
    n_empty = np.bincount(reading.unit[is_empty], minlength=reading.n_units)
    pairless, unused = n_pairs == 0, (n_pairs > 0) & (n_used == 0)
    in_other = n_used[reading.unit] > 0
    reasons = [
        (int(pairless.sum()), "units with fewer than two outlines"),
        (int((unused & (n_empty == n_pairs)).sum()), "units in which all outlines are empty"),
        (int((unused & (n_empty < n_pairs)).sum()), "units in which it was not measured"),
        (int((~used & in_other & is_empty).sum()), "pairs of empty outlines in other units"),
        (int((~used & in_other & ~is_empty).sum()), "pairs not measured in other units"),
    ]
    has_empty = any(flag == ONE_EMPTY and has for flag, has in zip(reading.flags, used.tolist(), strict=True))
    names = {name for side in (reading.first, reading.second) for name, has in zip(side, used, strict=True) if has}
    unknown = reading.clusters is None
    return Facts(
        n_units=int((n_used > 0).sum()),
        n_raters=len(names),
        n_dropped=int(pairless.sum() + unused.sum()),
        dropped_why="; ".join(f"{number} {what}" for number, what in reasons if number),
        warnings=((ONE_EMPTY,) if has_empty else ()) + ((CLUSTERING_UNKNOWN,) if unknown else ()),
        unit=unit,
    )
