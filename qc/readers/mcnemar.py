"""McNemar's test: whether one of two readers says yes more often on the same cases."""

import math

from scipy import stats

from qc.agreement.base import NO_OVERLAP
from qc.readers._contingency import cluster_warning, two_way
from qc.readers.base import NOT_BINARY, ReaderStatistic, Significance, no_test
from qc.readings.pattern_table import PatternTable

AUTO = "auto"
EXACT = "exact"
MID_P = "mid_p"
CHI2 = "chi2"
CORRECTED = "chi2_corrected"
METHODS = (AUTO, EXACT, MID_P, CHI2, CORRECTED)

# With fewer discordant units than this the χ² distribution is too coarse.
_FEW = 25
_WORDS = {
    EXACT: "McNemar, exact binomial",
    MID_P: "McNemar, mid-p",
    CHI2: "McNemar, χ² without continuity correction",
    CORRECTED: "McNemar, χ² with continuity correction",
}


def mcnemar(reading: PatternTable, *, method: str = AUTO) -> Significance:
    """Return the test of equal shares of the second category between two readers.

    Parameters
    ----------
    reading : PatternTable
        Two readers, two declared categories; units that only one of them read are dropped. Units are taken for
        independent.
    method : str
        ``auto``: exact with fewer than 25 discordant units, else χ² without correction. Or ``exact``, ``mid_p``,
        ``chi2``, ``chi2_corrected``.

    Returns
    -------
    Significance
        The statistic is χ², or for exact and mid-p the smaller number of discordant units. Without discordant units
        p = 1. ``details`` hold both discordant counts and the difference of the shares, first − second by name.
        Undefined with ``no_overlap``, and with ``not_binary`` for other than two categories.

    References
    ----------
    McNemar Q. Psychometrika 12:153-157, 1947. doi:10.1007/BF02295996

    Fagerland MW, Lydersen S, Laake P. The McNemar test for binary matched-pairs data. BMC Med Res Methodol 13:91, 2013.
    doi:10.1186/1471-2288-13-91

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[1, 0]] * 6 + [[0, 0]] * 4, raters=["ada", "ben"], scale=Scale("nominal", ("no", "yes"))
    ... )
    >>> mcnemar(table).p
    0.03125
    """
    if method not in METHODS:
        raise ValueError(f"{method!r} is not one of {', '.join(METHODS)}.")
    table = two_way(reading)
    n = int(table.sum())
    dropped = reading.n_units - n
    why = "not read by both" if dropped else ""
    if len(reading.scale.codes) != 2 or not n:
        reason = NO_OVERLAP if len(reading.scale.codes) == 2 else NOT_BINARY
        return no_test("McNemar", n, reason, dropped, why)
    only_first, only_second = int(table[1, 0]), int(table[0, 1])
    chosen = method if method != AUTO else EXACT if only_first + only_second < _FEW else CHI2
    statistic, p = discordance(only_first, only_second, chosen)
    details = {
        "only_first": only_first,
        "only_second": only_second,
        "difference": (only_first - only_second) / n,
    }
    degrees = 1 if chosen in (CHI2, CORRECTED) else None
    warnings = cluster_warning(reading.rated(2))
    return Significance(statistic, p, degrees, _WORDS[chosen], n, dropped, why, warnings=warnings, details=details)


def discordance(b: int, c: int, method: str) -> tuple[float, float]:
    """Return statistic and p of b units that only the first, c that only the second called positive.

    Parameters
    ----------
    b, c : int
        Discordant units.
    method : str
        ``exact``, ``mid_p``, ``chi2`` or ``chi2_corrected``.
    """
    n, least = b + c, min(b, c)
    if method in (CHI2, CORRECTED):
        gap = abs(b - c) - (1 if method == CORRECTED else 0)
        statistic = max(gap, 0) ** 2 / n if n else 0.0
        return statistic, float(stats.chi2.sf(statistic, 1))
    tail = float(stats.binom.cdf(least, n, 0.5))
    if method == MID_P and n:
        return float(least), min(1.0, 2 * tail - math.comb(n, least) * 0.5**n)
    return float(least), min(1.0, 2 * tail)


SPEC = ReaderStatistic(
    title="McNemar's test",
    function=mcnemar,
    accepts=PatternTable,
    scales=frozenset({"nominal", "ordinal"}),
    reference="McNemar 1947, doi:10.1007/BF02295996; Fagerland 2013, doi:10.1186/1471-2288-13-91",
    says=(
        "Whether one of two readers says yes more often on the same cases; it is silent about how often they agree, "
        "and a small p says that a bias exists, not that it is large."
    ),
    n_raters=2,
)
