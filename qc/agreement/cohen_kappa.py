"""Cohen's kappa: agreement of two raters beyond what their own habits would give by chance."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimate, pairable_facts, ratio
from qc.agreement.base import NO_VARIATION, ZERO_VARIANCE, Estimate, Statistic
from qc.readings.base import FloatArray, ReadingError
from qc.readings.pattern_table import PatternTable

BCA = "bca"
FLEISS_COHEN_EVERITT = "fleiss_cohen_everitt"


def cohen_kappa(
    reading: PatternTable,
    *,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    interval: str = BCA,
) -> Estimate:
    """Return (p_o − p_e) / (1 − p_e) with p_e from the margins of the two raters.

    Parameters
    ----------
    reading : PatternTable
        Two raters; units that only one of them rated are dropped.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).
    interval : str
        ``bca``, or ``fleiss_cohen_everitt`` for the large-sample bounds with the non-null standard error,
        which take units for independent.

    Returns
    -------
    Estimate
        Undefined with ``no_overlap`` when no unit was rated by both, with ``undefined_single_category``
        when both used one and the same category only (p_e = 1). Perfect agreement has no bounds
        (``zero_variance``).

    References
    ----------
    Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 20:37-46, 1960.
    doi:10.1177/001316446002000104

    Fleiss JL, Cohen J, Everitt BS. Large sample standard errors of kappa and weighted kappa.
    Psychol Bull 72:323-327, 1969. doi:10.1037/h0028106

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0], [1, 1], [0, 1], [1, 1]], raters=["ada", "ben"], scale=Scale("nominal", ("no", "yes"))
    ... )
    >>> cohen_kappa(table).value
    0.5
    """
    if interval not in (BCA, FLEISS_COHEN_EVERITT):
        raise ValueError(f"{interval!r} is neither {BCA!r} nor {FLEISS_COHEN_EVERITT!r}.")
    if len(reading.raters) > 2:
        raise ReadingError("two-raters", f"Cohen's kappa compares two raters, not {len(reading.raters)}; select two.")
    used = reading.rated(2)
    first, second = _choices(used)
    features = np.hstack([(first * second).sum(axis=1, keepdims=True), first, second])
    sample = gather(features, used.counts, used.incidence)
    facts = pairable_facts(reading, used, "not rated by both")
    found = estimate(sample, _kappa, facts, Plan(level, seed, replicates), NO_VARIATION)
    if interval == BCA or found.value is None:
        return found
    return _large_sample(found, standard_error(reading), level)


def _choices(table: PatternTable) -> tuple[FloatArray, FloatArray]:
    """Return which category each of the two raters chose (patterns, categories), as 0 and 1."""
    categories = np.arange(len(table.scale.codes))
    if not table.n_units:
        return np.zeros((0, len(categories))), np.zeros((0, len(categories)))
    return (
        (table.patterns[:, 0:1] == categories).astype(np.float64),
        (table.patterns[:, 1:2] == categories).astype(np.float64),
    )


def _kappa(sums: FloatArray) -> FloatArray:
    """Return kappa from [agreeing units, margins of the first, margins of the second]."""
    first, second = np.split(sums[:, 1:], 2, axis=1)
    n = first.sum(axis=1)
    # Whole numbers throughout, so that p_e = 1 is met exactly.
    by_chance = (first * second).sum(axis=1)
    return ratio(n * sums[:, 0] - by_chance, n**2 - by_chance)


def standard_error(reading: PatternTable) -> float:
    """Return the non-null large-sample standard error of Fleiss, Cohen & Everitt 1969.

    Parameters
    ----------
    reading : PatternTable
        Two raters whose kappa is defined.
    """
    used = reading.rated(2)
    first, second = _choices(used)
    p = (first * used.counts[:, None]).T @ second / used.n_units
    p_first, p_second = p.sum(axis=1), p.sum(axis=0)
    p_e = float(p_first @ p_second)
    kappa = (float(np.trace(p)) - p_e) / (1 - p_e)
    mean_weight = p_second[:, None] + p_first[None, :]
    spread = float((p * (np.eye(len(p)) - mean_weight * (1 - kappa)) ** 2).sum())
    variance = (spread - (kappa - p_e * (1 - kappa)) ** 2) / (used.n_units * (1 - p_e) ** 2)
    return float(np.sqrt(max(variance, 0.0)))


def _large_sample(found: Estimate, error: float, level: float) -> Estimate:
    """Return the estimate with bounds value ± z · error in place of the bootstrap's."""
    plain = replace(found, method="Fleiss, Cohen & Everitt 1969, units taken for independent", seed=None)
    if found.value is None or found.value == 1.0 or error == 0.0:
        return replace(plain, low=None, high=None, interval_undefined=ZERO_VARIANCE)
    margin = NormalDist().inv_cdf((1 + level) / 2) * error
    return replace(plain, low=found.value - margin, high=found.value + margin, interval_undefined=None)


SPEC = Statistic(
    title="Cohen's kappa",
    function=cohen_kappa,
    accepts=PatternTable,
    scales=frozenset({"nominal"}),
    min_raters=2,
    max_raters=2,
    range=(-1.0, 1.0),
    reference="Cohen 1960, doi:10.1177/001316446002000104",
    says=(
        "How far two readers agree beyond chance, given how often each uses each answer; it falls when one answer "
        "is rare even if the readers hardly differ, so read it beside percent agreement and prevalence."
    ),
)
