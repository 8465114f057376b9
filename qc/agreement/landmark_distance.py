"""Landmark error: how far apart readers set a named point, in millimetres."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimates, ratio
from qc.agreement._rows import LIMITS_MM, facts_of, incidence_of, point_median, used_units
from qc.agreement.base import DEGENERATE, NO_OVERLAP, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.landmarks import LandmarkTable

_IN_MM = frozenset({"mean", "median", "max"})


def landmark_distance(
    reading: LandmarkTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> Mapping[str, Estimate]:
    """Return mean, median and greatest distance, the shares within limits, and how often visibility differs.

    Parameters
    ----------
    reading : LandmarkTable
        Points of pairs of readers, millimetres.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    mapping from str to Estimate
        ``mean``, ``median`` and ``max`` in mm over all pairs of points; ``within_2_mm``, ``within_2.5_mm``,
        ``within_3_mm`` and ``within_4_mm``, limits included; ``visibility_differs``, the share of points that
        only one of two readers set, which are no distance and in none of the others. Undefined with
        ``no_overlap`` when no point was set by two readers. The greatest distance has no bounds.

    References
    ----------
    Wang CW, Huang CT, Hsieh MC, et al. Evaluation and comparison of anatomical landmark detection methods for
    cephalometric x-ray images: a grand challenge. IEEE Trans Med Imaging 34:1890-1900, 2015.
    doi:10.1109/TMI.2015.2412951
    """
    plan = Plan(level, seed, replicates)
    distances = reading.distance_mm
    facts = facts_of(reading, "no point that two readers were asked for")
    features = _features(reading, distances)
    sample = gather(features, np.ones(len(features), dtype=np.int64), incidence_of(reading))
    names = ["mean", *(f"within_{limit:g}_mm" for limit in LIMITS_MM), "visibility_differs"]
    found = dict(zip(names, estimates(sample, _finish, facts, plan, [NO_OVERLAP] * len(names)), strict=True))
    found["median"], greatest = point_median(reading, found["mean"], plan)
    found["max"] = replace(
        found["median"],
        value=greatest,
        low=None,
        high=None,
        method="greatest of all pairs of points, without bounds",
        interval_undefined=None if greatest is None else DEGENERATE,
        seed=None,
    )
    return {part: replace(one, unit="mm" if part in _IN_MM else "") for part, one in found.items()}


def _features(reading: LandmarkTable, distances: FloatArray) -> FloatArray:
    """Return sums by unit (units, features): points, their distances, those within each limit, rows, one-sided."""
    units = used_units(reading)
    seen = reading.seen
    known = np.where(seen, distances, math.inf)
    columns = [seen, np.where(seen, distances, 0.0), *(known <= limit + 1e-9 for limit in LIMITS_MM)]
    columns += [np.ones(len(seen)), ~seen]
    return np.column_stack(
        [np.bincount(reading.unit, weights=column.astype(np.float64), minlength=1)[units] for column in columns]
    )


def _finish(sums: FloatArray) -> FloatArray:
    points, rows = sums[:, 0], sums[:, -2]
    shares = [ratio(sums[:, column], points) for column in range(1, 2 + len(LIMITS_MM))]
    return np.column_stack([*shares, ratio(sums[:, -1], rows)])


SPEC = Statistic(
    title="Landmark distance",
    function=landmark_distance,
    accepts=LandmarkTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, math.inf),
    reference="Wang 2015, doi:10.1109/TMI.2015.2412951",
    says=(
        "How far apart two readers set the same point, in mm; points that only one of them saw are counted beside "
        "it, not in it."
    ),
    parts=True,
    describes=True,
    is_distance=True,
    unit="mm",
)
