"""Prevalence: how often each answer is given, without which no chance-corrected figure can be read."""

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimates, pairable_facts, ratio
from qc.agreement.base import NO_OVERLAP, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable


def prevalence(
    reading: PatternTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> dict[str, Estimate]:
    """Return the mean over units of the share of ratings in each declared category.

    Parameters
    ----------
    reading : PatternTable
        Any number of raters, missing ratings allowed; units with fewer than two ratings are dropped, so that it is
        the prevalence among the units that are compared.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    dict of str to Estimate
        By code, adding up to 1. Undefined with ``no_overlap`` when no unit has two ratings; no bounds for a category
        that was never or always used (``zero_variance``).

    References
    ----------
    Byrt T, Bishop J, Carlin JB. Bias, prevalence and kappa. J Clin Epidemiol 46:423-429, 1993.
    doi:10.1016/0895-4356(93)90018-V

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0], [1, 1], [0, 1], [1, 1]], raters=["ada", "ben"], scale=Scale("nominal", ("no", "yes"))
    ... )
    >>> prevalence(table)["yes"].value
    0.625
    """
    used = reading.rated(2)
    table = used.anonymous()
    shares = table.vectors / np.maximum(table.ratings, 1)[:, None]
    sample = gather(np.hstack([np.ones((len(shares), 1)), shares]), table.counts, table.incidence)
    facts = pairable_facts(reading, used, "fewer than two ratings")
    codes = reading.scale.codes
    found = estimates(sample, _means, facts, Plan(level, seed, replicates), [NO_OVERLAP] * len(codes))
    return dict(zip(codes, found, strict=True))


def _means(sums: FloatArray) -> FloatArray:
    return ratio(sums[:, 1:], np.broadcast_to(sums[:, 0:1], sums[:, 1:].shape))


SPEC = Statistic(
    title="Prevalence",
    function=prevalence,
    accepts=PatternTable,
    scales=frozenset({"nominal", "ordinal"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Byrt, Bishop & Carlin 1993, doi:10.1016/0895-4356(93)90018-V",
    says=(
        "How often each answer is given by all readers together; where one answer dominates, chance alone makes "
        "readers agree and kappa falls."
    ),
    parts=True,
    describes=True,
)
