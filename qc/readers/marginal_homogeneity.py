"""Whether two readers use several categories equally often: Stuart–Maxwell, Bhapkar and Bowker."""

import numpy as np
from scipy import stats

from qc.agreement.base import DEGENERATE, NO_OVERLAP
from qc.readers._contingency import cluster_warning, two_way
from qc.readers.base import ReaderStatistic, Significance, no_test
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable

STUART_MAXWELL = "stuart_maxwell"
BHAPKAR = "bhapkar"
BOWKER = "bowker"
_WORDS = {
    STUART_MAXWELL: "Stuart–Maxwell test of equal margins",
    BHAPKAR: "Bhapkar's test of equal margins",
    BOWKER: "Bowker's test of symmetry",
}


def marginal_homogeneity(reading: PatternTable) -> dict[str, Significance]:
    """Return three χ² tests of two readers' answers; nothing is added to empty cells.

    Parameters
    ----------
    reading : PatternTable
        Two readers; units that only one of them read are dropped. Units are taken for independent.

    Returns
    -------
    dict of str to Significance
        ``stuart_maxwell`` and ``bhapkar`` test equal margins, over the categories on which the readers ever differed;
        ``bowker`` tests that every confusion is as frequent as its opposite, one degree for each pair of categories
        ever confused. Two readers who never differ have statistic 0, p 1 and no degrees. Undefined with
        ``no_overlap``; with ``degenerate`` where the covariance cannot be inverted.

    References
    ----------
    Stuart A. Biometrika 42:412-416, 1955. doi:10.1093/biomet/42.3-4.412

    Maxwell AE. Br J Psychiatry 116:651-655, 1970. doi:10.1192/bjp.116.535.651

    Bhapkar VP. J Am Stat Assoc 61:228-235, 1966. doi:10.1080/01621459.1966.10502021

    Bowker AH. J Am Stat Assoc 43:572-574, 1948. doi:10.1080/01621459.1948.10483284

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 1]] * 6 + [[1, 0]] * 2 + [[2, 2]], raters=["ada", "ben"], scale=Scale("nominal", ("a", "b", "c"))
    ... )
    >>> marginal_homogeneity(table)["bowker"].statistic
    2.0
    """
    table = two_way(reading)
    n = int(table.sum())
    dropped = reading.n_units - n
    why = "not read by both" if dropped else ""
    if not n:
        return {name: no_test(words, 0, NO_OVERLAP, dropped, why) for name, words in _WORDS.items()}
    tests = {
        STUART_MAXWELL: margins_test(table, is_bhapkar=False),
        BHAPKAR: margins_test(table, is_bhapkar=True),
        BOWKER: symmetry_test(table),
    }
    warnings = cluster_warning(reading.rated(2))
    found = {}
    for name, result in tests.items():
        if result is None:
            found[name] = no_test(_WORDS[name], n, DEGENERATE, dropped, why)
            continue
        statistic, degrees = result
        p = float(stats.chi2.sf(statistic, degrees)) if degrees else 1.0
        found[name] = Significance(statistic, p, degrees, _WORDS[name], n, dropped, why, warnings=warnings)
    return found


def margins_test(table: FloatArray, *, is_bhapkar: bool) -> tuple[float, int] | None:
    """Return χ² and degrees of freedom of equal margins; None where the covariance is singular.

    Parameters
    ----------
    table : float64 array (categories, categories)
        Units of each pair of answers.
    is_bhapkar : bool
        Whether the covariance is the unrestricted one (Bhapkar) or the one under equal margins (Stuart, Maxwell).
    """
    apart = table + table.T
    np.fill_diagonal(apart, 0.0)
    used = np.flatnonzero(apart.sum(axis=1) > 0)
    if len(used) < 2:
        return 0.0, 0
    part = table[np.ix_(used, used)]
    rows, columns = part.sum(axis=1), part.sum(axis=0)
    gap = (rows - columns)[:-1]
    covariance = -(part + part.T)
    np.fill_diagonal(covariance, rows + columns - 2 * np.diag(part))
    covariance = covariance[:-1, :-1]
    if is_bhapkar:
        covariance = covariance - np.outer(gap, gap) / float(table.sum())
    if np.linalg.matrix_rank(covariance) < len(gap):
        return None
    return float(gap @ np.linalg.solve(covariance, gap)), len(gap)


def symmetry_test(table: FloatArray) -> tuple[float, int]:
    """Return Bowker's χ² and its degrees of freedom: the pairs of categories that were ever confused."""
    upper = np.triu_indices(len(table), 1)
    forth, back = table[upper], table.T[upper]
    confused = forth + back > 0
    statistic = ((forth - back)[confused] ** 2 / (forth + back)[confused]).sum()
    return float(statistic), int(confused.sum())


SPEC = ReaderStatistic(
    title="Tests of equal margins",
    function=marginal_homogeneity,
    accepts=PatternTable,
    scales=frozenset({"nominal", "ordinal"}),
    reference="Stuart 1955, doi:10.1093/biomet/42.3-4.412; Bowker 1948, doi:10.1080/01621459.1948.10483284",
    says=(
        "Whether two readers use the answers equally often on the same cases; with rare answers the χ² distribution is "
        "rough, and a small p says that a bias exists, not that it is large."
    ),
    parts=True,
    n_raters=2,
)
