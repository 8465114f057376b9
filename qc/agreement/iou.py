"""Intersection over union (Jaccard index) of masks."""

from qc.agreement._bootstrap import Plan
from qc.agreement._overlap import mean_overlap
from qc.agreement.base import Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.overlap_table import OverlapTable


def iou(reading: OverlapTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the mean over units of the mean pairwise intersection over union |A ∩ B| / |A ∪ B|.

    Parameters
    ----------
    reading : OverlapTable
        Voxel counts of pairs of masks.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known); voxels are never resampled.

    Returns
    -------
    Estimate
        Pairs of two empty masks are left out and counted, pairs with one empty mask count 0 and raise the
        warning ``one_empty``. Undefined with ``both_empty`` when no mask marks anything, with ``no_overlap``
        when there is no pair. Bounds are undefined when all units have one value (``zero_variance``).

    References
    ----------
    Jaccard P. The distribution of the flora in the alpine zone. New Phytol 11:37-50, 1912.
    doi:10.1111/j.1469-8137.1912.tb05611.x

    Examples
    --------
    >>> table = OverlapTable(2, [0, 1], ("ada", "ada"), ("ben", "ben"), [10, 4], [10, 4], [5, 4])
    >>> round(iou(table).value, 4)
    0.6667
    """
    return mean_overlap(reading, _pair_iou, Plan(level, seed, replicates))


def _pair_iou(intersection: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    return intersection / (first + second - intersection)


SPEC = Statistic(
    title="Mean pairwise IoU",
    function=iou,
    accepts=OverlapTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Jaccard 1912, doi:10.1111/j.1469-8137.1912.tb05611.x",
    says=(
        "The shared part of two outlines over everything either marked, averaged over pairs of readers and then over "
        "cases; it is stricter than Dice and, like it, harder on small structures."
    ),
)
