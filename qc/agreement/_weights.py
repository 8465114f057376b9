"""Weights of partial agreement between two categories."""

from typing import TypeAlias

import numpy as np

from qc.readings.base import FloatArray
from qc.readings.scale import Scale

# A name below, or a matrix (categories, categories) of one's own.
Weights: TypeAlias = str | FloatArray

IDENTITY = "identity"
LINEAR = "linear"
QUADRATIC = "quadratic"
ORDINAL = "ordinal"
RADICAL = "radical"
RATIO = "ratio"
NAMES = (IDENTITY, LINEAR, QUADRATIC, ORDINAL, RADICAL, RATIO)


def resolved(weights: Weights, scale: Scale) -> FloatArray:
    """Return the matrix that is meant, checked.

    Parameters
    ----------
    weights : str or float array (categories, categories)
        One of NAMES, or a symmetric matrix with values from 0 to 1 and 1 on the diagonal.
    scale : Scale
        Its declared categories, used or not, are the rows and columns.
    """
    if isinstance(weights, str):
        return agreement_weights(weights, len(scale.codes))
    matrix = np.asarray(weights, dtype=np.float64)
    if matrix.shape != (len(scale.codes),) * 2:
        raise ValueError(f"Weights have the shape ({len(scale.codes)}, {len(scale.codes)}), not {matrix.shape}.")
    if (
        not np.array_equal(matrix, matrix.T)
        or (np.diag(matrix) != 1).any()
        or not ((matrix >= 0) & (matrix <= 1)).all()
    ):
        raise ValueError("Weights are symmetric, lie between 0 and 1, and are 1 on the diagonal.")
    return matrix


def agreement_weights(name: str, categories: int) -> FloatArray:
    """Return the weights (categories, categories): 1 on the diagonal, less the further apart the ranks are.

    Parameters
    ----------
    name : str
        identity; linear 1 − d/(q − 1); quadratic 1 − d²/(q − 1)²; radical 1 − √d/√(q − 1); ordinal
        1 − C(d + 1, 2)/C(q, 2); ratio 1 − ((i − j)/(i + j))² over its greatest value, ranks from 1.
    categories : int
        Number q of declared categories.

    References
    ----------
    Gwet KL. Handbook of Inter-Rater Reliability, 4th edition, 2014, chapter 3. ISBN 978-0-9708062-8-4
    """
    ranks = np.arange(categories, dtype=np.float64)
    apart = np.abs(ranks[:, None] - ranks[None, :])
    if name == IDENTITY:
        return np.eye(categories)
    if name == RATIO:
        total = ranks[:, None] + ranks[None, :] + 2
        distance = ((ranks[:, None] - ranks[None, :]) / total) ** 2
    elif name == ORDINAL:
        distance = apart * (apart + 1) / 2
    elif name in _POWERS:
        distance = (apart / max(categories - 1, 1)) ** _POWERS[name]
    else:
        raise ValueError(f"{name!r} is not one of {', '.join(NAMES)}.")
    greatest = float(distance.max(initial=0.0))
    return np.asarray(1 - distance / greatest) if greatest > 0 else np.ones_like(apart)


_POWERS = {LINEAR: 1.0, QUADRATIC: 2.0, RADICAL: 0.5}
