"""Volumetric similarity: how alike two masks are in size, wherever they lie."""

import numpy as np

from qc.agreement._bootstrap import Plan
from qc.agreement._overlap import mean_overlap
from qc.agreement.base import Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.overlap_table import OverlapTable


def volumetric_similarity(
    reading: OverlapTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> Estimate:
    """Return the mean over units of the mean pairwise 1 − ||A| − |B|| / (|A| + |B|).

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
    Taha AA, Hanbury A. Metrics for evaluating 3D medical image segmentation: analysis, selection, and tool.
    BMC Med Imaging 15:29, 2015. doi:10.1186/s12880-015-0068-x

    Examples
    --------
    >>> table = OverlapTable(1, [0], ("ada",), ("ben",), [10], [6], [0])
    >>> volumetric_similarity(table).value
    0.75
    """
    return mean_overlap(reading, _pair_similarity, Plan(level, seed, replicates))


def _pair_similarity(intersection: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    similarity: FloatArray = 1 - np.abs(first - second) / (first + second)
    return similarity


SPEC = Statistic(
    title="Volumetric similarity",
    function=volumetric_similarity,
    accepts=OverlapTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Taha and Hanbury 2015, doi:10.1186/s12880-015-0068-x",
    says=(
        "How alike two outlines are in size; it is 1 for equal sizes in different places, so it says nothing "
        "without an overlap beside it."
    ),
)
