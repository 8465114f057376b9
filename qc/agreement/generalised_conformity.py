"""Generalised conformity index: one overlap of many masks, pooled over all pairs of readers."""

import numpy as np

from qc.agreement._bootstrap import Plan
from qc.agreement._overlap import marked_pairs, mean_of_ratios
from qc.agreement.base import Estimate, Statistic
from qc.readings.overlap_table import OverlapTable


def generalised_conformity(
    reading: OverlapTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> Estimate:
    """Return the mean over units of Σ |A ∩ B| / Σ |A ∪ B|, both sums over all pairs of readers of the unit.

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
        Pairs of two empty masks are left out and counted, pairs with one empty mask count their union and raise the
        warning ``one_empty``. Undefined with ``both_empty`` when no mask marks anything, with ``no_overlap``
        when there is no pair. Bounds are undefined when all units have one value (``zero_variance``).

    References
    ----------
    Kouwenhoven E, Giezen M, Struikmans H. Measuring the similarity of target volume delineations independent of
    the number of observers. Phys Med Biol 54:2863-2873, 2009. doi:10.1088/0031-9155/54/9/018

    Examples
    --------
    >>> table = OverlapTable(1, [0, 0], ("ada", "ada"), ("ben", "cleo"), [4, 4], [4, 8], [4, 2])
    >>> round(generalised_conformity(table).value, 4)
    0.4286
    """
    marked = marked_pairs(reading)
    shared = reading.intersection[marked].astype(np.float64)
    union = (reading.size_first + reading.size_second)[marked] - shared
    return mean_of_ratios(reading, shared, union, Plan(level, seed, replicates))


SPEC = Statistic(
    title="Generalised conformity index",
    function=generalised_conformity,
    accepts=OverlapTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Kouwenhoven 2009, doi:10.1088/0031-9155/54/9/018",
    says=(
        "How much of what readers outline is shared, pooled over all pairs, so that cases with more readers do not "
        "look worse; large outlines of a case weigh more than small ones."
    ),
)
