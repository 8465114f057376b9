"""Boundary IoU: how much of the bands along two outlines of a picture is shared."""

import math

import numpy as np
from scipy.ndimage import minimum_filter1d

from qc.agreement._bootstrap import Plan
from qc.agreement._mask_pair import MaskPair
from qc.agreement._pair_table import mean_of_units
from qc.agreement.base import BOTH_EMPTY, Estimate, Statistic
from qc.readings.base import BoolArray
from qc.readings.pair_table import PairTable

_SHARE = 0.02


def boundary_iou(reading: PairTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the mean over units of the mean over pairs of the boundary IoU.

    Parameters
    ----------
    reading : PairTable
        The measure of every pair of outlines, column ``boundary_iou``.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known); voxels are never resampled.

    Returns
    -------
    Estimate
        In a pure number. Pairs of two empty masks are left out and counted. A pair with one empty mask counts 0
        and raises the warning ``one_empty``. Undefined with ``both_empty`` when no mask marks
        anything, with the reason of the pairs (``no_spacing`` …) when nothing was measured.

    References
    ----------
    Cheng B, Girshick R, Dollár P, Berg AC, Kirillov A. Boundary IoU: improving object-centric image segmentation
    evaluation. CVPR 2021:15334-15342. doi:10.1109/CVPR46437.2021.01508
    """
    return mean_of_units(reading, "boundary_iou", Plan(level, seed, replicates))


def pair_boundary_iou(pair: MaskPair) -> float | None:
    """Return the overlap of the bands that lie within 2 % of the image diagonal inside either outline.

    The band is what a square of 2 d + 1 pixels erodes, d = max(1, round(0.02 · diagonal)); outside the image
    nothing is marked, so that a mask has a boundary at the image's edge.

    Parameters
    ----------
    pair : MaskPair
        Two masks of one image.

    Returns
    -------
    float or None
        1 when both masks are empty, 0 when one is. Defined for pictures; None for volumes.
    """
    shape = pair.frame.shape
    if len(shape) != 2:
        return None
    if pair.flag:
        return 1.0 if pair.flag == BOTH_EMPTY else 0.0
    width = max(1, round(_SHARE * math.hypot(*shape)))
    first, second = _band(pair.first.mask, width), _band(pair.second.mask, width)
    return int(np.count_nonzero(first & second)) / int(np.count_nonzero(first | second))


def _band(mask: BoolArray, width: int) -> BoolArray:
    inner = mask.view(np.uint8)
    for axis in (0, 1):
        inner = minimum_filter1d(inner, 2 * width + 1, axis=axis, mode="constant", cval=0)
    return mask & ~inner.view(np.bool_)


SPEC = Statistic(
    title="Boundary IoU",
    function=boundary_iou,
    accepts=PairTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Cheng 2021, doi:10.1109/CVPR46437.2021.01508",
    says=(
        "How much of the bands along two outlines is shared; unlike IoU it does not forgive large structures a wrong "
        "edge. The band is 2 % of the picture's diagonal, so it depends on how the picture was cut."
    ),
    pair=pair_boundary_iou,
)
