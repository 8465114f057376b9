"""Cochran's Q: whether several readers say yes equally often on the same cases."""

import numpy as np
from scipy import stats

from qc.agreement.base import NO_OVERLAP, ZERO_VARIANCE
from qc.readers._contingency import cluster_warning
from qc.readers.base import NOT_BINARY, ReaderStatistic, Significance, no_test
from qc.readings.pattern_table import PatternTable

_METHOD = "Cochran's Q, χ² distribution"


def cochran_q(reading: PatternTable) -> Significance:
    """Return the test of equal shares of the second category among all readers.

    Parameters
    ----------
    reading : PatternTable
        Two readers or more, two declared categories; units that not all of them read are dropped. Units are taken
        for independent. With two readers Q is McNemar's χ² without correction.

    Returns
    -------
    Significance
        ``details`` hold the share of each reader. Undefined with ``no_overlap`` where no unit was read by all,
        with ``zero_variance`` where they never differed, with ``not_binary`` for other than two categories.

    References
    ----------
    Cochran WG. The comparison of percentages in matched samples. Biometrika 37:256-266, 1950.
    doi:10.1093/biomet/37.3-4.256

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[1, 0, 0], [1, 1, 0], [1, 0, 0]], raters=["ada", "ben", "cho"], scale=Scale("nominal", ("no", "yes"))
    ... )
    >>> round(cochran_q(table).statistic, 4)
    4.6667
    """
    used = reading.complete()
    n, k = used.n_units, len(used.raters)
    dropped = reading.n_units - n
    why = "not read by all" if dropped else ""
    if len(reading.scale.codes) != 2:
        return no_test(_METHOD, n, NOT_BINARY, dropped, why)
    if not n or k < 2:
        return no_test(_METHOD, n, NO_OVERLAP, dropped, why)
    yes = (used.patterns == 1).astype(np.float64)
    by_reader, by_unit = used.counts @ yes, yes.sum(axis=1)
    room = float(used.counts @ (by_unit * (k - by_unit)))
    if room == 0:
        return no_test(_METHOD, n, ZERO_VARIANCE, dropped, why)
    total = float(by_reader.sum())
    statistic = (k - 1) * (k * float(by_reader @ by_reader) - total**2) / room
    shares = {name: float(value) / n for name, value in zip(used.raters, by_reader, strict=True)}
    p = float(stats.chi2.sf(statistic, k - 1))
    warnings = cluster_warning(used)
    return Significance(statistic, p, k - 1, _METHOD, n, dropped, why, warnings=warnings, details={"shares": shares})


SPEC = ReaderStatistic(
    title="Cochran's Q",
    function=cochran_q,
    accepts=PatternTable,
    scales=frozenset({"nominal", "ordinal"}),
    reference="Cochran 1950, doi:10.1093/biomet/37.3-4.256",
    says=(
        "Whether the readers say yes equally often on the same cases; it is silent about who differs, and a small p "
        "says that a bias exists, not that it is large."
    ),
)
