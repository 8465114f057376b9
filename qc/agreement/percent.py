"""Percent agreement: the share of pairs of ratings of one unit that agree."""

from dataclasses import replace

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimate, pair_agreement, pairable_facts, ratio
from qc.agreement.base import NO_OVERLAP, ZERO_VARIANCE, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable


def percent_agreement(reading: PatternTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the mean over units of the share of agreeing pairs of ratings.

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
        Undefined with ``no_overlap`` when no unit has two ratings. When all pairs agree no resample can
        differ: the bounds are then the exact binomial ones over units (Clopper & Pearson 1934).

    References
    ----------
    Fleiss JL. Measuring nominal scale agreement among many raters. Psychol Bull 76:378-382, 1971.
    doi:10.1037/h0031619

    Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated in the case of the binomial.
    Biometrika 26:404-413, 1934. doi:10.1093/biomet/26.4.404

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0], [1, 1], [0, 1], [1, 1]], raters=["ada", "ben"], scale=Scale("nominal", ("no", "yes"))
    ... )
    >>> percent_agreement(table).value
    0.75
    """
    used = reading.rated(2)
    table = used.anonymous()
    features = np.column_stack([np.ones(len(table.counts)), pair_agreement(table)])
    sample = gather(features, table.counts, table.incidence)
    facts = pairable_facts(reading, used, "fewer than two ratings")
    found = estimate(sample, _mean, facts, Plan(level, seed, replicates), NO_OVERLAP)
    if found.value != 1.0 or found.interval_undefined != ZERO_VARIANCE:
        return found
    low = ((1 - level) / 2) ** (1 / found.n_units)
    return replace(
        found, low=low, high=1.0, interval_undefined=None, method="exact binomial (Clopper–Pearson) over units"
    )


def _mean(sums: FloatArray) -> FloatArray:
    return ratio(sums[:, 1], sums[:, 0])


SPEC = Statistic(
    title="Percent agreement",
    function=percent_agreement,
    accepts=PatternTable,
    scales=frozenset({"nominal", "ordinal"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Fleiss 1971, doi:10.1037/h0031619",
    says=(
        "The share of pairs of readings of the same case that give the same answer; it does not subtract what "
        "readers would agree on by chance, so a rare finding makes it high."
    ),
)
