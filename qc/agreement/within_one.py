"""Within-one agreement: the share of pairs of ratings that differ by at most one level."""

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimate, pair_agreement, pairable_facts, ratio
from qc.agreement.base import NO_OVERLAP, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable


def within_one(reading: PatternTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the mean over units of the share of pairs of ratings at most one declared level apart.

    Parameters
    ----------
    reading : PatternTable
        Any number of raters, missing ratings allowed; units with fewer than two ratings are dropped.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    Estimate
        Undefined with ``no_overlap`` when no unit has two ratings; no bounds when all pairs are within one level
        (``zero_variance``).

    References
    ----------
    Cohen J. Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial credit.
    Psychol Bull 70:213-220, 1968. doi:10.1037/h0026256

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0], [1, 2], [2, 2], [2, 0]], raters=["ada", "ben"], scale=Scale("ordinal", ("low", "mid", "high"))
    ... )
    >>> within_one(table).value
    0.75
    """
    used = reading.rated(2)
    table = used.anonymous()
    levels = np.arange(len(reading.scale.codes))
    near = (np.abs(levels[:, None] - levels[None, :]) <= 1).astype(np.float64)
    features = np.column_stack([np.ones(len(table.counts)), pair_agreement(table, near)])
    sample = gather(features, table.counts, table.incidence)
    facts = pairable_facts(reading, used, "fewer than two ratings")
    return estimate(sample, _mean, facts, Plan(level, seed, replicates), NO_OVERLAP)


def _mean(sums: FloatArray) -> FloatArray:
    return ratio(sums[:, 1], sums[:, 0])


SPEC = Statistic(
    title="Agreement within one level",
    function=within_one,
    accepts=PatternTable,
    scales=frozenset({"ordinal"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Cohen 1968, doi:10.1037/h0026256",
    says=(
        "The share of pairs of readings at most one level apart; on a short scale nearly everything is within one "
        "level, so read it beside the share of equal answers."
    ),
)
