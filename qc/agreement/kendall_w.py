"""Kendall's W: whether known raters put the units in the same order, corrected for ties."""

from itertools import combinations

import numpy as np
from scipy import stats

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimate, pairable_facts, ratio
from qc.agreement.base import NO_VARIATION, TOO_FEW, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable


def kendall_w(reading: PatternTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return W = 12 S / (m² (n³ − n) − m Σ T), S the spread of the rank sums and T = Σ (t³ − t) over ties.

    Parameters
    ----------
    reading : PatternTable
        The same m raters throughout; units that one of them did not rate are dropped. Levels in their declared
        order; equal levels share the mid-rank.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known); ranks are taken anew in each.

    Returns
    -------
    Estimate
        Undefined with ``no_overlap`` when no unit was rated by all, with ``too_few_items`` for one unit, with
        ``undefined_single_category`` when each rater used one level only.

    References
    ----------
    Kendall MG, Babington Smith B. The problem of m rankings. Ann Math Stat 10:275-287, 1939.
    doi:10.1214/aoms/1177732186

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0], [1, 2], [2, 1]], raters=["ada", "ben"], scale=Scale("ordinal", ("low", "mid", "high"))
    ... )
    >>> kendall_w(table).value
    0.75
    """
    used = reading.complete() if len(reading.raters) > 1 else reading.rated(2)
    facts = pairable_facts(reading, used, "not rated by all")
    shape = (len(used.raters), len(used.scale.codes))
    sample = gather(_features(used), used.counts, used.incidence)
    undefined = TOO_FEW if used.n_units < 2 else NO_VARIATION
    return estimate(sample, lambda sums: _w(sums, shape), facts, Plan(level, seed, replicates), undefined)


def concordance_test(reading: PatternTable) -> tuple[float, int, float] | None:
    """Return χ² = m (n − 1) W, its degrees of freedom n − 1 and p, as Friedman's test; None where W is undefined.

    Parameters
    ----------
    reading : PatternTable
        As for ``kendall_w``; units are taken for independent.
    """
    used = reading.complete()
    found = kendall_w(reading, replicates=1)
    if found.value is None:
        return None
    freedom = used.n_units - 1
    statistic = len(used.raters) * freedom * found.value
    return statistic, freedom, float(stats.chi2.sf(statistic, freedom))


def _features(table: PatternTable) -> FloatArray:
    """Return for each pattern the choices of each rater and of each pair of raters, as 0 and 1."""
    chosen = (table.patterns[:, :, None] == np.arange(len(table.scale.codes))).astype(np.float64)
    n, raters, categories = chosen.shape
    pairs = [
        (chosen[:, first, :, None] * chosen[:, second, None, :]).reshape(n, categories**2)
        for first, second in combinations(range(raters), 2)
    ]
    return np.hstack([chosen.reshape(n, raters * categories), *pairs])


def _w(sums: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """Return W from the margins of each rater and the joint counts of each pair."""
    raters, categories = shape
    margins = sums[:, : raters * categories].reshape(len(sums), raters, categories)
    n = margins.sum(axis=(1, 2)) / max(raters, 1)
    # Mid-ranks, centred on their mean (n + 1) / 2, so that no digits are lost.
    ranks = np.cumsum(margins, axis=2) - margins / 2 - n[:, None, None] / 2
    spread = (margins * ranks**2).sum(axis=(1, 2))
    n_pairs = raters * (raters - 1) // 2
    joint = sums[:, raters * categories :].reshape(len(sums), n_pairs, categories, categories)
    for number, (first, second) in enumerate(combinations(range(raters), 2)):
        spread = spread + 2 * np.einsum("bk,bkl,bl->b", ranks[:, first], joint[:, number], ranks[:, second])
    ties = (margins**3 - margins).sum(axis=(1, 2))
    return ratio(12 * spread, raters**2 * (n**3 - n) - raters * ties)


SPEC = Statistic(
    title="Kendall's W (concordance)",
    function=kendall_w,
    accepts=PatternTable,
    scales=frozenset({"ordinal"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Kendall & Babington Smith 1939, doi:10.1214/aoms/1177732186",
    says=(
        "Whether a fixed panel puts the cases in the same order; it is concordance and not agreement: a reader who is "
        "always one level higher does not lower it."
    ),
    fixed_panel=True,
)
