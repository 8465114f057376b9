"""From a table of measurements to intraclass correlations of one rater and of the mean of all raters."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from qc.agreement import _reml
from qc.agreement._anova import MeanSquares, mean_squares, moments, number_facts
from qc.agreement._bootstrap import Bounds, FinishParts, Plan, gather
from qc.agreement._kernel import Facts, estimates
from qc.agreement.base import MISSING_CELLS, NO_VARIATION, NOT_CONVERGED, RATERS_FIXED, TOO_FEW, ZERO_VARIANCE, Estimate
from qc.readings.base import FloatArray
from qc.readings.number_table import NumberTable

SINGLE = "single"
MEAN = "mean"

# Mean squares → coefficients (replicates, 2) of one rater and of the mean.
OfSquares: TypeAlias = Callable[[MeanSquares], FloatArray]
# Variance components and number of raters → coefficients (replicates, 2).
OfComponents: TypeAlias = Callable[[_reml.Components, int], FloatArray]
# Mean squares of the whole sample and level → bounds of both.
OfWhole: TypeAlias = Callable[[MeanSquares, float], tuple[Bounds, Bounds]]
# Sums of the whole sample (1, features) and level → bounds of both.
Exact: TypeAlias = Callable[[FloatArray, float], tuple[Bounds, Bounds]]


def two_way(
    reading: NumberTable, of_squares: OfSquares, of_components: OfComponents, bounds: OfWhole, plan: Plan
) -> dict[str, Estimate]:
    """Return the coefficients of a design in which the same raters measure all units.

    Parameters
    ----------
    reading : NumberTable
        Units with fewer than two measurements are dropped. Missing cells lead to variance components by REML.
    of_squares, of_components : callable
        The coefficients from mean squares, and from variance components.
    bounds : callable
        Bounds from mean squares, used where no cell is missing and no patient has several units.
    plan : Plan
        Level, seed and replicates of the bootstrap that serves otherwise.
    """
    used = reading.rated(2).select(reading.rated(2).active_raters)
    facts = number_facts(reading, used, "fewer than two measurements")
    if used.given.all():
        if used.has_repeats:
            facts = replace(facts, warnings=(*facts.warnings, RATERS_FIXED))

        def finish(sums: FloatArray) -> FloatArray:
            return of_squares(mean_squares(sums))

        def exact(total: FloatArray, level: float) -> tuple[Bounds, Bounds]:
            return bounds(mean_squares(total), level)

        return analysed(used, moments(used), finish, exact, (facts, plan))
    cautions = (*facts.warnings, MISSING_CELLS, RATERS_FIXED)
    return _with_missing_cells(used, of_components, replace(facts, warnings=cautions), plan)


def analysed(
    used: NumberTable, features: FloatArray, finish: FinishParts, exact: Exact | None, how: tuple[Facts, Plan]
) -> dict[str, Estimate]:
    """Return the coefficients with exact bounds where units are independent, else with bootstrapped ones.

    Parameters
    ----------
    used : NumberTable
        The units compared.
    features : float64 array (units, features)
        What each contributes.
    finish : callable
        Sums (replicates, features) → coefficients (replicates, 2).
    exact : callable or None
        Bounds from the sums of the whole sample; None where they do not hold.
    how : (Facts, Plan)
        Counts and cautions; level, seed and replicates.
    """
    facts, plan = how
    reason = TOO_FEW if used.n_units < 2 else NO_VARIATION
    sample = gather(features, np.ones(used.n_units, dtype=np.int64), used.incidence)
    is_exact = exact is not None and not used.has_repeats
    # One replicate: the bootstrap's bounds are not used.
    found = estimates(sample, finish, facts, replace(plan, replicates=1) if is_exact else plan, [reason] * 2)
    if exact is None or not is_exact or found[0].value is None:
        return dict(zip((SINGLE, MEAN), found, strict=True))
    bounds = exact(sample.total, plan.level)
    return {part: _with_bounds(one, two, facts) for part, one, two in zip((SINGLE, MEAN), found, bounds, strict=True)}


def _with_bounds(found: Estimate, bounds: Bounds, facts: Facts) -> Estimate:
    method = "F distribution (Shrout & Fleiss 1979, McGraw & Wong 1996)"
    return replace(
        found,
        low=bounds.low,
        high=bounds.high,
        interval_undefined=bounds.undefined,
        method=method,
        seed=None,
        warnings=facts.warnings,
        standard_error=0.0 if bounds.undefined == ZERO_VARIANCE else found.standard_error,
    )


def _with_missing_cells(
    used: NumberTable, of_components: OfComponents, facts: Facts, plan: Plan
) -> dict[str, Estimate]:
    """Return the coefficients from variance components by REML, with BCa bounds."""
    features, layout = _reml.features(used)
    sample = gather(features, np.ones(used.n_units, dtype=np.int64), used.incidence)
    # One value throughout, or no unit, has no variance to split.
    is_flat = used.n_units < 2 or np.ptp(used.values[used.given]) == 0
    start = np.full(2, np.nan) if is_flat else _reml.components(sample.total, layout)[1][0]

    is_perfect = not is_flat and _is_perfect(used)

    def finish(sums: FloatArray) -> FloatArray:
        if is_perfect:
            return np.ones((len(sums), 2))
        if np.isnan(start).any():
            return np.full((len(sums), 2), np.nan)
        return of_components(_reml.components(sums, layout, start)[0], layout.k)

    found = estimates(sample, finish, facts, plan, [_reason(used)] * 2)
    return dict(zip((SINGLE, MEAN), found, strict=True))


def _is_perfect(used: NumberTable) -> bool:
    """Tell whether all measurements of a unit are equal in every unit."""
    least = np.where(used.given, used.values, np.inf).min(axis=1)
    greatest = np.where(used.given, used.values, -np.inf).max(axis=1)
    return bool((least == greatest).all())


def _reason(used: NumberTable) -> str:
    """Return why variance components do not exist."""
    if used.n_units < 2:
        return TOO_FEW
    return NO_VARIATION if np.ptp(used.values[used.given]) == 0 else NOT_CONVERGED
