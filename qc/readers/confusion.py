"""What one reader says where the reference says something: the confusion matrix by rows."""

from qc.agreement.base import Estimate
from qc.readers._share import WILSON, ShareOf, share
from qc.readers.base import ReaderStatistic
from qc.readings.scored import ScoredTable

# Between the reference and the answer in the name of a part.
ARROW = "→"


def confusion(reading: ScoredTable, *, level: float = 0.95, interval: str = WILSON) -> dict[str, Estimate]:
    """Return the share of each answer among the units of each reference.

    Parameters
    ----------
    reading : ScoredTable
        One reader beside the reference; ``reading.confusion`` holds the counts.
    level : float
        Confidence level.
    interval : str
        ``wilson`` or ``clopper_pearson``; at the effective sample size where patients have several units.

    Returns
    -------
    dict of str to Estimate
        Part ``reference→answer`` for every pair of declared categories; undefined with ``too_few_items`` for a
        reference that never occurred.

    References
    ----------
    Stehman SV. Selecting and interpreting measures of thematic classification accuracy. Remote Sens Environ 62:77-89,
    1997. doi:10.1016/S0034-4257(97)00083-7

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = ScoredTable.from_codes([0, 1, 1, 1], [0, 0, 1, 1], scale=Scale("nominal", ("no", "yes")))
    >>> confusion(table)["no→yes"].value
    0.5
    """
    found = {}
    for row, truth in enumerate(reading.scale.codes):
        is_row = reading.pairs[:, 0] == row
        for column, said in enumerate(reading.scale.codes):
            of = ShareOf(is_row, reading.pairs[:, 1] == column, "of another reference")
            found[f"{truth}{ARROW}{said}"] = share(reading, of, level, interval)
    return found


SPEC = ReaderStatistic(
    title="Confusion by reference",
    function=confusion,
    accepts=ScoredTable,
    scales=frozenset({"nominal", "ordinal"}),
    reference="Stehman 1997, doi:10.1016/S0034-4257(97)00083-7",
    says="Which answers the reader mistakes for which; a row that rests on few cases says little.",
    parts=True,
)
