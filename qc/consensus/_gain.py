"""What one more read, or an adjudication, is expected to change, before it is asked for."""

import numpy as np

from qc.consensus.base import ProjectConsensus
from qc.readings.base import FloatArray


def expected_gain(posterior: FloatArray, confusion: FloatArray) -> FloatArray:
    """Return by how much one more read is expected to lower the chance that the leading code is wrong.

    With T the posterior and π the next reader's confusion: (1 − max T_j) − (1 − Σ_s max_j T_j π_js). It is 0 where
    no answer could change the leader: such a unit is never sent.

    Parameters
    ----------
    posterior : float64 array (units, codes)
        Rows add up to 1.
    confusion : float64 array (codes true, codes said)
        Of the reader who would be asked; ``symmetric`` for an adjudicator of one accuracy, ``typical`` for any
        of the panel.

    Returns
    -------
    float64 array (units,)
        Probability, not negative.

    References
    ----------
    Raiffa H, Schlaifer R. Applied Statistical Decision Theory, 1961 (expected value of sample information).
    """
    now = 1.0 - posterior.max(axis=1)
    joint = posterior[:, :, None] * confusion[None, :, :]
    later = 1.0 - joint.max(axis=1).sum(axis=1)
    gain: FloatArray = np.maximum(now - later, 0.0)
    # Differences of this size are rounding: a unit that no answer can turn must not look worth a read.
    return np.where(gain < 1e-12, 0.0, gain)


def symmetric(accuracy: float, n_codes: int) -> FloatArray:
    """Return the confusion (codes, codes) of a reader who is right with ``accuracy`` and errs evenly.

    Raises
    ------
    ValueError
        The accuracy is not within 0 and 1, or there are fewer than two codes.
    """
    if not 0 <= accuracy <= 1 or n_codes < 2:
        raise ValueError("An accuracy lies within 0 and 1, and there are at least two codes.")
    wrong = (1 - accuracy) / (n_codes - 1)
    return np.full((n_codes, n_codes), wrong) + np.eye(n_codes) * (accuracy - wrong)


def typical(learned: ProjectConsensus) -> FloatArray | None:
    """Return the mean confusion (codes, codes) of the panel, each row weighed by what it rests on; None if none."""
    if not learned.confusion:
        return None
    cube = np.stack([learned.confusion[rater] for rater in learned.raters])
    met = np.stack([learned.support[rater] for rater in learned.raters])
    total = met.sum(axis=0)
    plain = cube.mean(axis=0)
    weighed = np.einsum("rj,rjl->jl", met, cube) / np.where(total > 0, total, 1.0)[:, None]
    mean: FloatArray = np.where(total[:, None] > 0, weighed, plain)
    return mean
