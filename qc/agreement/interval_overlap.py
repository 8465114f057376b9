"""Overlap of marked time: how much of the time that two readers marked both of them marked."""

from qc.agreement._bootstrap import Plan
from qc.agreement._overlap import mean_overlap
from qc.agreement.base import Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.timelines import TimelineTable


def interval_overlap(reading: TimelineTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the mean over recordings of the mean pairwise intersection over union of marked time.

    Parameters
    ----------
    reading : TimelineTable
        Marked milliseconds of pairs of readers.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    Estimate
        Pairs of readers who marked nothing are left out and counted, pairs of whom one marked nothing count 0 and
        raise the warning ``one_empty``. Undefined with ``both_empty`` when nobody marked anything, with
        ``no_overlap`` when there is no pair.

    References
    ----------
    Jaccard P. The distribution of the flora in the alpine zone. New Phytol 11:37-50, 1912.
    doi:10.1111/j.1469-8137.1912.tb05611.x
    """
    return mean_overlap(reading.overlaps, _pair_iou, Plan(level, seed, replicates), "timelines")


def _pair_iou(intersection: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    return intersection / (first + second - intersection)


SPEC = Statistic(
    title="Overlap of marked time",
    function=interval_overlap,
    accepts=TimelineTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Jaccard 1912, doi:10.1111/j.1469-8137.1912.tb05611.x",
    says=(
        "How much of the time that either reader marked both marked; it does not say whether they meant the same "
        "events, only how long they agree."
    ),
)
