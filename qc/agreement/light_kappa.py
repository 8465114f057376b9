"""Light's kappa: the mean of Cohen's kappa over all pairs of raters."""

from dataclasses import replace
from itertools import combinations

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimate, pairable_facts
from qc.agreement._two_raters import kappa_of_sums
from qc.agreement.base import NO_VARIATION, PAIRS_UNDEFINED, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable


def light_kappa(reading: PatternTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the mean over pairs of raters of Cohen's kappa, each on the units that both rated.

    Parameters
    ----------
    reading : PatternTable
        The same raters throughout; missing ratings allowed.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    Estimate
        Pairs whose kappa does not exist (no common unit, or one category throughout) are left out and raise the
        warning ``pairs_undefined``. Undefined with ``no_overlap`` when no unit has two ratings, with
        ``undefined_single_category`` when no pair has a kappa. Perfect agreement has no bounds.

    References
    ----------
    Light RJ. Measures of response agreement for qualitative data: some generalizations and alternatives.
    Psychol Bull 76:365-377, 1971. doi:10.1037/h0031643

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0, 0], [1, 1, 1], [0, 0, 1], [1, 1, 1]], raters=["ada", "ben", "cho"],
    ...     scale=Scale("nominal", ("no", "yes")),
    ... )
    >>> round(light_kappa(table).value, 4)
    0.6667
    """
    used = reading.rated(2)
    pairs = list(combinations(range(len(used.raters)), 2))
    sample = gather(np.hstack([np.zeros((len(used.counts), 0)), *_features(used)]), used.counts, used.incidence)
    kappas = _kappas(sample.total, len(pairs), len(used.scale.codes))[0]
    defined = ~np.isnan(kappas)
    facts = pairable_facts(reading, used, "fewer than two ratings")
    if not defined.all():
        facts = replace(facts, warnings=(*facts.warnings, PAIRS_UNDEFINED))

    def finish(sums: FloatArray) -> FloatArray:
        if not defined.any():
            return np.full(len(sums), np.nan)
        return np.asarray(_kappas(sums, len(pairs), len(used.scale.codes))[:, defined].mean(axis=1))

    return estimate(sample, finish, facts, Plan(level, seed, replicates), NO_VARIATION)


def _features(table: PatternTable) -> list[FloatArray]:
    """Return for each pair of raters [agreeing, choice of the first, choice of the second] of each pattern."""
    chosen = (table.patterns[:, :, None] == np.arange(len(table.scale.codes))).astype(np.float64)
    blocks = []
    for first, second in combinations(range(len(table.raters)), 2):
        both = (table.ratings[:, None] >= 2) & np.asarray(
            (table.patterns[:, [first, second]] >= 0).all(axis=1, keepdims=True)
        )
        one, other = chosen[:, first] * both, chosen[:, second] * both
        blocks.append(np.hstack([(one * other).sum(axis=1, keepdims=True), one, other]))
    return blocks


def _kappas(sums: FloatArray, n_pairs: int, categories: int) -> FloatArray:
    """Return the kappa of each pair (replicates, pairs), NaN where it does not exist."""
    blocks = sums.reshape(len(sums) * n_pairs, 1 + 2 * categories)
    return kappa_of_sums(blocks, np.eye(categories)).reshape(len(sums), n_pairs)


SPEC = Statistic(
    title="Light's kappa",
    function=light_kappa,
    accepts=PatternTable,
    scales=frozenset({"nominal"}),
    min_raters=2,
    max_raters=None,
    range=(-1.0, 1.0),
    reference="Light 1971, doi:10.1037/h0031643",
    says=(
        "The mean of Cohen's kappa over all pairs of a fixed panel; read it with the pairs themselves, because one "
        "reader who differs from all others hides in the mean."
    ),
    fixed_panel=True,
)
