"""Chance-corrected agreement of two known raters under any weights: what Cohen's kappas share.

References
----------
Fleiss JL, Cohen J, Everitt BS. Large sample standard errors of kappa and weighted kappa. Psychol Bull 72:323-327,
1969. doi:10.1037/h0028106
"""

from dataclasses import replace
from statistics import NormalDist

import numpy as np

from qc.agreement._bootstrap import BCA, Plan, gather
from qc.agreement._kernel import estimate, pairable_facts, ratio
from qc.agreement.base import NO_VARIATION, SMALL_SAMPLE, ZERO_VARIANCE, Estimate
from qc.readings.base import FloatArray, ReadingError
from qc.readings.pattern_table import PatternTable

FLEISS_COHEN_EVERITT = "fleiss_cohen_everitt"
# The normal approximation needs more units than the bootstrap does (benchmarks/coverage.py).
FEWEST_UNITS = 200

# 1 − p_e below this share is the rounding of weights that are no whole numbers.
_ROUNDING = 1e-12


def two_rater_kappa(reading: PatternTable, weights: FloatArray, plan: Plan, interval: str) -> Estimate:
    """Return (p_o − p_e) / (1 − p_e) with p_e from the margins of the two raters, and both standard errors.

    Parameters
    ----------
    reading : PatternTable
        Two raters; units that only one of them rated are dropped.
    weights : float64 array (categories, categories)
        Partial agreement, 1 on the diagonal.
    plan : Plan
        Level, seed and replicates.
    interval : str
        ``bca`` or ``fleiss_cohen_everitt``.
    """
    if interval not in (BCA, FLEISS_COHEN_EVERITT):
        raise ValueError(f"{interval!r} is neither {BCA!r} nor {FLEISS_COHEN_EVERITT!r}.")
    if len(reading.raters) > 2:
        raise ReadingError("two-raters", f"Kappa compares two raters, not {len(reading.raters)}; select two.")
    used = reading.rated(2)
    first, second = choices(used)
    agreement = ((first @ weights) * second).sum(axis=1, keepdims=True)
    sample = gather(np.hstack([agreement, first, second]), used.counts, used.incidence)
    facts = pairable_facts(reading, used, "not rated by both")
    found = estimate(sample, lambda sums: kappa_of_sums(sums, weights), facts, plan, NO_VARIATION)
    if found.value is None:
        return found
    error, null_error = standard_errors(reading, weights)
    found = replace(found, null_error=null_error)
    return found if interval == BCA else _large_sample(found, error)


def choices(table: PatternTable) -> tuple[FloatArray, FloatArray]:
    """Return which category each of the two raters chose (patterns, categories), as 0 and 1."""
    categories = np.arange(len(table.scale.codes))
    if not table.n_units:
        return np.zeros((0, len(categories))), np.zeros((0, len(categories)))
    return (
        (table.patterns[:, 0:1] == categories).astype(np.float64),
        (table.patterns[:, 1:2] == categories).astype(np.float64),
    )


def joint_table(reading: PatternTable) -> FloatArray:
    """Return the units of each pair of answers (categories of the first, categories of the second)."""
    used = reading.rated(2)
    first, second = choices(used)
    return np.asarray((first * used.counts[:, None]).T @ second)


def kappa_of_sums(sums: FloatArray, weights: FloatArray) -> FloatArray:
    """Return kappa from [agreement of the units, margins of the first, margins of the second]."""
    first, second = np.split(sums[:, 1:], 2, axis=1)
    n = first.sum(axis=1)
    # Whole numbers under identity weights, so that p_e = 1 is met exactly.
    by_chance = ((first @ weights) * second).sum(axis=1)
    room = n**2 - by_chance
    return ratio(n * sums[:, 0] - by_chance, np.where(room > _ROUNDING * n**2, room, 0.0))


def standard_errors(reading: PatternTable, weights: FloatArray) -> tuple[float, float]:
    """Return the standard errors of Fleiss, Cohen & Everitt 1969: non-null, and if raters agreed by chance.

    Parameters
    ----------
    reading : PatternTable
        Two raters whose kappa is defined; units are taken for independent.
    weights : float64 array (categories, categories)
        Partial agreement, 1 on the diagonal.
    """
    table = joint_table(reading)
    n = float(table.sum())
    p = table / n
    p_first, p_second = p.sum(axis=1), p.sum(axis=0)
    p_e = float(p_first @ weights @ p_second)
    kappa = (float((weights * p).sum()) - p_e) / (1 - p_e)
    mean_weight = (weights @ p_second)[:, None] + (weights @ p_first)[None, :]
    spread = float((p * (weights - mean_weight * (1 - kappa)) ** 2).sum())
    non_null = spread - (kappa - p_e * (1 - kappa)) ** 2
    null = float((np.outer(p_first, p_second) * (weights - mean_weight) ** 2).sum()) - p_e**2
    scale = n * (1 - p_e) ** 2
    return float(np.sqrt(max(non_null, 0.0) / scale)), float(np.sqrt(max(null, 0.0) / scale))


def _large_sample(found: Estimate, error: float) -> Estimate:
    """Return the estimate with bounds value ± z · error in place of the bootstrap's."""
    method = "Fleiss, Cohen & Everitt 1969, units taken for independent"
    plain = replace(found, method=method, seed=None, standard_error=error)
    if found.value is None or found.value == 1.0 or error == 0.0:
        return replace(plain, low=None, high=None, interval_undefined=ZERO_VARIANCE)
    if found.n_units < FEWEST_UNITS and SMALL_SAMPLE not in plain.warnings:
        plain = replace(plain, warnings=(*plain.warnings, SMALL_SAMPLE))
    margin = NormalDist().inv_cdf((1 + found.level) / 2) * error
    return replace(plain, low=found.value - margin, high=found.value + margin, interval_undefined=None)
