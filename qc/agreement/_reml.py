"""Variance components of units and raters with missing cells: REML with crossed random effects.

Given the effects of the raters, units are independent and each has the covariance σ²_e I + σ²_s J, whose inverse
needs only the number of its measurements. The deviance is then a function of sums over units, profiled over σ²_e
and the mean, and is minimised over √(σ²_s/σ²_e) and √(σ²_r/σ²_e) by Newton's method, for all replicates at once.

References
----------
Bates D, Mächler M, Bolker B, Walker S. Fitting linear mixed-effects models using lme4. J Stat Softw 67(1):1-48, 2015.
doi:10.18637/jss.v067.i01

Patterson HD, Thompson R. Recovery of inter-block information when block sizes are unequal. Biometrika 58:545-554,
1971. doi:10.1093/biomet/58.3.545
"""

from dataclasses import dataclass

import numpy as np

from qc.agreement._anova import centred
from qc.readings.base import FloatArray
from qc.readings.number_table import NumberTable

_MOST_STEPS = 15
_SHORTENED = (1.0, 0.5, 0.2, 0.05)
_GRADIENT = 1e-4
_CONVERGED = 1e-6
_STARTS = (0.3, 1.0, 3.0)
_TINY = 1e-300
_NEAR_ZERO = 1e-2
# Beyond these roots (a million times the residual variance) the residual is the rounding of 0.
_MOST_ROOT = 1e3


@dataclass(frozen=True, slots=True)
class Layout:
    """How the sums of a table with missing cells are laid out.

    Parameters
    ----------
    sizes : tuple of int
        Numbers of measurements a unit that occur.
    k : int
        Raters.
    """

    sizes: tuple[int, ...]
    k: int

    @property
    def width(self) -> int:
        """Features of each size: [units, given (k), given × given (k²), y (k), given · Σy (k), Σy², (Σy)²]."""
        return 3 + 3 * self.k + self.k**2


@dataclass(frozen=True, slots=True)
class Components:
    """Variances in squared units of measurement (replicates,), NaN where the search did not converge."""

    subject: FloatArray
    rater: FloatArray
    residual: FloatArray


def features(table: NumberTable) -> tuple[FloatArray, Layout]:
    """Return what each unit contributes (units, sizes · width) and its layout."""
    y, given = centred(table), table.given.astype(np.float64)
    layout = Layout(tuple(sorted(set(table.ratings.tolist()))), len(table.raters))
    total = y.sum(axis=1, keepdims=True)
    crossed = (given[:, :, None] * given[:, None, :]).reshape(len(y), layout.k**2)
    squares = (y**2).sum(axis=1, keepdims=True)
    block = np.hstack([np.ones_like(total), given, crossed, y, given * total, squares, total**2])
    return np.hstack([block * (table.ratings == size)[:, None] for size in layout.sizes]), layout


def components(sums: FloatArray, layout: Layout, start: FloatArray | None = None) -> tuple[Components, FloatArray]:
    """Return the variance components and the roots at which they lie.

    Parameters
    ----------
    sums : float64 array (replicates, sizes · width)
        Sums of ``features``.
    layout : Layout
        As ``features`` returned it.
    start : float64 array (2,) or None
        Roots of the variance ratios to start from; None tries several.

    Returns
    -------
    found : Components
    roots : float64 array (replicates, 2)
    """
    starts = [np.array([one, one]) for one in _STARTS] if start is None else [start]
    best, least = np.full((len(sums), 2), np.nan), np.full(len(sums), np.inf)
    for first in starts:
        roots, deviance = _minimised(np.tile(first, (len(sums), 1)), sums, layout)
        better = deviance < least
        best[better], least[better] = roots[better], deviance[better]
    fits = np.isfinite(least)
    best = _settled(np.where(fits[:, None], best, 0.0), least, sums, layout)
    _, residual = _deviance(best, sums, layout)
    fits &= (residual > 0) & (np.abs(best) < _MOST_ROOT).all(axis=1)
    residual = np.where(fits, residual, np.nan)
    roots = np.where(fits[:, None], best, np.nan)
    return Components(best[:, 0] ** 2 * residual, best[:, 1] ** 2 * residual, residual), roots


def _settled(roots: FloatArray, least: FloatArray, sums: FloatArray, layout: Layout) -> FloatArray:
    """Return the roots with those set to 0 that are 0 but for the tolerance of the search."""
    found = roots.copy()
    for axis in range(2):
        flat = found.copy()
        flat[:, axis] = 0.0
        is_zero = (np.abs(found[:, axis]) < _NEAR_ZERO) & (_deviance(flat, sums, layout)[0] <= least + _CONVERGED)
        found[is_zero, axis] = 0.0
    return found


