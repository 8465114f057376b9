"""Centre distance: how far the centres of two masks are apart."""

import math

from qc.agreement._bootstrap import Plan
from qc.agreement._mask_pair import MaskPair
from qc.agreement._pair_table import median_of_units
from qc.agreement.base import BOTH_EMPTY, Estimate, Statistic
from qc.readings.pair_table import PairTable


def centre_distance(reading: PairTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the median over units of the median over pairs of the distance of two centres of mass.

    Parameters
    ----------
    reading : PairTable
        The measure of every pair of outlines, column ``centre_distance``.
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
    Taha AA, Hanbury A. Metrics for evaluating 3D medical image segmentation: analysis, selection, and tool.
    BMC Med Imaging 15:29, 2015. doi:10.1186/s12880-015-0068-x
    """
    return median_of_units(reading, "centre_distance", Plan(level, seed, replicates), "mm")


def pair_centre_distance(pair: MaskPair) -> float | None:
    """Return the distance between the mean positions of the marked voxels.

    Parameters
    ----------
    pair : MaskPair
        Two masks of one image.

    Returns
    -------
    float or None
        Millimetres; 0 when both are empty, infinite when one is, None without spacing.
    """
    spacing = pair.frame.spacing_mm
    if spacing is None:
        return None
    if pair.flag:
        return 0.0 if pair.flag == BOTH_EMPTY else math.inf
    return math.dist(pair.first.centre * spacing, pair.second.centre * spacing)


SPEC = Statistic(
    title="Distance of centres",
    function=centre_distance,
    accepts=PairTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, math.inf),
    reference="Taha and Hanbury 2015, doi:10.1186/s12880-015-0068-x",
    says=(
        "Whether readers point at the same place, in mm; two outlines of different size and form can share a centre."
    ),
    pair=pair_centre_distance,
    is_distance=True,
    unit="mm",
)
