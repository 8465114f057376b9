"""What it is worth to ask an adjudicator: the errors that one more opinion is expected to avoid.

References
----------
Raiffa H, Schlaifer R. Applied Statistical Decision Theory, 1961. ISBN 978-0-471-38349-9
"""

from typing import Any

import numpy as np

from qc.readings.base import FloatArray

_ROUNDING = 1e-12


def value_of_adjudication(posterior: Any, accuracy: float) -> FloatArray:
    """Return (1 − max_j T_j) − (1 − Σ_s max_j T_j P(s|j)) for each unit, 0 where asking could change nothing.

    Parameters
    ----------
    posterior : float array (units, codes)
        Probability T of each code, rows adding up to 1, two codes or more.
    accuracy : float
        Probability a that the adjudicator names the true code; every other code has (1 − a)/(K − 1).

    Returns
    -------
    float64 array (units,)
        Expected share of errors avoided. For two codes it is 0 exactly where max T ≥ a.
    """
    shares = np.asarray(posterior, dtype=np.float64)
    if shares.ndim != 2 or shares.shape[1] < 2:
        raise ValueError("Each unit has the probabilities of two codes or more.")
    if not 0 <= accuracy <= 1:
        raise ValueError("An accuracy lies from 0 to 1.")
    codes = shares.shape[1]
    says = np.full((codes, codes), (1 - accuracy) / (codes - 1))
    np.fill_diagonal(says, accuracy)
    # Axis 1 is the adjudicator's word, axis 2 the true code.
    best = (shares[:, None, :] * says.T[None, :, :]).max(axis=2).sum(axis=1)
    gain = best - shares.max(axis=1)
    return np.where(gain > _ROUNDING, gain, 0.0)
