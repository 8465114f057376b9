"""Brennan–Prediger: agreement beyond picking among the declared answers with equal chance (PABAK for two)."""

import math

import numpy as np

from qc.agreement._bootstrap import BCA, Plan, gather
from qc.agreement._gwet import linear_form
from qc.agreement._kernel import estimate, pair_agreement, pairable_facts, ratio
from qc.agreement._weights import IDENTITY, QUADRATIC, Weights, resolved
from qc.agreement.base import NO_VARIATION, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable


def brennan_prediger(
    reading: PatternTable,
    *,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    weights: Weights | None = None,
    interval: str = BCA,
) -> Estimate:
    """Return (p_a − p_e) / (1 − p_e) with p_e = T_w / q², T_w the sum of all weights: 1/q for equal answers only.

    With two categories this is PABAK = 2 p_a − 1 (Byrt, Bishop & Carlin 1993); also known as Bennett's S and
    as Randolph's free-marginal kappa.

    Parameters
    ----------
    reading : PatternTable
        Any number of raters, missing ratings allowed; units with fewer than two ratings are dropped. q is the
        number of declared categories.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).
    weights : str, float array (categories, categories) or None
        Partial agreement; None is identity for a nominal and quadratic for an ordinal scale.
    interval : str
        ``bca``, ``linearised`` or ``linearised_arctanh``.

    Returns
    -------
    Estimate
        Undefined with ``no_overlap`` when no unit has two ratings, with ``undefined_single_category`` when
        the scale declares one category only. One category used throughout gives 1, without bounds.

    References
    ----------
    Brennan RL, Prediger DJ. Coefficient kappa: some uses, misuses, and alternatives. Educ Psychol Meas 41:687-699,
    1981. doi:10.1177/001316448104100307

    Byrt T, Bishop J, Carlin JB. Bias, prevalence and kappa. J Clin Epidemiol 46:423-429, 1993.
    doi:10.1016/0895-4356(93)90018-V

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0], [1, 1], [0, 1], [1, 1]], raters=["ada", "ben"], scale=Scale("nominal", ("no", "yes"))
    ... )
    >>> brennan_prediger(table).value
    0.5
    """
    used = reading.rated(2)
    # A single rating counts in the standard error only, as in Gwet 2014.
    table = reading.rated(1).anonymous()
    default = IDENTITY if reading.scale.kind == "nominal" else QUADRATIC
    matrix = resolved(default if weights is None else weights, reading.scale)
    has_pair = (table.ratings >= 2).astype(np.float64)
    features = np.column_stack([has_pair, pair_agreement(table, matrix), np.ones(len(has_pair))])
    sample = gather(features, table.counts, table.incidence)
    facts = pairable_facts(reading, used, "fewer than two ratings")
    p_e = float(matrix.mean()) if matrix.mean() < 1 else np.nan

    def finish(sums: FloatArray) -> FloatArray:
        return (ratio(sums[:, 1], sums[:, 0]) - p_e) / (1 - p_e)

    linear = linear_form(sample.total, lambda sums: np.full(len(sums), p_e)) if table.n_units else None
    return estimate(sample, finish, facts, Plan(level, seed, replicates, interval), NO_VARIATION, linear)


SPEC = Statistic(
    title="Brennan–Prediger (PABAK where two answers are declared)",
    function=brennan_prediger,
    accepts=PatternTable,
    scales=frozenset({"nominal", "ordinal"}),
    min_raters=2,
    max_raters=None,
    # Many declared levels under quadratic weights make chance agreement high: no fixed lower bound.
    range=(-math.inf, 1.0),
    reference="Brennan & Prediger 1981, doi:10.1177/001316448104100307",
    says=(
        "Agreement beyond guessing with equal chance among the declared answers; it ignores how often each answer is "
        "used, so declaring answers that nobody gives raises it."
    ),
)
