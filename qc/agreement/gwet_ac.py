"""Gwet's AC1 and AC2: chance-corrected agreement that stays defined when one category dominates."""

import math

import numpy as np

from qc.agreement._bootstrap import BCA, Plan, gather
from qc.agreement._gwet import linear_form
from qc.agreement._kernel import estimate, pair_agreement, pairable_facts, ratio
from qc.agreement._weights import Weights, resolved
from qc.agreement.base import NO_VARIATION, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable


def gwet_ac(
    reading: PatternTable,
    *,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    weights: Weights | None = None,
    interval: str = BCA,
) -> Estimate:
    """Return (p_a − p_e) / (1 − p_e) with p_e = T_w / (q (q − 1)) · Σ π_k (1 − π_k).

    q is the number of declared categories and T_w the sum of all weights; with identity weights this is AC1.

    Parameters
    ----------
    reading : PatternTable
        Any number of raters, missing ratings allowed. Units with one rating count in π.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).
    weights : str, float array (categories, categories) or None
        ``identity`` (AC1); ``linear``, ``quadratic``, ``ordinal``, ``radical``, ``ratio`` or a matrix (AC2);
        None is identity for a nominal and quadratic for an ordinal scale.
    interval : str
        ``bca``, ``linearised`` or ``linearised_arctanh`` (Gwet's standard error with t).

    Returns
    -------
    Estimate
        Undefined with ``no_overlap`` when no unit has two ratings, with ``undefined_single_category`` when
        the scale declares one category only. One category used throughout gives 1, without bounds.

    References
    ----------
    Gwet KL. Computing inter-rater reliability and its variance in the presence of high agreement.
    Br J Math Stat Psychol 61:29-48, 2008. doi:10.1348/000711006X126600

    Vach W, Gerke O. Gwet's AC1 is not a substitute for Cohen's kappa. MethodsX 10:102212, 2023.
    doi:10.1016/j.mex.2023.102212

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0], [1, 1], [1, 1], [0, 1]], raters=["ada", "ben"], scale=Scale("nominal", ("no", "yes"))
    ... )
    >>> round(gwet_ac(table).value, 4)
    0.5294
    """
    used = reading.rated(2)
    table = reading.rated(1).anonymous()
    matrix = resolved(_default_weights(reading.scale.kind) if weights is None else weights, reading.scale)
    has_pair = (table.ratings >= 2).astype(np.float64)
    share = table.vectors / table.ratings[:, None]
    features = np.column_stack([has_pair, pair_agreement(table, matrix), np.ones(len(share)), share])
    sample = gather(features, table.counts, table.incidence)
    facts = pairable_facts(reading, used, "fewer than two ratings; a single rating counts in the prevalence only")

    def chance(sums: FloatArray) -> FloatArray:
        return _by_chance(sums, float(matrix.sum()))

    def finish(sums: FloatArray) -> FloatArray:
        p_e = chance(sums)
        return ratio(ratio(sums[:, 1], sums[:, 0]) - p_e, 1 - p_e)

    linear = linear_form(sample.total, chance) if table.n_units else None
    return estimate(sample, finish, facts, Plan(level, seed, replicates, interval), NO_VARIATION, linear)


def _default_weights(kind: str) -> str:
    return "identity" if kind == "nominal" else "quadratic"


def _by_chance(sums: FloatArray, total_weight: float) -> FloatArray:
    """Return p_e from [units with pairs, agreement, units, shares of each category]; NaN for one category."""
    categories = sums.shape[1] - 3
    if categories < 2:
        return np.full(len(sums), np.nan)
    prevalence = sums[:, 3:] / np.maximum(sums[:, 2:3], 1.0)
    spread = (prevalence * (1 - prevalence)).sum(axis=1)
    return np.asarray(total_weight / (categories * (categories - 1)) * spread)


SPEC = Statistic(
    title="Gwet's AC1 (nominal) or AC2 (ordinal, quadratic weights)",
    function=gwet_ac,
    accepts=PatternTable,
    scales=frozenset({"nominal", "ordinal"}),
    min_raters=2,
    max_raters=None,
    # Distant categories under quadratic weights go below -1.
    range=(-math.inf, 1.0),
    reference="Gwet 2008, doi:10.1348/000711006X126600",
    says=(
        "Agreement beyond chance that does not collapse when one answer dominates; its notion of chance makes it rise "
        "as an answer becomes rare, so it stands beside kappa and never in its place."
    ),
)
