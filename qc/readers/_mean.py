"""A mean over units with bounds from t, clusters taken as the units that are independent."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from qc.agreement.base import CLUSTERING_UNKNOWN, TOO_FEW, ZERO_VARIANCE, Estimate
from qc.readings.base import FloatArray
from qc.readings.incidence import numbered

# A spread below this share of the values is rounding.
_ROUNDING = 1e-13


@dataclass(frozen=True, slots=True)
class MeanOf:
    """A mean and its standard error over clusters; ``error`` is None for fewer than two clusters."""

    value: float
    error: float | None
    n_clusters: int


def mean_of(values: FloatArray, clusters: tuple[str, ...] | None) -> MeanOf:
    """Return the mean of the units with its standard error √(m/(m − 1) · Σ(Σ(x − mean))²)/n over m clusters.

    With one unit a cluster this is s/√n.

    Parameters
    ----------
    values : float64 array (units,)
        At least one.
    clusters : tuple of str (units,) or None
        The cluster of each unit.
    """
    place = np.arange(len(values)) if clusters is None else numbered(clusters)[1]
    residual = np.bincount(place, values - values.mean())
    m = len(residual)
    if m < 2:
        return MeanOf(float(values.mean()), None, m)
    error = math.sqrt(m / (m - 1) * float(residual @ residual)) / len(values)
    least = _ROUNDING * float(np.abs(values).max())
    return MeanOf(float(values.mean()), error if error > least else 0.0, m)


def mean_estimate(values: FloatArray, clusters: tuple[str, ...] | None, level: float, unit: str = "") -> Estimate:
    """Return the mean as an estimate; ``too_few_items`` without units, no bounds without spread or with one cluster.

    Parameters
    ----------
    values : float64 array (units,)
        Finite.
    clusters : tuple of str (units,) or None
        The cluster of each unit.
    level : float
        Confidence level.
    unit : str
        Physical unit of the values.
    """
    over = "units" if clusters is None else "patients"
    method = f"t with the standard error over {over}"
    warnings = (CLUSTERING_UNKNOWN,) if clusters is None else ()
    n = len(values)
    if not n:
        return Estimate(None, None, None, level, method, 0, 0, undefined=TOO_FEW, warnings=warnings, unit=unit)
    found = mean_of(values, clusters)
    reason = TOO_FEW if found.error is None else None if found.error else ZERO_VARIANCE
    margin = None
    if found.error:
        margin = float(stats.t.ppf((1 + level) / 2, found.n_clusters - 1)) * found.error
    return Estimate(
        value=found.value,
        low=None if margin is None else found.value - margin,
        high=None if margin is None else found.value + margin,
        level=level,
        method=method,
        n_units=n,
        n_raters=1,
        n_clusters=None if clusters is None else found.n_clusters,
        interval_undefined=reason,
        warnings=warnings,
        unit=unit,
        standard_error=found.error,
    )
