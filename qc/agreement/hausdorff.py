"""Hausdorff distance: the farthest that the borders of two masks are from each other."""

import math

from qc.agreement._bootstrap import Plan
from qc.agreement._mask_pair import MaskPair, distance
from qc.agreement._pair_table import median_of_units
from qc.agreement.base import Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.pair_table import PairTable


def hausdorff(reading: PairTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the median over units of the median over pairs of the Hausdorff distance of two borders.

    Parameters
    ----------
    reading : PairTable
        The measure of every pair of outlines, column ``hausdorff``.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known); voxels are never resampled.

    Returns
    -------
    Estimate
        In mm. Pairs of two empty masks are left out and counted. A pair with one empty mask is infinitely far,
        raises the warning ``one_empty`` and is never dropped; where the median itself is such a pair the value is
        undefined with ``one_empty``. Undefined with ``both_empty`` when no mask marks
        anything, with the reason of the pairs (``no_spacing`` …) when nothing was measured.

    References
    ----------
    Huttenlocher DP, Klanderman GA, Rucklidge WJ. Comparing images using the Hausdorff distance.
    IEEE Trans Pattern Anal Mach Intell 15:850-863, 1993. doi:10.1109/34.232073
    """
    return median_of_units(reading, "hausdorff", Plan(level, seed, replicates), "mm")


def pair_hausdorff(pair: MaskPair) -> float | None:
    """Return the greatest of all distances from a border voxel of one mask to the border of the other.

    Parameters
    ----------
    pair : MaskPair
        Two masks of one image.

    Returns
    -------
    float or None
        Millimetres; 0 when both are empty, infinite when one is, None without spacing.
    """
    return distance(pair, _greatest)


def _greatest(there: FloatArray, back: FloatArray) -> float:
    return float(max(there.max(), back.max()))


SPEC = Statistic(
    title="Hausdorff distance",
    function=hausdorff,
    accepts=PairTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, math.inf),
    reference="Huttenlocher 1993, doi:10.1109/34.232073",
    says=(
        "The worst single place where two outlines part, in mm; one stray voxel decides it, so read it beside a "
        "measure that looks at the whole border."
    ),
    pair=pair_hausdorff,
    is_distance=True,
    unit="mm",
)
