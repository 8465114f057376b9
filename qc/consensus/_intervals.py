"""Bounds for what a method learned, by drawing patients anew and fitting again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.agreement.base import CLUSTERING_UNKNOWN, TOO_FEW, TOO_FEW_MINORITY, Estimate
from qc.consensus.base import ProjectConsensus
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable

_MOST_UNDEFINED = 0.05
NOT_MET = "class_never_met"


@dataclass(frozen=True, slots=True)
class ParameterBounds:
    """Estimates with bounds.

    Parameters
    ----------
    prevalence : mapping from code to Estimate
    accuracy : mapping from rater to Estimate
        Probability of being right about a random unit.
    confusion : mapping from (rater, true code, said code) to Estimate
    """

    prevalence: Mapping[str, Estimate]
    accuracy: Mapping[str, Estimate]
    confusion: Mapping[tuple[str, str, str], Estimate]


@dataclass(frozen=True, slots=True)
class Draws:
    """How bounds are made: confidence level, seed of PCG64, resamples."""

    level: float = 0.95
    seed: int = 0
    replicates: int = 2000

    def __post_init__(self) -> None:
        """Refuse draws that give no bounds."""
        if not 0 < self.level < 1 or self.replicates < 1:
            raise ValueError("The level lies between 0 and 1, and at least one replicate is needed.")


def parameter_bounds(
    function: Callable[..., ProjectConsensus], table: PatternTable, draws: Draws, **parameters: Any
) -> ParameterBounds:
    """Return prevalence, accuracies and confusion with bootstrap bounds over patients.

    The point estimates of EM come without any uncertainty of their own, and posteriors of 1.000 are routine.

    Parameters
    ----------
    function : callable
        A project-scope method that learns confusion matrices.
    table : PatternTable
        All reads, with their patients where known.
    draws : Draws
        Level, seed and number of resamples.
    **parameters
        The method's parameters; the same in each replicate.

    Returns
    -------
    ParameterBounds
        Percentile bounds, widened to hold the value. Undefined with the method's own reason; with
        ``class_never_met`` for the row of a class that the reader never met; bounds with ``too_few_items`` for
        fewer than two patients and with ``too_few_minority`` where more than 5 % of resamples lack the class.

    References
    ----------
    Efron B, Tibshirani RJ. An Introduction to the Bootstrap, 1993. doi:10.1201/9780429246593
    Field CA, Welsh AH. J R Stat Soc B 69:369-390, 2007. doi:10.1111/j.1467-9868.2007.00593.x
    """
    whole = function(table, **parameters)
    n_clusters = table.n_clusters if table.n_clusters is not None else table.n_units
    drawn = [] if whole.undefined or n_clusters < 2 else list(_refits(function, table, draws, parameters))
    facts = _Facts(whole.undefined, table, len(whole.raters), draws)
    value = flattened(whole)
    columns = np.array([flattened(other) for other in drawn]).reshape(len(drawn), len(value))
    estimates = [_estimate(value[place], columns[:, place], facts) for place in range(len(value))]
    return _named(whole, estimates)


def _refits(
    function: Callable[..., ProjectConsensus], table: PatternTable, draws: Draws, parameters: Mapping[str, Any]
) -> Iterator[ProjectConsensus]:
    for counts in resampled_counts(table, draws):
        keep = counts > 0
        again = PatternTable(table.raters, table.scale, table.patterns[keep], counts[keep])
        found = function(again, **parameters)
        if found.undefined is None:
            yield found


def resampled_counts(table: PatternTable, draws: Draws) -> Iterator[Any]:
    """Yield int64 arrays (patterns,): the units of each pattern when patients are drawn with replacement."""
    generator = np.random.Generator(np.random.PCG64(draws.seed))
    incidence = table.incidence
    for _ in range(draws.replicates):
        if incidence is None:
            yield generator.multinomial(table.n_units, table.counts / table.n_units)
            continue
        n_clusters = len(incidence.names)
        times = np.bincount(generator.integers(0, n_clusters, size=n_clusters), minlength=n_clusters)
        units = np.bincount(incidence.pattern, times[incidence.cluster] * incidence.count, len(table.counts))
        yield units.astype(np.int64)


def flattened(found: ProjectConsensus) -> FloatArray:
    """Return prevalence, accuracies and confusion in a row; NaN, inside this file only, where never learned."""
    if found.undefined:
        return np.full(len(found.codes) + len(found.raters) * (1 + len(found.codes) ** 2), np.nan)
    accuracies = [found.accuracy(rater) for rater in found.raters]
    parts = [found.prevalence, np.array([np.nan if value is None else value for value in accuracies])]
    blank = (np.nan,) * len(found.codes)
    parts += [np.array([row or blank for row in found.rows(rater)]).ravel() for rater in found.raters]
    return np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class _Facts:
    undefined: str | None
    table: PatternTable
    n_raters: int
    draws: Draws


def _estimate(value: float, drawn: FloatArray, facts: _Facts) -> Estimate:
    draws, table = facts.draws, facts.table
    who = "patients" if table.incidence is not None else "units"
    undefined = facts.undefined or (NOT_MET if np.isnan(value) else None)
    bounds: tuple[float | None, float | None] = (None, None)
    reason = None
    if undefined is None:
        bounds, reason = _bounds(float(value), drawn, draws.level)
    return Estimate(
        value=None if undefined else float(value),
        low=bounds[0],
        high=bounds[1],
        level=draws.level,
        method=f"Percentile bootstrap over {who}, B = {draws.replicates}",
        n_units=table.n_units,
        n_raters=facts.n_raters,
        n_clusters=table.n_clusters,
        undefined=undefined,
        interval_undefined=reason,
        warnings=() if table.incidence is not None else (CLUSTERING_UNKNOWN,),
        seed=draws.seed,
    )


def _bounds(value: float, drawn: FloatArray, level: float) -> tuple[tuple[float | None, float | None], str | None]:
    if not len(drawn):
        return (None, None), TOO_FEW
    defined = drawn[~np.isnan(drawn)]
    if len(drawn) - len(defined) > _MOST_UNDEFINED * len(drawn):
        return (None, None), TOO_FEW_MINORITY
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return (min(low, value), max(high, value)), None


def _named(whole: ProjectConsensus, estimates: list[Estimate]) -> ParameterBounds:
    codes, raters = whole.codes, whole.raters
    rest = iter(estimates)
    prevalence = {code: next(rest) for code in codes}
    accuracy = {rater: next(rest) for rater in raters}
    confusion = {(rater, true, said): next(rest) for rater in raters for true in codes for said in codes}
    return ParameterBounds(prevalence, accuracy, confusion)
