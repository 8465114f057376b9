"""Each reader against himself: the same cases measured several times."""

from qc.agreement.base import Estimate, named
from qc.agreement.icc_oneway import icc_oneway
from qc.agreement.repeatability import repeatability as spread_within
from qc.readers.base import ReaderStatistic
from qc.readings.repeat_table import RepeatTable

RELIABILITY = "icc"


def repeat_measurements(
    reading: RepeatTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> dict[str, Estimate]:
    """Return each reader's within-case standard deviation, repeatability coefficient and ICC(1,1).

    Parameters
    ----------
    reading : RepeatTable
        Repeated measurements of the same cases; cases with fewer than two of a reader are dropped for that reader.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients, where a patient has several units.

    Returns
    -------
    dict of str to Estimate
        ``within_sd:reader`` and ``coefficient:reader`` in units of measurement (two measurements of one case differ by
        less than the coefficient in 95 % of pairs), and the parts of the one-way ICC, ``icc_…:reader``.

    References
    ----------
    Bland JM, Altman DG. Measurement error. BMJ 313:744, 1996. doi:10.1136/bmj.313.7059.744

    Examples
    --------
    >>> import numpy as np
    >>> values = np.array([[[1.0, 1]], [[2, 4]], [[3, 3]], [[4, 6]]])
    >>> repeat_measurements(RepeatTable.from_values(values, raters=["ada"], unit="mm"))["within_sd:ada"].value
    1.0
    """
    found = {}
    columns = reading.table.raters
    for place, reader in enumerate(reading.raters):
        own = columns[place * reading.n_repeats : (place + 1) * reading.n_repeats]
        table = reading.table.select(own)
        parts = spread_within(table, level=level, seed=seed, replicates=replicates)
        reliability = icc_oneway(table, level=level, seed=seed, replicates=replicates)
        parts |= {f"{RELIABILITY}_{part}": one for part, one in reliability.items()}
        found.update({named(part, reader): one for part, one in parts.items()})
    return found


SPEC = ReaderStatistic(
    title="Repeated measurements of one reader",
    function=repeat_measurements,
    accepts=RepeatTable,
    scales=frozenset({"interval", "ratio"}),
    reference="Bland & Altman 1996, doi:10.1136/bmj.313.7059.744",
    says=(
        "The error of one measurement of a reader, and how well it tells cases apart; cases that are remembered make "
        "both look too good."
    ),
    parts=True,
)
