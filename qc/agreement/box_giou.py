"""Generalised box IoU: overlap of two boxes that also says how far apart they are where they do not meet."""

from qc.agreement._bootstrap import Plan
from qc.agreement._pair_table import mean_of_units
from qc.agreement.base import Estimate, Statistic
from qc.readings.boxes import BoxTable, giou


def box_giou(reading: BoxTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the mean over units of the mean over matched pairs of the generalised IoU of boxes.

    Parameters
    ----------
    reading : BoxTable
        Pairs of boxes that two readers mean by one thing.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    Estimate
        Boxes that only one reader drew are not in the reading: whether both found a thing is another question.
        Undefined with ``no_overlap`` when there is no pair.

    References
    ----------
    Rezatofighi H, Tsoi N, Gwak J, Sadeghian A, Reid I, Savarese S. Generalized intersection over union: a metric
    and a loss for bounding box regression. CVPR 2019:658-666. doi:10.1109/CVPR.2019.00075
    """
    values = giou(reading.box_first, reading.box_second) if len(reading.unit) else reading.box_first.reshape(0)
    return mean_of_units(reading.measured(values), "value", Plan(level, seed, replicates))


SPEC = Statistic(
    title="Generalised IoU of matched boxes",
    function=box_giou,
    accepts=BoxTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(-1.0, 1.0),
    reference="Rezatofighi 2019, doi:10.1109/CVPR.2019.00075",
    says=(
        "Like the overlap of boxes, but below 0 for boxes that do not meet, the farther the lower; it depends on the "
        "form of the smallest box around both."
    ),
)
