"""Overlap of masks, averaged pair by pair within a unit and then over units."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import Facts, estimate, ratio
from qc.agreement.base import BOTH_EMPTY, CLUSTERING_UNKNOWN, NO_OVERLAP, ONE_EMPTY, Estimate
from qc.readings.base import BoolArray, FloatArray, IntArray
from qc.readings.incidence import Incidence, numbered
from qc.readings.overlap_table import OverlapTable

# (intersection, size of the first, size of the second), each (pairs,) → overlap (pairs,).
PairValue = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]


def mean_overlap(reading: OverlapTable, pair_value: PairValue, plan: Plan, noun: str = "masks") -> Estimate:
    """Return the mean over units of the mean over pairs.

    Pairs of two empty masks are left out and counted; pairs with one empty mask count 0.
    """
    marked = marked_pairs(reading)
    values = pair_value(
        reading.intersection[marked].astype(np.float64),
        reading.size_first[marked].astype(np.float64),
        reading.size_second[marked].astype(np.float64),
    )
    found = mean_of_ratios(reading, values, np.ones(len(values)), plan)
    return replace(found, dropped_why=found.dropped_why.replace("masks", noun))


def marked_pairs(reading: OverlapTable) -> BoolArray:
    """Tell the pairs in which at least one mask marks something (pairs,)."""
    marked: BoolArray = (reading.size_first + reading.size_second) > 0
    return marked


def mean_of_ratios(reading: OverlapTable, numerator: FloatArray, denominator: FloatArray, plan: Plan) -> Estimate:
    """Return the mean over units of Σ numerator / Σ denominator over the pairs of a unit.

    Parameters
    ----------
    reading : OverlapTable
        Voxel counts of pairs of masks.
    numerator, denominator : float64 array (pairs with marks,)
        Of the pairs that ``marked_pairs`` names; denominators positive.
    plan : Plan
        How bounds are made.
    """
    marked = marked_pairs(reading)
    unit = reading.unit[marked]
    used = np.bincount(unit, minlength=reading.n_units) > 0
    above = np.bincount(unit, weights=numerator, minlength=reading.n_units)[used]
    means = above / np.bincount(unit, weights=denominator, minlength=reading.n_units)[used]
    features = np.column_stack([np.ones(len(means)), means])
    sample = gather(features, np.ones(len(means), dtype=np.int64), _incidence(reading, used))
    nothing = BOTH_EMPTY if len(reading.unit) else NO_OVERLAP
    found = estimate(sample, _mean, _facts(reading, marked, used), plan, nothing)
    return found if found.undefined is None else _because(found, nothing)


def _mean(sums: FloatArray) -> FloatArray:
    return ratio(sums[:, 1], sums[:, 0])


def _because(found: Estimate, reason: str) -> Estimate:
    return Estimate(**{**found.as_dict(), "warnings": found.warnings, "undefined": reason})


def _incidence(reading: OverlapTable, used: BoolArray) -> Incidence | None:
    """Return clusters × used units; None when no cluster is known."""
    if reading.clusters is None:
        return None
    names, cluster = numbered([name for name, has in zip(reading.clusters, used, strict=True) if has])
    ones: IntArray = np.ones(len(cluster), dtype=np.int64)
    return Incidence.build(names, cluster, np.arange(len(cluster)), ones)


def _facts(reading: OverlapTable, marked: BoolArray, used: BoolArray) -> Facts:
    """Return counts and cautions; what was left out is said in words."""
    looked_at = np.bincount(reading.unit, minlength=reading.n_units) > 0
    n_pairless = int((~looked_at).sum())
    n_empty = int((looked_at & ~used).sum())
    n_empty_pairs = int((~marked & used[reading.unit]).sum())
    reasons = [
        (n_pairless, "units with fewer than two masks"),
        (n_empty, "units in which all masks are empty"),
        (n_empty_pairs, "pairs of empty masks in other units"),
    ]
    smaller = np.minimum(reading.size_first, reading.size_second)[marked]
    warnings = [ONE_EMPTY] if (smaller == 0).any() else []
    warnings += [CLUSTERING_UNKNOWN] if reading.clusters is None else []
    names = {
        name for column in (reading.first, reading.second) for name, has in zip(column, marked, strict=True) if has
    }
    return Facts(
        n_units=int(used.sum()),
        n_raters=len(names),
        n_dropped=n_pairless + n_empty,
        dropped_why="; ".join(f"{number} {what}" for number, what in reasons if number),
        warnings=tuple(warnings),
    )
