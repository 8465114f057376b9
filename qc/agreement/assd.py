"""ASSD: the average distance between the borders of two masks, over both directions together."""

import math

from qc.agreement._bootstrap import Plan
from qc.agreement._mask_pair import MaskPair, distance
from qc.agreement._pair_table import median_of_units
from qc.agreement.base import Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.pair_table import PairTable


def assd(reading: PairTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the median over units of the median over pairs of the average symmetric surface distance.

    Parameters
    ----------
    reading : PairTable
        The measure of every pair of outlines, column ``assd``.
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
    Heimann T, van Ginneken B, Styner MA, et al. Comparison and evaluation of methods for liver segmentation
    from CT datasets. IEEE Trans Med Imaging 28:1251-1265, 2009. doi:10.1109/TMI.2009.2013851
    """
    return median_of_units(reading, "assd", Plan(level, seed, replicates), "mm")


def pair_assd(pair: MaskPair) -> float | None:
    """Return the mean of all distances of both directions, pooled.

    Parameters
    ----------
    pair : MaskPair
        Two masks of one image.

    Returns
    -------
    float or None
        Millimetres; 0 when both are empty, infinite when one is, None without spacing.
    """
    return distance(pair, _pooled_mean)


def _pooled_mean(there: FloatArray, back: FloatArray) -> float:
    return float((there.sum() + back.sum()) / (len(there) + len(back)))


SPEC = Statistic(
    title="ASSD",
    function=assd,
    accepts=PairTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, math.inf),
    reference="Heimann 2009, doi:10.1109/TMI.2009.2013851",
    says=("How far apart two outlines run on average, in mm; a far but small disagreement hardly moves it."),
    pair=pair_assd,
    is_distance=True,
    unit="mm",
)
