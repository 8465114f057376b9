"""Prevalence index, bias index and greatest possible kappa of two raters and two categories."""

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimates, pairable_facts, ratio
from qc.agreement._two_raters import choices
from qc.agreement.base import NO_OVERLAP, NO_VARIATION, Estimate, Statistic
from qc.readings.base import FloatArray, ReadingError
from qc.readings.pattern_table import PatternTable

PREVALENCE_INDEX = "prevalence_index"
BIAS_INDEX = "bias_index"
KAPPA_MAX = "kappa_max"


def two_by_two(
    reading: PatternTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> dict[str, Estimate]:
    """Return (a − d) / N, (b − c) / N and the greatest kappa that the margins allow.

    a and d count the units to which both raters gave the first and the second declared category; b those to which
    only the first rater gave the first, c those to which only the second rater did.

    Parameters
    ----------
    reading : PatternTable
        Two raters; units that only one of them rated are dropped. The raters stand in the order of their names.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    dict of str to Estimate
        ``prevalence_index`` and ``bias_index`` (from −1 to 1) and ``kappa_max``. Undefined with ``no_overlap`` when
        no unit was rated by both, with ``undefined_single_category`` where the scale has not two categories, or,
        for ``kappa_max``, where both used one and the same category only.

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
    >>> found = two_by_two(table)
    >>> found["prevalence_index"].value, found["bias_index"].value
    (-0.25, 0.25)
    """
    if len(reading.raters) > 2:
        raise ReadingError("two-raters", f"The indices compare two raters, not {len(reading.raters)}; select two.")
    used = reading.rated(2)
    first, second = choices(used)
    sample = gather(np.hstack([first, second]), used.counts, used.incidence)
    facts = pairable_facts(reading, used, "not rated by both")
    reasons = [NO_OVERLAP, NO_OVERLAP, NO_VARIATION] if len(reading.scale.codes) == 2 else [NO_VARIATION] * 3
    found = estimates(sample, _indices, facts, Plan(level, seed, replicates), reasons)
    return dict(zip((PREVALENCE_INDEX, BIAS_INDEX, KAPPA_MAX), found, strict=True))


def _indices(sums: FloatArray) -> FloatArray:
    """Return the three indices from the margins of both raters (replicates, 4)."""
    if sums.shape[1] != 4:
        return np.full((len(sums), 3), np.nan)
    first, second = sums[:, :2], sums[:, 2:]
    n = first.sum(axis=1)
    # a − d = row 1 − column 2, because a + b = row 1 and b + d = column 2.
    prevalence = ratio(first[:, 0] - second[:, 1], n)
    bias = ratio(first[:, 0] - second[:, 0], n)
    by_chance = (first * second).sum(axis=1)
    greatest = n * np.minimum(first, second).sum(axis=1)
    return np.column_stack([prevalence, bias, ratio(greatest - by_chance, n**2 - by_chance)])


SPEC = Statistic(
    title="Prevalence index, bias index and greatest possible kappa",
    function=two_by_two,
    accepts=PatternTable,
    scales=frozenset({"nominal"}),
    min_raters=2,
    max_raters=2,
    range=(-1.0, 1.0),
    reference="Byrt, Bishop & Carlin 1993, doi:10.1016/0895-4356(93)90018-V",
    says=(
        "Why kappa and percent agreement part: a prevalence index far from 0 lowers kappa, a bias index far from 0 "
        "means that one reader says yes more often; kappa cannot exceed its greatest possible value."
    ),
    parts=True,
    fixed_panel=True,
    directed=True,
    describes=True,
)
