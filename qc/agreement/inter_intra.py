"""Reliability between and within raters from one set of repeated measurements."""

import math
from dataclasses import replace

import numpy as np

from qc.agreement._anova import centred, number_facts
from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimates, ratio
from qc.agreement.base import NO_VARIATION, RATERS_FIXED, TOO_FEW, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.repeat_table import RepeatTable

INTER, INTRA = "inter", "intra"
SEM_INTER, SEM_INTRA = "sem_inter", "sem_intra"
PARTS = (INTER, INTRA, SEM_INTER, SEM_INTRA)
_ROUNDING = 1e-13


def inter_intra(
    reading: RepeatTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> dict[str, Estimate]:
    """Return σ²_s / σ²_total between raters, (σ²_total − σ²_e) / σ²_total within a rater, and both standard errors.

    Variance components of units, raters, their interaction and error come from the two-way analysis of variance with
    repeats and random raters; σ²_total is their sum. The standard errors of measurement are
    √(σ²_r + σ²_rs + σ²_e) and √σ²_e.

    Parameters
    ----------
    reading : RepeatTable
        The same raters throughout, at least two, and at least two repeats; units with a missing measurement are
        dropped.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known); raters are not resampled.

    Returns
    -------
    dict of str to Estimate
        ``inter``, ``intra`` (pure numbers), ``sem_inter``, ``sem_intra`` (in units of measurement). Agreement between
        raters cannot be expected to exceed that within a rater. Undefined with ``no_overlap``, ``too_few_items`` (one
        unit, one rater or one repeat) or ``undefined_single_category`` (no spread).

    References
    ----------
    Eliasziw M, Young SL, Woodbury MG, Fryday-Field K. Statistical methodology for the concurrent assessment of
    interrater and intrarater reliability: using goniometric measurements as an example. Phys Ther 74:777-788, 1994.
    doi:10.1093/ptj/74.8.777

    Examples
    --------
    >>> table = RepeatTable.from_values(
    ...     [[[1, 2], [2, 2]], [[5, 5], [6, 5]], [[9, 8], [9, 9]]], raters=["ada", "ben"], unit="mm"
    ... )
    >>> round(inter_intra(table)["sem_intra"].value, 4)
    0.5
    """
    used = reading.complete()
    design = (len(used.raters), used.n_repeats)
    facts = number_facts(reading.table, used.table, "a measurement is missing")
    facts = replace(facts, n_raters=len(used.raters), warnings=(*facts.warnings, RATERS_FIXED))
    sample = gather(_features(used), np.ones(used.n_units, dtype=np.int64), used.table.incidence)
    is_small = used.n_units < 2 or min(design) < 2
    reasons = [TOO_FEW if is_small else NO_VARIATION] * 2 + [TOO_FEW] * 2
    plan = Plan(level, seed, replicates)
    found = estimates(sample, lambda sums: _parts(sums, design), facts, plan, reasons)
    units = ("", "", used.table.unit, used.table.unit)
    return {part: replace(one, unit=unit) for part, one, unit in zip(PARTS, found, units, strict=True)}


def _features(used: RepeatTable) -> FloatArray:
    """Return [1, total of each rater, Σx², Σ(total of a rater)², (total)²] of each unit."""
    x = centred(used.table).reshape(used.n_units, len(used.raters), used.n_repeats)
    totals = x.sum(axis=2)
    squares = (x**2).sum(axis=(1, 2))
    return np.column_stack([np.ones(len(x)), totals, squares, (totals**2).sum(axis=1), totals.sum(axis=1) ** 2])


def _parts(sums: FloatArray, design: tuple[int, int]) -> FloatArray:
    """Return the four parts (replicates, 4) from sums of the features."""
    t, m = design
    if min(t, m) < 2:
        return np.full((len(sums), 4), np.nan)
    n, by_rater = sums[:, 0], sums[:, 1 : t + 1]
    squares, cells, units = sums[:, -3], sums[:, -2] / m, sums[:, -1] / (t * m)
    correction = ratio(by_rater.sum(axis=1) ** 2, n * t * m)
    raters = ratio((by_rater**2).sum(axis=1), n * m)
    freedom = (n - 1) * (t - 1)
    within = np.where(squares - cells > _ROUNDING * squares, squares - cells, 0.0)
    ms_error = ratio(within, n * t * (m - 1))
    ms_cell = ratio(cells - units - raters + correction, freedom)
    error, cell = ms_error, (ms_cell - ms_error) / m
    rater = (ratio(raters - correction, np.full(len(n), t - 1.0)) - ms_cell) / (n * m)
    unit = (ratio(units - correction, n - 1) - ms_cell) / (t * m)
    total = unit + rater + cell + error
    between = np.sqrt(np.maximum(rater + cell + error, 0.0))
    return np.column_stack([ratio(unit, total), ratio(total - error, total), between, np.sqrt(error)])


SPEC = Statistic(
    title="Reliability between and within readers",
    function=inter_intra,
    accepts=RepeatTable,
    scales=frozenset({"interval", "ratio"}),
    min_raters=2,
    max_raters=None,
    range=(-math.inf, math.inf),
    reference="Eliasziw et al. 1994, doi:10.1093/ptj/74.8.777",
    says=(
        "How well two readers, and one reader twice, tell cases apart; a reader's agreement with himself is the "
        "ceiling for agreement between readers."
    ),
    parts=True,
    fixed_panel=True,
    describes=True,
)
