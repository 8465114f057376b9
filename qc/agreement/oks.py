"""Object keypoint similarity: distances of landmarks on the scale of the object and of each landmark's spread."""

import numpy as np

from qc.agreement._bootstrap import Plan
from qc.agreement._pair_table import mean_of_units
from qc.agreement.base import Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.landmarks import LandmarkTable


def oks(reading: LandmarkTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the mean over units of the mean over pairs and landmarks of exp(−d² / (2 s² (2 σ)²)).

    d is the distance of the two points, s² the area of the object and σ the spread of the landmark.

    Parameters
    ----------
    reading : LandmarkTable
        Points of pairs of readers, with the areas of the objects and the spread of each landmark.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    Estimate
        Points that one of the two did not set are left out. Undefined with ``no_overlap`` when no point was set
        by two readers, with ``not_measured`` when no area and spread are known.

    References
    ----------
    Lin TY, Maire M, Belongie S, et al. Microsoft COCO: common objects in context. ECCV 2014, LNCS 8693:740-755.
    doi:10.1007/978-3-319-10602-1_48
    """
    return mean_of_units(reading.measured(_similarity(reading)), "value", Plan(level, seed, replicates))


def _similarity(reading: LandmarkTable) -> FloatArray:
    """Return the similarity of each pair of points (rows,), NaN where not set or not scaled."""
    scale = 2 * reading.area * (2 * reading.sigma) ** 2
    exponent = np.full(len(scale), np.nan)
    np.divide(reading.distance_mm**2, scale, out=exponent, where=scale > 0)
    similarity: FloatArray = np.exp(-exponent)
    return similarity


SPEC = Statistic(
    title="Object keypoint similarity",
    function=oks,
    accepts=LandmarkTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Lin 2014, doi:10.1007/978-3-319-10602-1_48",
    says=(
        "How near readers set points, measured by the size of the object and by how far readers usually part at each "
        "landmark; it stands and falls with those spreads."
    ),
)
