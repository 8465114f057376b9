"""What statistics of rows of pairs share: which units count, their clusters, and medians over points."""

from dataclasses import replace

import numpy as np

from qc.agreement._bootstrap import Plan
from qc.agreement._kernel import Facts
from qc.agreement._median import median_bounds, median_of
from qc.agreement.base import CLUSTERING_UNKNOWN, NO_OVERLAP, Estimate
from qc.readings._pair_rows import PairRows
from qc.readings.base import IntArray
from qc.readings.incidence import Incidence, numbered
from qc.readings.landmarks import LandmarkTable

# Limits of the success detection rate in cephalometry, millimetres.
LIMITS_MM = (2.0, 2.5, 3.0, 4.0)


def used_units(reading: PairRows) -> IntArray:
    """Return the units that have a row, ascending."""
    units: IntArray = np.unique(reading.unit)
    return units


def incidence_of(reading: PairRows) -> Incidence | None:
    """Return clusters × used units; None when no cluster is known."""
    if reading.clusters is None:
        return None
    names, cluster = numbered([reading.clusters[unit] for unit in used_units(reading)])
    ones: IntArray = np.ones(len(cluster), dtype=np.int64)
    return Incidence.build(names, cluster, np.arange(len(cluster)), ones)


def facts_of(reading: PairRows, what: str) -> Facts:
    """Return counts and cautions.

    Parameters
    ----------
    reading : PairRows
        Rows of pairs of readers.
    what : str
        What a unit without a row lacks, in words.
    """
    n_used = len(used_units(reading))
    dropped = reading.n_units - n_used
    unknown = (CLUSTERING_UNKNOWN,) if reading.clusters is None else ()
    n_raters = len({*reading.first, *reading.second})
    return Facts(n_used, n_raters, dropped, f"{dropped} units with {what}" if dropped else "", unknown)


def point_median(reading: LandmarkTable, mean: Estimate, plan: Plan) -> tuple[Estimate, float | None]:
    """Return the median over all pairs of points with its bounds, and the greatest distance.

    Parameters
    ----------
    reading : LandmarkTable
        Points of pairs of readers.
    mean : Estimate
        Of the same reading, for the counts; undefined where the median is.
    plan : Plan
        How bounds are made. All points of a unit are resampled together.
    """
    over = "units" if reading.clusters is None else "patients"
    method = f"bias-corrected bootstrap of the median over {over}, B = {plan.replicates}"
    seen = reading.seen
    if not seen.any():
        return replace(mean, method=method, undefined=NO_OVERLAP), None
    distances = reading.distance_mm[seen]
    names = [str(unit) if reading.clusters is None else reading.clusters[unit] for unit in reading.unit[seen]]
    bounds = median_bounds(distances, names, plan)
    found = replace(
        mean,
        value=median_of(distances),
        low=bounds.low,
        high=bounds.high,
        method=method,
        interval_undefined=bounds.undefined,
        standard_error=None,
    )
    return found, float(distances.max())
