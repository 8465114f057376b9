"""Whether kappa is the same in several independent strata, and the kappa they share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from scipy import stats

from qc.agreement._bootstrap import BCA, Plan
from qc.agreement._two_raters import standard_errors, two_rater_kappa
from qc.agreement.base import TOO_FEW, Estimate
from qc.readers._contingency import cluster_warning
from qc.readers.base import ReaderStatistic, Significance, no_test
from qc.readings.pattern_table import PatternTable
from qc.readings.strata import Strata

_POOLED = "inverse-variance mean of the strata, normal, units taken for independent"
_METHOD = "χ² of inverse-variance weighted kappas"


@dataclass(frozen=True, slots=True)
class Pool:
    """What independent kappas have in common.

    Parameters
    ----------
    value, error : float
        Their inverse-variance mean and its standard error.
    statistic : float
        χ² of their differences from it.
    degrees : int
        Strata − 1.
    p : float
        Probability of a larger χ².
    """

    value: float
    error: float
    statistic: float
    degrees: int
    p: float


def kappa_homogeneity(reading: Strata, *, level: float = 0.95) -> dict[str, Estimate | Significance]:
    """Return the pooled Cohen kappa of independent strata and the χ² test that they are equal.

    Parameters
    ----------
    reading : Strata
        Two readers in each stratum; strata share no patients.
    level : float
        Confidence level.

    Returns
    -------
    dict of str to Estimate or Significance
        ``pooled`` and ``homogeneity``. Strata whose kappa or standard error is undefined or 0 have no weight; their
        units are dropped and counted. Undefined with ``too_few_items`` for fewer than two other strata.
        ``details.kappa`` holds the kappas.

    References
    ----------
    Fleiss JL. Statistical Methods for Rates and Proportions, 2nd edition, 1981, section 13.1. ISBN 978-0-471-06428-2

    Examples
    --------
    >>> pool([0.20794, 0.29652], [0.05046, 0.07850])  # doctest: +ELLIPSIS
    Pool(value=0.2338..., error=0.0424..., statistic=0.90..., degrees=1, p=0.34...)
    """
    found = {name: _kappa_and_error(table) for name, table in reading.tables.items()}
    used = {name: pair for name, pair in found.items() if pair is not None}
    n_units = sum(reading.tables[name].rated(2).n_units for name in used)
    dropped = reading.n_units - n_units
    why = "read by one reader only, or in a stratum whose kappa has no standard error" if dropped else ""
    if len(used) < 2:
        none = Estimate(None, None, None, level, _POOLED, n_units, 0, undefined=TOO_FEW)
        test = no_test(_METHOD, n_units, TOO_FEW, dropped, why)
        return {"pooled": replace(none, n_dropped=dropped, dropped_why=why), "homogeneity": test}
    shared = pool([pair[0] for pair in used.values()], [pair[1] for pair in used.values()])
    margin = NormalDist().inv_cdf((1 + level) / 2) * shared.error
    warnings = tuple(sorted({word for table in reading.tables.values() for word in cluster_warning(table.rated(2))}))
    pooled = Estimate(
        value=shared.value,
        low=shared.value - margin,
        high=shared.value + margin,
        level=level,
        method=_POOLED,
        n_units=n_units,
        n_raters=len({rater for name in used for rater in reading.tables[name].active_raters}),
        n_dropped=dropped,
        dropped_why=why,
        warnings=warnings,
        standard_error=shared.error,
    )
    details = {"kappa": {name: None if pair is None else pair[0] for name, pair in found.items()}}
    test = Significance(shared.statistic, shared.p, shared.degrees, _METHOD, n_units, dropped, why, None, warnings)
    return {"pooled": pooled, "homogeneity": replace(test, details=details)}


def pool(kappas: Sequence[float], errors: Sequence[float]) -> Pool:
    """Return the inverse-variance mean of independent kappas and the χ² of their differences.

    Parameters
    ----------
    kappas, errors : sequence of float (strata,)
        Kappas and their non-null standard errors, above 0; two strata or more.
    """
    values, weights = np.asarray(kappas, dtype=np.float64), np.asarray(errors, dtype=np.float64) ** -2.0
    mean = float(weights @ values / weights.sum())
    statistic = float(weights @ (values - mean) ** 2)
    degrees = len(values) - 1
    p = float(stats.chi2.sf(statistic, degrees))
    return Pool(mean, float(weights.sum() ** -0.5), statistic, degrees, p)


def _kappa_and_error(table: PatternTable) -> tuple[float, float] | None:
    """Return kappa and its standard error; None where either is undefined or the error is 0."""
    identity = np.eye(len(table.scale.codes))
    value = two_rater_kappa(table, identity, Plan(0.95, 0, 1), BCA).value
    if value is None:
        return None
    error = standard_errors(table, identity)[0]
    return (value, error) if error > 0 else None


SPEC = ReaderStatistic(
    title="Kappa across strata",
    function=kappa_homogeneity,
    accepts=Strata,
    scales=frozenset({"nominal", "ordinal"}),
    reference="Fleiss 1981, ISBN 978-0-471-06428-2",
    says=(
        "Whether kappa differs between sites or scanners, and the kappa they share; different prevalence alone makes "
        "kappas differ, so compare raw and specific agreement beside it."
    ),
    parts=True,
)
