"""Fleiss' kappa of each category against all others."""

import math
from dataclasses import replace

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._fleiss import null_errors
from qc.agreement._kernel import estimates, pairable_facts, ratio
from qc.agreement.base import NO_VARIATION, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable


def category_kappa(
    reading: PatternTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> dict[str, Estimate]:
    """Return 1 − Σ n_ik (n_i − n_ik) / (n_i (n_i − 1)) / (N π_k (1 − π_k)) for each declared category k.

    Generalised to unequal numbers of ratings as Fleiss' kappa is: π_k over all rated units, disagreement over units
    with two or more ratings.

    Parameters
    ----------
    reading : PatternTable
        Any number of raters, taken as exchangeable; missing ratings allowed.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    dict of str to Estimate
        By code. Undefined with ``no_overlap`` when no unit has two ratings, with ``undefined_single_category``
        where a category was never or always used. The null standard error exists where all units have equally many
        ratings, and is the same for all categories (Fleiss, Nee & Landis 1979).

    References
    ----------
    Fleiss JL. Measuring nominal scale agreement among many raters. Psychol Bull 76:378-382, 1971.
    doi:10.1037/h0031619

    Fleiss JL, Nee JCM, Landis JR. Psychol Bull 86:974-977, 1979. doi:10.1037/0033-2909.86.5.974

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0], [1, 1], [2, 2], [0, 1]], raters=["ada", "ben"], scale=Scale("nominal", ("a", "b", "c"))
    ... )
    >>> round(category_kappa(table)["c"].value, 4)
    1.0
    """
    codes = reading.scale.codes
    used = reading.rated(2)
    table = reading.rated(1).anonymous()
    vectors, ratings = table.vectors.astype(np.float64), table.ratings[:, None].astype(np.float64)
    pairs = np.maximum(ratings * (ratings - 1), 1.0)
    apart = 2 * vectors * (ratings - vectors) / pairs
    has_pair = (ratings >= 2).astype(np.float64)
    features = np.hstack([has_pair, np.ones_like(ratings), apart * has_pair, vectors / ratings])
    sample = gather(features, table.counts, table.incidence)
    facts = pairable_facts(reading, used, "fewer than two ratings; a single rating counts in the prevalence only")
    found = estimates(sample, _kappas, facts, Plan(level, seed, replicates), [NO_VARIATION] * len(codes))
    null_error = null_errors(reading)[1]
    return {
        code: one if one.value is None else replace(one, null_error=null_error)
        for code, one in zip(codes, found, strict=True)
    }


def _kappas(sums: FloatArray) -> FloatArray:
    """Return kappas from [units with pairs, units, disagreement by category, shares of each category]."""
    apart, shares = np.split(sums[:, 2:], 2, axis=1)
    prevalence = shares / np.maximum(sums[:, 1:2], 1.0)
    others = (shares.sum(axis=1, keepdims=True) - shares) / np.maximum(sums[:, 1:2], 1.0)
    is_mixed = ((shares > 0).sum(axis=1, keepdims=True) > 1) & (shares > 0)
    observed = ratio(apart, np.broadcast_to(sums[:, 0:1], apart.shape))
    return 1 - ratio(observed, np.where(is_mixed, 2 * prevalence * others, 0.0))


SPEC = Statistic(
    title="Kappa of one answer against all others",
    function=category_kappa,
    accepts=PatternTable,
    scales=frozenset({"nominal"}),
    min_raters=2,
    max_raters=None,
    # Single ratings move the prevalence but give no pairs: no lower bound then.
    range=(-math.inf, 1.0),
    reference="Fleiss 1971, doi:10.1037/h0031619; Fleiss, Nee & Landis 1979, doi:10.1037/0033-2909.86.5.974",
    says=(
        "Which answers readers tell apart and which they confuse: agreement beyond chance on each answer against all "
        "others; a rare answer has a low and uncertain value."
    ),
    parts=True,
)
