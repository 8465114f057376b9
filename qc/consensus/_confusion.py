"""The maximisation step of methods that learn a whole confusion matrix for each reader."""

from collections.abc import Sequence

import numpy as np

from qc.consensus._em import Learned, Maximise
from qc.readings.base import FloatArray


def matrix_step(pseudo: FloatArray, prevalence: float) -> Maximise:
    """Return the step that normalises expected readings plus pseudo-counts.

    Parameters
    ----------
    pseudo : float64 array (codes true, codes said)
        Readings that each reader is credited with beforehand; all 0 gives maximum likelihood.
    prevalence : float
        Units that each code is credited with beforehand.

    Returns
    -------
    callable
        A class that a reader never met and that has no pseudo-counts gets equal probabilities, so that
        nothing is divided by zero; it is marked by its support of 0.
    """

    def step(expected: FloatArray, totals: FloatArray, before: Learned | None) -> Learned:
        share = shares_of(totals, prevalence)
        confusion = normalised(expected + pseudo)
        log_prior = weighted_log(pseudo, confusion) + weighted_log(np.full(len(share), prevalence), share)
        return Learned(share, confusion, log_prior)

    return step


def shares_of(totals: FloatArray, pseudo: float) -> FloatArray:
    """Return the prevalence (codes,) from units of each code."""
    share: FloatArray = normalised(totals[None, :] + pseudo)[0]
    return share


def normalised(counts: FloatArray) -> FloatArray:
    """Return counts divided by the sum of their last axis; equal shares where nothing was counted."""
    total = counts.sum(axis=-1, keepdims=True)
    share: FloatArray = np.where(total > 0, counts / np.where(total > 0, total, 1.0), 1.0 / counts.shape[-1])
    return share


def weighted_log(pseudo: FloatArray, values: FloatArray) -> float:
    """Return Σ pseudo · log value over all readers; terms without pseudo-counts are 0."""
    used = np.broadcast_to(pseudo, values.shape) > 0
    return float((np.broadcast_to(pseudo, values.shape)[used] * np.log(values[used])).sum())


def three(prior: Sequence[float]) -> tuple[float, float, float]:
    """Return the three pseudo-counts of a prior: right, each wrong code, each class.

    Raises
    ------
    ValueError
        There are not three, or one is negative or not finite.
    """
    if len(prior) != 3 or not all(np.isfinite(value) and value >= 0 for value in prior):
        raise ValueError("A prior has three pseudo-counts of 0 or more: right, each wrong code, each class.")
    right, wrong, prevalence = (float(value) for value in prior)
    return right, wrong, prevalence
