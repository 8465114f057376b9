"""One box out of several around one thing: the median of each side."""

from collections.abc import Mapping, Sequence

import numpy as np

from qc.consensus._boxes import marks_of
from qc.consensus.base import INSUFFICIENT, SETTLED, Consensus, Method


def box_median(boxes: Mapping[str, Sequence[float]], *, minimum: int = 2) -> Consensus:
    """Settle on the box whose every side is the median of the readers' sides.

    The low sides are never above the high ones, because each reader's are not. Whether the readers mean one thing at
    all is not asked here: a routing rule on their overlap asks it.

    Parameters
    ----------
    boxes : mapping of str to sequence of float
        Rater to low corner, then high corner: four numbers (two axes) or six, all alike, in voxels or millimetres.
    minimum : int
        Fewest boxes that may settle anything.

    Returns
    -------
    Consensus
        ``settled`` with the tuple of sides, ``insufficient`` below ``minimum``. ``details["spread"]``: for each side
        the distance between the lowest and the highest reader.

    Raises
    ------
    ValueError
        A box is not finite, has no extent, or another number of sides than the others.

    References
    ----------
    The median of each side is the point of least summed city-block distance: Bickel PJ. On some robust estimates of
    location. Ann Math Stat 36:847-858, 1965 (coordinate-wise medians).

    Examples
    --------
    >>> box_median({"a": (0, 0, 4, 4), "b": (1, 0, 5, 4), "c": (1, 0, 9, 4)}).value
    (1.0, 0.0, 5.0, 4.0)
    """
    if minimum < 1:
        raise ValueError("minimum must be at least 1.")
    marks = marks_of({rater: [box] for rater, box in boxes.items()})
    raters, parameters = tuple(sorted(boxes)), {"minimum": minimum}
    if len(marks) < minimum or not marks:
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters)
    sides = np.stack([mark.sides for mark in marks])
    value = tuple(np.median(sides, axis=0).tolist())
    details = {"spread": (sides.max(axis=0) - sides.min(axis=0)).tolist()}
    return Consensus(SETTLED, value, None, {}, raters, parameters, details)


SPEC = Method(
    title="Median of each side of boxes",
    function=box_median,
    takes="box",
    reference="Bickel 1965",
)
