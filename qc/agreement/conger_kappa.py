"""Conger's kappa: Cohen's kappa for any number of known raters."""

import math

import numpy as np

from qc.agreement._bootstrap import BCA, Plan, gather
from qc.agreement._gwet import linear_form
from qc.agreement._kernel import estimate, pair_agreement, pairable_facts, ratio
from qc.agreement._weights import IDENTITY, Weights, resolved
from qc.agreement.base import NO_VARIATION, Estimate, Statistic
from qc.readings.base import FloatArray, IntArray
from qc.readings.count_table import CountTable
from qc.readings.pattern_table import PatternTable

_ROUNDING = 1e-12


def conger_kappa(
    reading: PatternTable,
    *,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    weights: Weights = IDENTITY,
    interval: str = BCA,
) -> Estimate:
    """Return (p_a − p_e) / (1 − p_e) with p_e the mean over pairs of raters of Σ w_kl p_gk p_hl.

    p_gk is the share of category k among all ratings of rater g; p_a the mean share of agreeing pairs of ratings
    over units with two or more (Gwet 2014 for missing ratings).

    Parameters
    ----------
    reading : PatternTable
        The same raters throughout; missing ratings allowed. Units with one rating count in p_gk.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).
    weights : str or float array (categories, categories)
        Partial agreement.
    interval : str
        ``bca``, ``linearised`` or ``linearised_arctanh``.

    Returns
    -------
    Estimate
        Undefined with ``no_overlap`` when no unit has two ratings, with ``undefined_single_category`` when
        all used one category only. Perfect agreement has no bounds (``zero_variance``).

    References
    ----------
    Conger AJ. Integration and generalization of kappas for multiple raters. Psychol Bull 88:322-328, 1980.
    doi:10.1037/0033-2909.88.2.322

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0, 0], [1, 1, 1], [0, 0, 1], [1, 1, 1]], raters=["ada", "ben", "cho"],
    ...     scale=Scale("nominal", ("no", "yes")),
    ... )
    >>> round(conger_kappa(table).value, 4)
    0.6667
    """
    used = reading.rated(2)
    rated = reading.rated(1)
    matrix = resolved(weights, reading.scale)
    categories = len(reading.scale.codes)
    shares = pair_agreement(_count_vectors(rated), matrix)
    has_pair = (rated.ratings >= 2).astype(np.float64)
    features = np.column_stack([has_pair, shares, np.ones(len(shares)), _one_hot(rated)])
    sample = gather(features, rated.counts, rated.incidence)
    facts = pairable_facts(reading, used, "fewer than two ratings; a single rating counts in the prevalence only")

    def chance(sums: FloatArray) -> FloatArray:
        return _by_chance(sums[:, 3:].reshape(len(sums), len(rated.raters), categories), matrix)

    def finish(sums: FloatArray) -> FloatArray:
        p_e = chance(sums)
        return ratio(ratio(sums[:, 1], sums[:, 0]) - p_e, 1 - p_e)

    linear = linear_form(sample.total, chance) if rated.n_units else None
    return estimate(sample, finish, facts, Plan(level, seed, replicates, interval), NO_VARIATION, linear)


def _one_hot(table: PatternTable) -> FloatArray:
    """Return which category each rater chose (patterns, raters · categories), zeros where missing."""
    categories = np.arange(len(table.scale.codes))
    chosen = (table.patterns[:, :, None] == categories).astype(np.float64)
    return np.asarray(chosen.reshape(len(table.patterns), chosen.shape[1] * chosen.shape[2]))


def _count_vectors(table: PatternTable) -> CountTable:
    """Return the votes of each pattern in the order of the patterns, equal ones not joined."""
    votes: IntArray = (table.patterns[:, :, None] == np.arange(len(table.scale.codes))).sum(axis=1).astype(np.int64)
    return CountTable(table.scale, votes, table.counts, None)


def _by_chance(margins: FloatArray, weights: FloatArray) -> FloatArray:
    """Return p_e (replicates,) from margins (replicates, raters, categories); NaN below two raters and at 1."""
    ratings = margins.sum(axis=2, keepdims=True)
    shares = np.divide(margins, ratings, out=np.zeros_like(margins), where=ratings > 0)
    n_raters = (ratings[:, :, 0] > 0).sum(axis=1)
    pooled = shares.sum(axis=1)
    together = ((pooled @ weights) * pooled).sum(axis=1)
    own = ((shares @ weights) * shares).sum(axis=(1, 2))
    p_e = ratio(together - own, (n_raters * (n_raters - 1)).astype(np.float64))
    return np.where(p_e < 1 - _ROUNDING, p_e, np.nan)


SPEC = Statistic(
    title="Conger's kappa",
    function=conger_kappa,
    accepts=PatternTable,
    scales=frozenset({"nominal"}),
    min_raters=2,
    max_raters=None,
    # Ratings of units that nobody else rated move the margins but give no pairs: no lower bound then.
    range=(-math.inf, 1.0),
    reference="Conger 1980, doi:10.1037/0033-2909.88.2.322",
    says=(
        "How far a fixed panel agrees beyond chance, given how often each of its readers uses each answer; it falls "
        "when one answer is rare even if the readers hardly differ, so read it beside percent agreement and prevalence."
    ),
    fixed_panel=True,
)