def _minimised(roots: FloatArray, sums: FloatArray, layout: Layout) -> tuple[FloatArray, FloatArray]:
    """Return the roots (replicates, 2) at a minimum and the deviance there, inf where none was reached."""
    deviance = _deviance(roots, sums, layout)[0]
    is_open = np.isfinite(deviance)
    deviance = np.where(is_open, deviance, np.inf)
    for _ in range(_MOST_STEPS):
        some = np.flatnonzero(is_open)
        if not len(some):
            break
        slope, step = _newton_step(roots[some], sums[some], layout)
        moved, lower = _shortened(roots[some], step, deviance[some], sums[some], layout)
        stays = (np.abs(moved - roots[some]).max(axis=1) < _CONVERGED * (1 + np.abs(roots[some]).max(axis=1))) | (
            np.abs(slope).max(axis=1) < _CONVERGED
        )
        roots[some], deviance[some] = moved, lower
        strays = (np.abs(moved) > _MOST_ROOT).any(axis=1)
        deviance[some[strays]] = np.inf
        is_open[some[stays | strays]] = False
    return roots, np.where(is_open, np.inf, deviance)


def _newton_step(roots: FloatArray, sums: FloatArray, layout: Layout) -> tuple[FloatArray, FloatArray]:
    """Return the slope (replicates, 2) and a step (replicates, 2) downhill, by central differences."""
    h = _GRADIENT * (1 + np.abs(roots))
    east, north = h * np.array([1.0, 0.0]), h * np.array([0.0, 1.0])

    def at(move: FloatArray) -> FloatArray:
        value = _deviance(roots + move, sums, layout)[0]
        return np.where(np.isfinite(value), value, np.nan)

    here, e, w, n, s = at(0 * h), at(east), at(-east), at(north), at(-north)
    cross = (at(east + north) - at(east - north) - at(north - east) + at(-h)) / (4 * h[:, 0] * h[:, 1])
    slope = np.column_stack([(e - w) / (2 * h[:, 0]), (n - s) / (2 * h[:, 1])])
    curve = np.column_stack([(e - 2 * here + w) / h[:, 0] ** 2, cross, cross, (n - 2 * here + s) / h[:, 1] ** 2])
    curve = np.where(np.isfinite(curve), curve, 0.0).reshape(-1, 2, 2)
    values, vectors = np.linalg.eigh(curve)
    # Negative curvature is turned round, so that the step always leads downhill.
    bent = np.maximum(np.abs(values), 1e-8)
    along = np.einsum("bij,bi->bj", vectors, np.where(np.isfinite(slope), slope, 0.0)) / bent
    return slope, np.clip(-np.einsum("bij,bj->bi", vectors, along), -2 - np.abs(roots), 2 + np.abs(roots))


def _shortened(
    roots: FloatArray, step: FloatArray, deviance: FloatArray, sums: FloatArray, layout: Layout
) -> tuple[FloatArray, FloatArray]:
    """Return where the longest of several shortened steps lowers the deviance; unmoved where none does."""
    best, least = roots.copy(), deviance.copy()
    waits = np.ones(len(roots), dtype=np.bool_)
    for share in _SHORTENED:
        tried = roots + share * step
        value = _deviance(tried, sums, layout)[0]
        takes = waits & (value < least)
        best[takes], least[takes] = tried[takes], value[takes]
        waits &= ~takes
        if not waits.any():
            break
    return best, least


def _deviance(roots: FloatArray, sums: FloatArray, layout: Layout) -> tuple[FloatArray, FloatArray]:
    """Return −2 log restricted likelihood up to a constant, and σ²_e, each (replicates,)."""
    k = layout.k
    subject, rater = roots[:, 0] ** 2, roots[:, 1] ** 2
    blocks = sums.reshape(len(sums), len(layout.sizes), layout.width)
    sizes = np.array(layout.sizes, dtype=np.float64)
    shrink = subject[:, None] / (1 + sizes * subject[:, None])
    units = blocks[:, :, 0]
    given = blocks[:, :, 1 : k + 1].sum(axis=1)
    crossed = np.einsum("bs,bsc->bc", shrink, blocks[:, :, k + 1 : k + 1 + k**2]).reshape(-1, k, k)
    precision = given[:, :, None] * np.eye(k) - crossed
    rest = blocks[:, :, k + 1 + k**2 :]
    pull = rest[:, :, :k].sum(axis=1) - np.einsum("bs,bsc->bc", shrink, rest[:, :, k : 2 * k])
    squares = rest[:, :, 2 * k].sum(axis=1) - (shrink * rest[:, :, 2 * k + 1]).sum(axis=1)
    spread = np.eye(k) + rater[:, None, None] * precision
    solved = np.linalg.solve(spread, np.stack([pull, precision.sum(axis=2)], axis=2))
    mean_weight, mean_pull = solved[:, :, 1].sum(axis=1), solved[:, :, 0].sum(axis=1)
    left = squares - rater * np.einsum("bk,bk->b", pull, solved[:, :, 0])
    left = left - mean_pull**2 / np.maximum(mean_weight, _TINY)
    freedom = units @ sizes - 1
    log_sizes = (units * np.log1p(sizes * subject[:, None])).sum(axis=1) + np.linalg.slogdet(spread)[1]
    fits = (left > _TINY) & (mean_weight > _TINY) & (freedom > 0)
    safe_left, safe_weight = np.where(fits, left, 1.0), np.where(fits, mean_weight, 1.0)
    deviance = log_sizes + np.log(safe_weight) + freedom * np.log(safe_left)
    return np.where(fits, deviance, np.inf), np.where(fits, left / np.maximum(freedom, 1), np.nan)
