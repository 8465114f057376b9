"""Expectation and maximisation of multi-label STAPLE on label patterns (Rohlfing, Russakoff & Maurer 2004)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plan:
    """How the iterations run.

    Parameters
    ----------
    prior : ndarray of float64
        (labels,) probability of each label, the same everywhere; adding up to 1.
    smoothing : float
        Voxels added to every cell of every confusion matrix.
    tolerance : float
        Largest change of a cell at which the iterations stop.
    max_iterations : int
        Cap on the passes.
    """

    prior: Floats
    smoothing: float
    tolerance: float
    max_iterations: int


@dataclass(frozen=True, slots=True)
class LabelFit:
    """Where the iterations ended.

    Parameters
    ----------
    confusion : ndarray of float64
        (raters, said, true) probability that the rater says a label where another is true.
    posterior : ndarray of float64
        (patterns, labels); all 0 where no label is possible.
    iterations : int
        Passes made.
    converged : bool
        No cell moved by ``tolerance`` or more in the last pass.
    """

    confusion: Floats
    posterior: Floats
    iterations: int
    converged: bool


def indicator(places: NDArray[np.int64], n_labels: int) -> Any:
    """Return the sparse matrix (raters × labels, patterns) that is 1 where a rater said a label.

    Parameters
    ----------
    places : ndarray of int64
        (patterns, raters) place of the label said.
    n_labels : int
        Labels.
    """
    n_patterns, n_raters = places.shape
    rows = (places + np.arange(n_raters) * n_labels).ravel()
    columns = np.repeat(np.arange(n_patterns), n_raters)
    shape = (n_raters * n_labels, n_patterns)
    return sparse.csr_array((np.ones(rows.size), (rows, columns)), shape=shape)


def fit_labels(said: Any, counts: NDArray[np.int64], start: Floats, plan: Plan) -> LabelFit:
    """Run the iterations from a first guess at the confusion matrices.

    Parameters
    ----------
    said : sparse matrix
        From ``indicator``.
    counts : ndarray of int64
        (patterns,) voxels, positive.
    start : ndarray of float64
        (raters, said, true).
    plan : Plan
        Prior and limits.
    """
    confusion, heard = start, said.T.tocsr()
    for iteration in range(1, plan.max_iterations + 1):
        weights = posterior_of(heard, confusion, plan.prior)
        moved = confusion_of(said, counts[:, None] * weights, confusion, plan.smoothing)
        change = float(np.abs(moved - confusion).max())
        confusion = moved
        if change < plan.tolerance:
            return LabelFit(confusion, posterior_of(heard, confusion, plan.prior), iteration, converged=True)
    return LabelFit(confusion, posterior_of(heard, confusion, plan.prior), plan.max_iterations, converged=False)


def posterior_of(heard: Any, confusion: Floats, prior: Floats) -> Floats:
    """Return the probability of each label for each pattern; all 0 where the raters exclude every label.

    Parameters
    ----------
    heard : sparse matrix
        (patterns, raters × labels).
    confusion : ndarray of float64
        (raters, said, true).
    prior : ndarray of float64
        (labels,)
    """
    with np.errstate(divide="ignore"):
        log_joint: Floats = heard @ np.log(confusion.reshape(-1, prior.size)) + np.log(prior)
    top = log_joint.max(axis=1, keepdims=True)
    possible = np.isfinite(top)
    joint = np.exp(log_joint - np.where(possible, top, 0.0))
    posterior: Floats = joint / np.where(possible, joint.sum(axis=1, keepdims=True), 1.0)
    return posterior


def confusion_of(said: Any, weights: Floats, before: Floats, smoothing: float) -> Floats:
    """Return the confusion matrices that the weights imply; a column that weighs nothing stays as it was.

    Parameters
    ----------
    said : sparse matrix
        (raters × labels, patterns).
    weights : ndarray of float64
        (patterns, labels) voxels of each pattern by true label.
    before : ndarray of float64
        (raters, said, true) as they were.
    smoothing : float
        Voxels added to every cell.
    """
    cells = (said @ weights).reshape(before.shape) + smoothing
    totals = cells.sum(axis=1, keepdims=True)
    moved: Floats = np.where(totals > 0, cells / np.where(totals > 0, totals, 1.0), before)
    return moved
