"""Fleiss' kappa: chance-corrected agreement of exchangeable raters, any number per unit."""

import math
from dataclasses import replace

import numpy as np

from qc.agreement._bootstrap import BCA, Plan, gather
from qc.agreement._fleiss import null_errors
from qc.agreement._gwet import linear_form
from qc.agreement._kernel import estimate, pair_agreement, pairable_facts, ratio
from qc.agreement.base import NO_VARIATION, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable


def fleiss_kappa(
    reading: PatternTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000, interval: str = BCA
) -> Estimate:
    """Return (p_a − p_e) / (1 − p_e) with p_e = Σ π_k².

    Generalised to unequal numbers of ratings (Gwet 2014): π_k is the mean share of category k over all
    rated units, p_a the mean share of agreeing pairs over units with two or more ratings.

    Parameters
    ----------
    reading : PatternTable
        Any number of raters, taken as exchangeable; missing ratings allowed. Units with one rating count in π.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).
    interval : str
        ``bca``, ``linearised`` or ``linearised_arctanh`` (Gwet's standard error with t).

    Returns
    -------
    Estimate
        Undefined with ``no_overlap`` when no unit has two ratings, with ``undefined_single_category`` when
        one category was used throughout. Perfect agreement has no bounds (``zero_variance``). The standard
        error if readers agreed by chance (Fleiss, Nee & Landis 1979) exists where all units have equally many
        ratings.

    References
    ----------
    Fleiss JL. Measuring nominal scale agreement among many raters. Psychol Bull 76:378-382, 1971.
    doi:10.1037/h0031619

    Fleiss JL, Nee JCM, Landis JR. Large sample variance of kappa in the case of different sets of raters.
    Psychol Bull 86:974-977, 1979. doi:10.1037/0033-2909.86.5.974

    Gwet KL. Computing inter-rater reliability and its variance in the presence of high agreement.
    Br J Math Stat Psychol 61:29-48, 2008. doi:10.1348/000711006X126600

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0, 0], [1, 1, 1], [0, 0, 1], [1, 1, 1]], raters=["ada", "ben", "cho"],
    ...     scale=Scale("nominal", ("no", "yes")),
    ... )
    >>> round(fleiss_kappa(table).value, 4)
    0.6571
    """
    used = reading.rated(2)
    table = reading.rated(1).anonymous()
    share = table.vectors / table.ratings[:, None]
    has_pair = (table.ratings >= 2).astype(np.float64)
    features = np.column_stack([has_pair, pair_agreement(table), np.ones(len(share)), share])
    sample = gather(features, table.counts, table.incidence)
    facts = pairable_facts(reading, used, "fewer than two ratings; a single rating counts in the prevalence only")
    linear = linear_form(sample.total, _by_chance) if table.n_units else None
    found = estimate(sample, _kappa, facts, Plan(level, seed, replicates, interval), NO_VARIATION, linear)
    return found if found.value is None else replace(found, null_error=null_errors(reading)[0])


def _kappa(sums: FloatArray) -> FloatArray:
    """Return kappa from [units with pairs, agreement, units, shares of each category]."""
    p_e = _by_chance(sums)
    return ratio(ratio(sums[:, 1], sums[:, 0]) - p_e, 1 - p_e)


def _by_chance(sums: FloatArray) -> FloatArray:
    """Return p_e, NaN where one category was used throughout."""
    prevalence = sums[:, 3:] / np.maximum(sums[:, 2:3], 1.0)
    varies = (sums[:, 3:] > 0).sum(axis=1) > 1
    return np.where(varies, (prevalence**2).sum(axis=1), np.nan)


SPEC = Statistic(
    title="Fleiss' kappa",
    function=fleiss_kappa,
    accepts=PatternTable,
    scales=frozenset({"nominal"}),
    min_raters=2,
    max_raters=None,
    # Single ratings move the prevalence but give no pairs: no lower bound then.
    range=(-math.inf, 1.0),
    reference="Fleiss 1971, doi:10.1037/h0031619; Gwet 2008, doi:10.1348/000711006X126600",
    says=(
        "How far readers who may differ from case to case agree beyond chance; it falls when one answer is rare even "
        "if the readers hardly differ, so read it beside percent agreement and prevalence."
    ),
)
