"""Within-unit coefficient of variation: measurement error as a share of what is measured."""

import math
from dataclasses import replace

import numpy as np

from qc.agreement._anova import number_facts
from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimate, ratio
from qc.agreement.base import NO_OVERLAP, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.number_table import NumberTable

RMS = "rms"
LOG = "log"
_ROUNDING = 1e-13


def within_cv(
    reading: NumberTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000, method: str = RMS
) -> Estimate:
    """Return √ mean (s_i² / x̄_i²), or exp(s_w) − 1 of the logarithms; never the mean of single CVs, which is too low.

    Parameters
    ----------
    reading : NumberTable
        Measurements on a ratio scale, columns taken as exchangeable. Units with fewer than two, and units with a
        measurement of 0 or less, are dropped.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).
    method : str
        ``rms`` or ``log``.

    Returns
    -------
    Estimate
        A share (0.05 is 5 %). Undefined with ``no_overlap``; no bounds when all units have one value
        (``zero_variance``).

    References
    ----------
    Bland JM, Altman DG. Measurement error proportional to the mean. BMJ 313:106, 1996. doi:10.1136/bmj.313.7049.106

    Quan H, Shih WJ. Assessing reproducibility by the within-subject coefficient of variation with random effects
    models. Biometrics 52:1195-1203, 1996. doi:10.2307/2532835

    Examples
    --------
    >>> table = NumberTable.from_values([[10, 10], [9, 11]], raters=["first", "second"], unit="mm")
    >>> round(within_cv(table).value, 4)
    0.1
    """
    if method not in (RMS, LOG):
        raise ValueError(f"{method!r} is neither {RMS!r} nor {LOG!r}.")
    positive = np.where(reading.given, reading.values, 1.0).min(axis=1, initial=1.0) > 0
    keep = positive & (reading.ratings >= 2)
    used = NumberTable(
        reading.raters,
        reading.unit,
        reading.values[keep],
        reading.given[keep],
        None if reading.clusters is None else tuple(np.array(reading.clusters, dtype=object)[keep].tolist()),
    )
    facts = replace(number_facts(reading, used, "fewer than two measurements, or one not above 0"), unit="")
    sample = gather(_features(used, method), np.ones(used.n_units, dtype=np.int64), used.incidence)

    def finish(sums: FloatArray) -> FloatArray:
        root = np.sqrt(ratio(sums[:, 1], sums[:, 0]))
        return np.asarray(np.expm1(root)) if method == LOG else root

    return estimate(sample, finish, facts, Plan(level, seed, replicates), NO_OVERLAP)


def _features(used: NumberTable, method: str) -> FloatArray:
    """Return [weight, weighted variance] of each unit: of s²/x̄², each unit once, or of logarithms by freedom."""
    counts = np.maximum(used.ratings, 1).astype(np.float64)
    values = np.where(used.given, used.values, 1.0)
    x = np.log(values) if method == LOG else values
    x = np.where(used.given, x, 0.0)
    mean = x.sum(axis=1) / counts
    within = (np.where(used.given, x - mean[:, None], 0.0) ** 2).sum(axis=1)
    within = np.where(within > _ROUNDING * (x**2).sum(axis=1), within, 0.0)
    if method == LOG:
        return np.column_stack([counts - 1, within])
    relative = within / np.maximum(counts - 1, 1.0) / np.where(mean > 0, mean, 1.0) ** 2
    return np.column_stack([np.ones(len(x)), relative])


SPEC = Statistic(
    title="Within-unit coefficient of variation",
    function=within_cv,
    accepts=NumberTable,
    scales=frozenset({"ratio"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, math.inf),
    reference="Bland & Altman 1996, doi:10.1136/bmj.313.7049.106; Quan & Shih 1996, doi:10.2307/2532835",
    says=(
        "The error of one measurement as a share of what is measured; it fits where large cases have large errors, and "
        "grows without meaning where sizes come near 0."
    ),
    describes=True,
)
