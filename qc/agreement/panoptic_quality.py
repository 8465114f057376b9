"""Panoptic quality: finding the same things and drawing them alike, in one number and in its two factors."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimates, ratio
from qc.agreement._rows import facts_of, incidence_of, used_units
from qc.agreement.base import BOTH_EMPTY, NO_OVERLAP, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.instances import MatchTable

# With the published gate a mark has at most one partner; with another one the number is not the published one.
OTHER_GATE = "matching_not_above_half"
_HALF = 0.5


def panoptic_quality(
    reading: MatchTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> Mapping[str, Estimate]:
    """Return Σ IoU / (TP + ½ FP + ½ FN) over all pairs and images, with its two factors.

    Parameters
    ----------
    reading : MatchTable
        Marks of pairs of readers, matched where their IoU exceeds one half.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    mapping from str to Estimate
        ``panoptic`` = ``segmentation`` (mean IoU of matched marks) × ``recognition`` (F1). Undefined with
        ``both_empty`` when nobody marked anything, ``segmentation`` with ``no_overlap`` when nothing matches.
        The warning ``matching_not_above_half`` says that another gate was used than the published one.

    References
    ----------
    Kirillov A, He K, Girshick R, Rother C, Dollár P. Panoptic segmentation. CVPR 2019:9404-9413.
    doi:10.1109/CVPR.2019.00963
    """
    plan = Plan(level, seed, replicates)
    units = used_units(reading)
    marks = (reading.n_first + reading.n_second).astype(np.float64)
    columns = (reading.overlap, reading.matched.astype(np.float64), marks)
    sums: FloatArray = np.column_stack(
        [np.bincount(reading.unit, weights=column, minlength=1)[units] for column in columns]
    ).astype(np.float64)
    sample = gather(sums, np.ones(len(units), dtype=np.int64), incidence_of(reading))
    facts = facts_of(reading, "fewer than two readers")
    if not (reading.is_strict and reading.threshold == _HALF):
        facts = replace(facts, warnings=(*facts.warnings, OTHER_GATE))
    found = estimates(sample, _factors, facts, plan, [BOTH_EMPTY, NO_OVERLAP, BOTH_EMPTY])
    return dict(zip(("panoptic", "segmentation", "recognition"), found, strict=True))


def _factors(sums: FloatArray) -> FloatArray:
    overlap, matched, marks = sums.T
    return np.column_stack([ratio(2 * overlap, marks), ratio(overlap, matched), ratio(2 * matched, marks)])


SPEC = Statistic(
    title="Panoptic quality",
    function=panoptic_quality,
    accepts=MatchTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Kirillov 2019, doi:10.1109/CVPR.2019.00963",
    says=(
        "Whether readers find the same things and draw them alike, in one number; read its two factors, because "
        "very different readers can share the product."
    ),
    parts=True,
)
