"""How long a cumulative sum of errors runs before it signals, as an exact Markov chain on a lattice.

References
----------
Brook D, Evans DA. An approach to the probability distribution of CUSUM run length. Biometrika 59:539-549, 1972.
doi:10.1093/biomet/59.3.539

Reynolds MR, Stoumbos ZG. A CUSUM chart for monitoring a proportion when inspecting continuously.
J Qual Technol 31:87-108, 1999. doi:10.1080/00224065.1999.11979900
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

# Least number of steps in the larger weight where the weights are no whole multiples of each other.
_STEPS = 1000
_SAME = 1e-9
# The longest run that anybody asks for; beyond it the search for a limit ends.
LONGEST = 10_000_000.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What one read adds to the sum.

    Parameters
    ----------
    error : float
        Added for an error, above 0.
    correct : float
        Taken off for a correct read, above 0.
    """

    error: float
    correct: float

    def __post_init__(self) -> None:
        """Refuse weights with which the sum could not move both ways."""
        if not (self.error > 0 and self.correct > 0):
            raise ValueError("An error raises the sum and a correct read lowers it.")


def log_likelihood_weights(p0: float, p1: float) -> Weights:
    """Return ln(p1/p0) and −ln((1 − p1)/(1 − p0)).

    Parameters
    ----------
    p0, p1 : float
        Accepted and detected rate of errors, 0 < p0 < p1 < 1.
    """
    if not 0 < p0 < p1 < 1:
        raise ValueError("The rate to be detected lies above the accepted one, both between 0 and 1.")
    return Weights(math.log(p1 / p0), -math.log((1 - p1) / (1 - p0)))


def average_run_length(weights: Weights, limit: float, p: float) -> float:
    """Return the mean number of reads until the sum, started at 0 and floored at 0, reaches the limit.

    Parameters
    ----------
    weights : Weights
        Steps of the sum.
    limit : float
        The sum signals at this value or above it.
    p : float
        Probability that a read is an error, between 0 and 1, both excluded.

    Returns
    -------
    float
        Exact where the weights are whole multiples of the smaller; else the larger is rounded by 1/2000 at most.
    """
    if not 0 < p < 1:
        raise ValueError("The rate of errors lies between 0 and 1.")
    step, larger = sorted((weights.error, weights.correct))
    if abs(larger / step - round(larger / step)) >= _SAME:
        step /= math.ceil(_STEPS * step / larger)
    up, down = round(weights.error / step), round(weights.correct / step)
    states = max(math.ceil(limit / step - _SAME), 1)
    state = np.arange(states)
    rises = state + up < states
    rows = np.concatenate([state, state[rises], state])
    columns = np.concatenate([state, state[rises] + up, np.maximum(state - down, 0)])
    values = np.concatenate([np.ones(states), np.full(int(rises.sum()), -p), np.full(states, p - 1.0)])
    system = sparse.csc_matrix((values, (rows, columns)), shape=(states, states))
    return float(np.atleast_1d(linalg.spsolve(system, np.ones(states)))[0])


def limit_for(weights: Weights, p0: float, run_length: float) -> float:
    """Return the smallest limit, in steps of the smaller weight, with at least this mean run before a false signal.

    Parameters
    ----------
    weights : Weights
        Steps of the sum.
    p0 : float
        Accepted rate of errors.
    run_length : float
        Mean number of reads until a false signal, 1 or more.
    """
    if not 1 <= run_length <= LONGEST:
        raise ValueError(f"The run length lies between 1 and {LONGEST:.0f} reads.")
    step = min(weights.error, weights.correct)
    high = 1
    while average_run_length(weights, high * step, p0) < run_length:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        if average_run_length(weights, middle * step, p0) < run_length:
            low = middle
        else:
            high = middle
    return high * step
