"""Volume difference: by how much two marked volumes differ."""

import math

from qc.agreement._bootstrap import Plan
from qc.agreement._mask_pair import MaskPair
from qc.agreement._pair_table import median_of_units
from qc.agreement.base import Estimate, Statistic
from qc.readings.pair_table import PairTable

_VOLUME_AXES = 3
_MM3_PER_ML = 1000.0


def volume_difference(reading: PairTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the median over units of the median over pairs of the absolute difference of two volumes.

    Parameters
    ----------
    reading : PairTable
        The measure of every pair of outlines, column ``volume_difference``.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known); voxels are never resampled.

    Returns
    -------
    Estimate
        In mL. Pairs of two empty masks are left out and counted. A pair with one empty mask
        differs by the whole of the other and raises the warning ``one_empty``. Undefined with ``both_empty`` when
        no mask marks anything, with the reason of the pairs (``no_spacing`` …) when nothing was measured.

    References
    ----------
    Taha AA, Hanbury A. Metrics for evaluating 3D medical image segmentation: analysis, selection, and tool.
    BMC Med Imaging 15:29, 2015. doi:10.1186/s12880-015-0068-x
    """
    return median_of_units(reading, "volume_difference", Plan(level, seed, replicates), "mL")


def pair_volume_difference(pair: MaskPair) -> float | None:
    """Return the difference of two volumes without its sign, because neither reader is the reference.

    Parameters
    ----------
    pair : MaskPair
        Two masks of one image.

    Returns
    -------
    float or None
        Millilitres, also when one mask is empty; None without spacing and for pictures, which have no volume.
    """
    spacing = pair.frame.spacing_mm
    if spacing is None or len(spacing) != _VOLUME_AXES:
        return None
    return abs(pair.first.voxels - pair.second.voxels) * math.prod(spacing) / _MM3_PER_ML


SPEC = Statistic(
    title="Volume difference",
    function=volume_difference,
    accepts=PairTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, math.inf),
    reference="Taha and Hanbury 2015, doi:10.1186/s12880-015-0068-x",
    says=("By how many millilitres two outlines differ in volume; equal volumes can lie in different places."),
    pair=pair_volume_difference,
    is_distance=True,
    unit="mL",
)
