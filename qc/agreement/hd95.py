"""HD95: the distance within which 95 % of either border lies from the other."""

import math

import numpy as np

from qc.agreement._bootstrap import Plan
from qc.agreement._mask_pair import MaskPair, distance
from qc.agreement._pair_table import median_of_units
from qc.agreement.base import Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.pair_table import PairTable

_PERCENT = 95


def hd95(reading: PairTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the median over units of the median over pairs of the 95 % Hausdorff distance.

    Parameters
    ----------
    reading : PairTable
        The measure of every pair of outlines, column ``hd95``.
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
    Maier-Hein L, Reinke A, et al. Metrics reloaded: recommendations for image analysis validation.
    Nat Methods 21:195-212, 2024. doi:10.1038/s41592-023-02151-z

    Podobnik G, Vrtovec T. HDilemma: are open-source Hausdorff distance implementations equivalent? MICCAI 2024.
    """
    return median_of_units(reading, "hd95", Plan(level, seed, replicates), "mm")


def pair_hd95(pair: MaskPair) -> float | None:
    """Return the greater of the two directed 95th percentiles, linearly interpolated between voxels.

    Other software pools both directions or weighs by surface area; on the same masks the numbers differ.

    Parameters
    ----------
    pair : MaskPair
        Two masks of one image.

    Returns
    -------
    float or None
        Millimetres; 0 when both are empty, infinite when one is, None without spacing.
    """
    return distance(pair, _greater)


def _greater(there: FloatArray, back: FloatArray) -> float:
    return max(_percentile(there), _percentile(back))


def _percentile(distances: FloatArray) -> float:
    """Return the percentile, linear between the two nearest ranks (type 7)."""
    place = (len(distances) - 1) * _PERCENT / 100
    below, above = math.floor(place), math.ceil(place)
    ranked = np.partition(distances, (below, above))
    return float(ranked[below] + (ranked[above] - ranked[below]) * (place - below))


SPEC = Statistic(
    title="HD95",
    function=hd95,
    accepts=PairTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, math.inf),
    reference="Maier-Hein 2024, doi:10.1038/s41592-023-02151-z",
    says=(
        "How far apart two outlines run, in mm, the worst 5 % of the border set aside; it can hide a small stray "
        "finding, and other software defines it in other ways."
    ),
    pair=pair_hd95,
    is_distance=True,
    unit="mm",
)
