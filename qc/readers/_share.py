"""Shares with their bounds: binomial where units are independent, by effective sample size where patients repeat.

References
----------
Newcombe RG. Two-sided confidence intervals for the single proportion. Stat Med 17:857-872, 1998.
doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E

Rao JNK, Scott AJ. A simple method for the analysis of clustered binary data. Biometrics 48:577-585, 1992.
doi:10.2307/2532311

Korn EL, Graubard BI. Confidence intervals for proportions with small expected number of positive counts estimated
from survey data. Surv Methodol 24:193-201, 1998.
"""

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from scipy import stats

from qc.agreement.base import CLUSTERING_UNKNOWN, TOO_FEW, Estimate
from qc.readings.base import BoolArray, FloatArray
from qc.readings.incidence import Incidence
from qc.readings.scored import ScoredTable

WILSON = "wilson"
CLOPPER_PEARSON = "clopper_pearson"
JEFFREYS = "jeffreys"
AGRESTI_COULL = "agresti_coull"
_WORDS = {
    WILSON: "Wilson score",
    CLOPPER_PEARSON: "exact binomial (Clopper–Pearson)",
    JEFFREYS: "Jeffreys",
    AGRESTI_COULL: "Agresti–Coull",
}
INTERVALS = tuple(_WORDS)


@dataclass(frozen=True, slots=True)
class ShareOf:
    """What a share is made of.

    Parameters
    ----------
    is_counted, is_success : bool array (pairs,)
        Which pairs of the table the share is of, and which of these are successes.
    dropped_why : str
        What units lack that are not counted, in words.
    """

    is_counted: BoolArray
    is_success: BoolArray
    dropped_why: str


@dataclass(frozen=True, slots=True)
class ClusterCounts:
    """Successes and units of each cluster, each float64 array (clusters,)."""

    successes: FloatArray
    units: FloatArray

    @property
    def error(self) -> float | None:
        """Standard error of the share as a ratio of sums over clusters; None for fewer than two clusters.

        √(m/(m − 1) · Σ(x − n p̂)²) / Σn (Rao & Scott 1992).
        """
        m, total = len(self.units), float(self.units.sum())
        if m < 2:
            return None
        residual = self.successes - self.units * (float(self.successes.sum()) / total)
        return math.sqrt(m / (m - 1) * float(residual @ residual)) / total

    @property
    def effective(self) -> float:
        """Number of independent units that carry as much information, at most as many as there are.

        Where every unit agrees the clusters cannot tell how alike their units are: then the number of clusters.
        """
        total = float(self.units.sum())
        share, error = float(self.successes.sum()) / total, self.error
        if error is None or error == 0 or share in (0.0, 1.0):
            return float(len(self.units))
        return min(total, share * (1 - share) / error**2)


def binomial_bounds(successes: float, trials: float, level: float, interval: str = WILSON) -> tuple[float, float]:
    """Return the bounds of a share.

    Parameters
    ----------
    successes, trials : float
        Of ``trials`` > 0; whole numbers, or both scaled to an effective sample size.
    level : float
        Confidence level.
    interval : str
        One of INTERVALS.
    """
    if interval not in _WORDS:
        raise ValueError(f"{interval!r} is not one of {', '.join(INTERVALS)}.")
    if interval == CLOPPER_PEARSON:
        return _beta_bounds(successes, trials, level, (0.0, 1.0))
    if interval == JEFFREYS:
        return _beta_bounds(successes, trials, level, (0.5, 0.5))
    z2 = NormalDist().inv_cdf((1 + level) / 2) ** 2
    share, size = successes / trials, trials + z2
    centre = (successes + z2 / 2) / size
    inner = share * (1 - share) * trials + z2 / 4 if interval == WILSON else centre * (1 - centre) * size
    margin = math.sqrt(z2 * inner) / size
    low = 0.0 if successes == 0 else max(0.0, centre - margin)
    return low, 1.0 if successes == trials else min(1.0, centre + margin)


def _beta_bounds(successes: float, trials: float, level: float, prior: tuple[float, float]) -> tuple[float, float]:
    """Return quantiles of the two beta distributions whose parameters the priors shift."""
    tail, misses = (1 - level) / 2, trials - successes
    less, more = prior
    exact = less == 0
    low = 0.0 if successes == 0 and exact else float(stats.beta.ppf(tail, successes + less, misses + more))
    high = 1.0 if misses == 0 and exact else float(stats.beta.isf(tail, successes + more, misses + less))
    return low, high


def cluster_counts(table: ScoredTable, of: ShareOf) -> ClusterCounts:
    """Return successes and units of each cluster that has a counted unit; single units where none is known."""
    incidence: Incidence | None = table.incidence
    if incidence is None:
        units = np.repeat(of.is_success[of.is_counted], table.counts[of.is_counted])
        return ClusterCounts(units.astype(np.float64), np.ones(len(units)))
    size = len(incidence.names)
    weight = incidence.count.astype(np.float64)
    both = of.is_counted & of.is_success
    counted = np.bincount(incidence.cluster, weight * of.is_counted[incidence.pattern], size)
    successes = np.bincount(incidence.cluster, weight * both[incidence.pattern], size)
    keep = counted > 0
    return ClusterCounts(successes[keep].astype(np.float64), counted[keep].astype(np.float64))


def share(table: ScoredTable, of: ShareOf, level: float, interval: str) -> Estimate:
    """Return a share of the units of a table.

    Parameters
    ----------
    table : ScoredTable
        One reader beside the reference.
    of : ShareOf
        What is counted and what is a success.
    level : float
        Confidence level.
    interval : str
        One of INTERVALS; at the effective sample size where patients have several units.
    """
    counts = cluster_counts(table, of)
    n, x = int(counts.units.sum()), float(counts.successes.sum())
    is_clustered = n > len(counts.units)
    dropped = table.n_read - n
    words = _WORDS[interval] + (" at the effective sample size of the patients" if is_clustered else "")
    found = Estimate(
        value=x / n if n else None,
        low=None,
        high=None,
        level=level,
        method=words,
        n_units=n,
        n_raters=1 if table.n_units else 0,
        n_clusters=None if table.incidence is None else len(counts.units),
        n_dropped=dropped,
        dropped_why=_why(table, dropped, of.dropped_why),
        undefined=None if n else TOO_FEW,
        warnings=(CLUSTERING_UNKNOWN,) if table.incidence is None else (),
    )
    return with_bounds(found, counts, interval) if n else found


def with_bounds(found: Estimate, counts: ClusterCounts, interval: str) -> Estimate:
    """Return the estimate with its bounds and its standard error over clusters."""
    total, x = float(counts.units.sum()), float(counts.successes.sum())
    size = counts.effective if total > len(counts.units) else total
    low, high = binomial_bounds(x * size / total, size, found.level, interval)
    return replace(found, low=min(low, x / total), high=max(high, x / total), standard_error=counts.error)


def _why(table: ScoredTable, dropped: int, other: str) -> str:
    """Return in words why units are left out."""
    parts = []
    if table.n_undetermined:
        parts.append(f"{table.n_undetermined} without a reference")
    if dropped > table.n_undetermined:
        parts.append(f"{dropped - table.n_undetermined} {other}")
    return "; ".join(parts)
