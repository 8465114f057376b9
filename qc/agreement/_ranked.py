"""A coefficient of the orders of one unit, averaged over units."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import Facts, estimate, ratio
from qc.agreement.base import CLUSTERING_UNKNOWN, NO_OVERLAP, NO_VARIATION, Estimate
from qc.readings.base import FloatArray
from qc.readings.incidence import Incidence, numbered
from qc.readings.rankings import Rankings


def mean_over_units(reading: Rankings, of_unit: Callable[[FloatArray], float | None], plan: Plan) -> Estimate:
    """Return the mean over units of a coefficient of their orders.

    Parameters
    ----------
    reading : Rankings
        Units with fewer than two orders are dropped.
    of_unit : callable
        Mid-ranks (raters, options) → coefficient, None where undefined: the unit is dropped and counted.
    plan : Plan
        Level, seed and replicates.
    """
    compared = [place for place, row in enumerate(reading.units) if len(row) > 1]
    values = [of_unit(np.array([ranks for _, ranks in reading.units[place]])) for place in compared]
    kept = [(place, value) for place, value in zip(compared, values, strict=True) if value is not None]
    known = np.array([value for _, value in kept], dtype=np.float64)
    raters = {rater for place, _ in kept for rater, _ in reading.units[place]}
    facts = Facts(
        len(kept),
        len(raters),
        reading.n_units - len(kept),
        _why(reading.n_units - len(compared), len(compared) - len(kept)),
        () if reading.clusters is not None else (CLUSTERING_UNKNOWN,),
    )
    features = np.column_stack([np.ones(len(known)), known])
    sample = gather(features, np.ones(len(known), dtype=np.int64), _incidence(reading, [place for place, _ in kept]))
    found = estimate(sample, lambda sums: ratio(sums[:, 1], sums[:, 0]), facts, plan, NO_OVERLAP)
    if compared and not kept:
        return replace(found, undefined=NO_VARIATION)
    return found


def _why(single: int, flat: int) -> str:
    reasons = [f"{single} units with fewer than two orders"] if single else []
    reasons += [f"{flat} units in which an order ties everything"] if flat else []
    return "; ".join(reasons)


def _incidence(reading: Rankings, kept: list[int]) -> Incidence | None:
    if reading.clusters is None:
        return None
    names, index = numbered([reading.clusters[place] for place in kept])
    return Incidence.build(names, index, np.arange(len(kept), dtype=np.int64), np.ones(len(kept), dtype=np.int64))
