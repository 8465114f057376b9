"""Expectation and maximisation of binary STAPLE on decision patterns (Warfield, Zou & Wells 2004)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]

TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class Fit:
    """Where the iterations ended.

    Parameters
    ----------
    sensitivity, specificity : ndarray of float64
        (raters,)
    posterior : ndarray of float64
        (patterns,) probability that a voxel with the pattern is inside.
    iterations : int
        Passes made; the last one, which only shows that nothing moves any more, is not counted (as in ITK).
    converged : bool
        No sensitivity or specificity moved by more than ``TOLERANCE`` in the last pass.
    """

    sensitivity: Floats
    specificity: Floats
    posterior: Floats
    iterations: int
    converged: bool


def fit(
    decisions: NDArray[np.bool_],
    counts: NDArray[np.int64],
    prior: float,
    beta_prior: tuple[float, float],
    max_iterations: int,
) -> Fit | None:
    """Run the iterations, starting from the share of raters who marked each pattern.

    Parameters
    ----------
    decisions : ndarray of bool
        (patterns, raters); each pattern occurs.
    counts : ndarray of int64
        (patterns,) voxels, positive.
    prior : float
        Probability that a voxel is inside, the same everywhere; strictly between 0 and 1.
    beta_prior : tuple of float
        Parameters of the Beta prior on each sensitivity and specificity; (1, 1) is maximum likelihood.
    max_iterations : int
        Cap on the passes.

    Returns
    -------
    Fit or None
        None when every voxel has become certainly inside, or certainly outside, so that no rater's
        sensitivity or specificity exists.
    """
    weights: Floats = decisions.mean(axis=1, dtype=np.float64)
    said, unsaid = decisions.astype(np.float64), (~decisions).astype(np.float64)
    performance = np.full((2, decisions.shape[1]), np.inf)
    for iteration in range(max_iterations):
        previous, moved = performance, _m_step((said, unsaid), counts, weights, beta_prior)
        if moved is None:
            return None
        performance = moved
        if performance.min() > 0 and performance.max() < 1:
            weights = _likely(said, performance, prior)
        else:
            weights = _e_step(decisions, weights, performance, prior)
        if np.abs(performance - previous).max() <= TOLERANCE:
            return Fit(performance[0], performance[1], weights, iteration, converged=True)
    return Fit(performance[0], performance[1], weights, max_iterations, converged=False)


def _m_step(
    decisions: tuple[Floats, Floats], counts: NDArray[np.int64], weights: Floats, beta_prior: tuple[float, float]
) -> Floats | None:
    said, unsaid = decisions
    alpha, beta = beta_prior
    inside, outside = weights * counts, (1 - weights) * counts
    denominators = inside.sum() + alpha + beta - 2, outside.sum() + alpha + beta - 2
    if min(denominators) <= 0:
        return None
    sensitivity = (inside @ said + alpha - 1) / denominators[0]
    specificity = (outside @ unsaid + alpha - 1) / denominators[1]
    # Rounding may leave a share a hair above one, and its complement would have no logarithm.
    performance: Floats = np.clip(np.stack([sensitivity, specificity]), 0.0, 1.0)
    return performance


def _likely(said: Floats, performance: Floats, prior: float) -> Floats:
    """Return the posterior where nobody is always right or always wrong: one product with the log-odds."""
    right, wrong = np.log(performance), np.log1p(-performance)
    gained = (right[0] - wrong[1]) - (wrong[0] - right[1])
    floor = (wrong[0] - right[1]).sum() + np.log(prior) - np.log1p(-prior)
    posterior: Floats = expit(said @ gained + floor)
    return posterior


def _e_step(decisions: NDArray[np.bool_], weights: Floats, performance: Floats, prior: float) -> Floats:
    # Logarithms, because the product over 64 raters would underflow.
    with np.errstate(divide="ignore"):
        right, wrong = np.log(performance), np.log1p(-performance)
    inside = np.where(decisions, right[0], wrong[0]).sum(axis=1) + np.log(prior)
    outside = np.where(decisions, wrong[1], right[1]).sum(axis=1) + np.log1p(-prior)
    # A pattern that both hypotheses exclude teaches nothing and keeps its weight.
    known = ~(np.isneginf(inside) & np.isneginf(outside))
    odds = np.subtract(inside, outside, out=np.zeros_like(inside), where=known)
    posterior: Floats = np.where(known, expit(odds), weights)
    return posterior
