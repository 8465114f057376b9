"""Surface Dice: the share of two borders that lies within a tolerance of the other (normalised surface Dice)."""

import numpy as np

from qc.agreement._bootstrap import Plan
from qc.agreement._mask_pair import MaskPair
from qc.agreement._pair_table import mean_of_units
from qc.agreement.base import BOTH_EMPTY, Estimate, Statistic
from qc.readings.pair_table import PairTable

# A multiple of the spacing, added up in another order, is still the tolerance it equals.
_ROUNDING_MM = 1e-9


def surface_dice(reading: PairTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the mean over units of the mean over pairs of the surface Dice at the protocol's tolerance.

    Parameters
    ----------
    reading : PairTable
        The measure of every pair of outlines, column ``surface_dice``.
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
    Nikolov S, Blackwell S, Zverovitch A, et al. Clinically applicable segmentation of head and neck anatomy for
    radiotherapy. J Med Internet Res 23:e26151, 2021. doi:10.2196/26151
    """
    return mean_of_units(reading, "surface_dice", Plan(level, seed, replicates))


def pair_surface_dice(pair: MaskPair) -> float | None:
    """Return the border voxels within the tolerance of the other border over all border voxels, limit included.

    Parameters
    ----------
    pair : MaskPair
        Two masks of one image.

    Returns
    -------
    float or None
        1 when both masks are empty, 0 when one is, None without spacing or tolerance.
    """
    tolerance = pair.frame.tolerance_mm
    if tolerance is None or pair.frame.spacing_mm is None:
        return None
    if pair.flag:
        return 1.0 if pair.flag == BOTH_EMPTY else 0.0
    near = sum(int(np.count_nonzero(side <= tolerance + _ROUNDING_MM)) for side in (pair.there, pair.back))
    return near / (len(pair.there) + len(pair.back))


SPEC = Statistic(
    title="Surface Dice at the tolerance",
    function=surface_dice,
    accepts=PairTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Nikolov 2021, doi:10.2196/26151",
    says=(
        "The share of the outlines that would need no correction if deviations up to the tolerance do not matter; it "
        "means nothing without the tolerance, which the protocol states in mm."
    ),
    pair=pair_surface_dice,
)
