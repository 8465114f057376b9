"""Dice: twice the shared voxels of two masks over the voxels of both."""

from qc.agreement._bootstrap import Plan
from qc.agreement._overlap import mean_overlap
from qc.agreement.base import Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.overlap_table import OverlapTable


def dice(reading: OverlapTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the mean over units of the mean pairwise Dice coefficient 2 |A ∩ B| / (|A| + |B|).

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
    Dice LR. Measures of the amount of ecologic association between species. Ecology 26:297-302, 1945.
    doi:10.2307/1932409

    Examples
    --------
    >>> table = OverlapTable(2, [0, 1], ("ada", "ada"), ("ben", "ben"), [10, 4], [10, 4], [5, 4])
    >>> dice(table).value
    0.75
    """
    return mean_overlap(reading, _pair_dice, Plan(level, seed, replicates))


def _pair_dice(intersection: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    return 2 * intersection / (first + second)


SPEC = Statistic(
    title="Mean pairwise Dice",
    function=dice,
    accepts=OverlapTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Dice 1945, doi:10.2307/1932409",
    says=(
        "How much of two outlines is shared, averaged over pairs of readers and then over cases; small structures "
        "score lower for the same error in mm, and where the edge differs it does not say by how much."
    ),
)
