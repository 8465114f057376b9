"""Box IoU: how much of two boxes around one thing is shared."""

from qc.agreement._bootstrap import Plan
from qc.agreement._pair_table import mean_of_units
from qc.agreement.base import Estimate, Statistic
from qc.readings.boxes import BoxTable, iou


def box_iou(reading: BoxTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the mean over units of the mean over matched pairs of the intersection over union of boxes.

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
    Everingham M, Van Gool L, Williams CKI, Winn J, Zisserman A. The PASCAL visual object classes challenge.
    Int J Comput Vis 88:303-338, 2010. doi:10.1007/s11263-009-0275-4
    """
    values = iou(reading.box_first, reading.box_second) if len(reading.unit) else reading.box_first.reshape(0)
    return mean_of_units(reading.measured(values), "value", Plan(level, seed, replicates))


SPEC = Statistic(
    title="IoU of matched boxes",
    function=box_iou,
    accepts=BoxTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Everingham 2010, doi:10.1007/s11263-009-0275-4",
    says=(
        "How alike two readers draw the box around what both found; what only one of them found is not in it, so read "
        "it beside the detection agreement."
    ),
)
