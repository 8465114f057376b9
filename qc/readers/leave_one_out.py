"""Each reader against the consensus of the others."""

import numpy as np

from qc.agreement.base import Estimate
from qc.readers._others import FEWEST_OTHERS, against_the_others
from qc.readers._share import WILSON, ShareOf, share
from qc.readers.base import ReaderStatistic
from qc.readings.pattern_table import PatternTable


def leave_one_out(
    reading: PatternTable, *, level: float = 0.95, interval: str = WILSON, minimum: int = FEWEST_OTHERS
) -> dict[str, Estimate]:
    """Return, for each reader, how often the reader says what more than half of the others say.

    A consensus that holds the reader's own vote flatters everybody: three readers whose agreement with the majority of
    three is .75, .875 and .625 have .50, .67 and .40 against the other two.

    Parameters
    ----------
    reading : PatternTable
        All reads of a question. Columns are people: readers who are numbered anew on each scan have no scorecard.
    level : float
        Confidence level.
    interval : str
        ``wilson`` or ``clopper_pearson``; at the effective sample size where patients have several units.
    minimum : int
        Fewest other reads that may decide, 2 or more: with two reads of a unit neither can be scored.

    Returns
    -------
    dict of str to Estimate
        By reader. ``n_dropped`` counts the reads on which the others do not decide. Undefined with
        ``too_few_items`` when they never do.

    References
    ----------
    Cureton EE. Corrected item-test correlation. Psychometrika 31:93-96, 1966. doi:10.1007/BF02289461
    (the same bias: an item correlated with a total that holds it).

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[1, 1, 1], [1, 0, 0], [0, 0, 1]], raters=["ada", "ben", "cho"], scale=Scale("nominal", ("no", "yes"))
    ... )
    >>> [leave_one_out(table)[name].value for name in table.raters]
    [0.5, 1.0, 0.5]
    """
    if minimum < FEWEST_OTHERS:
        raise ValueError(f"At least {FEWEST_OTHERS} other reads decide.")
    found = {}
    for reader in reading.raters:
        scored = against_the_others(reading, reader, minimum)
        right = scored.pairs[:, 0] == scored.pairs[:, 1]
        everything = np.ones(len(right), dtype=np.bool_)
        found[reader] = share(scored, ShareOf(everything, right, ""), level, interval)
    return found


SPEC = ReaderStatistic(
    title="Agreement with the others",
    function=leave_one_out,
    accepts=PatternTable,
    scales=frozenset({"nominal", "ordinal"}),
    reference="Cureton 1966, doi:10.1007/BF02289461",
    says=(
        "How often the reader says what most of the others say, the own vote left out; reads on which the others do "
        "not decide count neither way, and where the others share an error the one who is right looks wrong."
    ),
    parts=True,
)
