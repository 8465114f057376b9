"""How sure a vote or a posterior is: shares with bounds, entropy, margin, and the value that it allows."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from qc.consensus.base import SETTLED, TIE
from qc.readings.base import FloatArray

# Probabilities closer than this are equal: a tie.
_EQUAL = 1e-9
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How the reads of one unit, or its posterior, spread over the codes.

    Parameters
    ----------
    entropy_bits : float
        0 when all agree, log2 K when every code is as likely.
    normalised : float or None
        Entropy divided by log2 K; None on a scale of one code.
    margin : float
        Leading share minus the next.
    variation_ratio : float
        1 minus the leading share.
    """

    entropy_bits: float
    normalised: float | None
    margin: float
    variation_ratio: float


def uncertainty(shares: FloatArray) -> Uncertainty:
    """Return entropy, margin and variation ratio.

    Parameters
    ----------
    shares : float64 array (codes,)
        Votes or probabilities over all declared codes, not negative, with a positive sum.

    Raises
    ------
    ValueError
        Nothing was said, or a share is negative.

    References
    ----------
    Shannon CE. Bell Syst Tech J 27:379-423, 1948. doi:10.1002/j.1538-7305.1948.tb01338.x. Dagan I, Engelson SP.
    Committee-based sampling for training probabilistic classifiers. Proc ICML 150-157, 1995 (vote entropy).
    """
    values = np.asarray(shares, dtype=np.float64)
    if not values.size or values.min() < 0 or values.sum() <= 0:
        raise ValueError("Shares are 0 or more, and at least one is positive.")
    values = values / values.sum()
    used = values[values > 0]
    # Rounding may leave an entropy of −0.
    entropy = max(0.0, -float((used * np.log2(used)).sum()))
    ordered = np.sort(values)[::-1]
    margin = float(ordered[0] - ordered[1]) if len(ordered) > 1 else float(ordered[0])
    normalised = entropy / float(np.log2(len(values))) if len(values) > 1 else None
    return Uncertainty(entropy, normalised, margin, 1.0 - float(ordered[0]))


def wilson(count: int, total: int, level: float = _LEVEL) -> tuple[float, float] | None:
    """Return the score bounds of a proportion; None without observations.

    Parameters
    ----------
    count, total : int
        ``count`` of ``total``.
    level : float
        Confidence level.

    References
    ----------
    Wilson EB. J Am Stat Assoc 22:209-212, 1927. doi:10.1080/01621459.1927.10502953
    """
    if total == 0:
        return None
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = count / total
    centre = share + z * z / (2 * total)
    half = z * (share * (1 - share) / total + z * z / (4 * total * total)) ** 0.5
    scale = 1 + z * z / total
    low = 0.0 if count == 0 else (centre - half) / scale
    high = 1.0 if count == total else (centre + half) / scale
    return low, high


def vote_facts(votes: Mapping[str, int]) -> dict[str, float]:
    """Return the leading share's bounds, entropy over the codes that occur, and margin; empty without votes."""
    total = sum(votes.values())
    if total == 0:
        return {}
    spread = uncertainty(np.array(sorted(votes.values()), dtype=np.float64))
    bounds = wilson(max(votes.values()), total) or (0.0, 1.0)
    return {
        "share_low": bounds[0],
        "share_high": bounds[1],
        "entropy_bits": spread.entropy_bits,
        "margin": spread.margin,
    }


def leader(shares: FloatArray) -> tuple[str, int | None]:
    """Return ``settled`` and the place of the leading share, or ``tie`` and None when several lead.

    Parameters
    ----------
    shares : float64 array (codes,)
        Probabilities.
    """
    top = np.flatnonzero(shares >= shares.max() - _EQUAL)
    return (SETTLED, int(top[0])) if len(top) == 1 else (TIE, None)


def median_level(shares: FloatArray) -> tuple[int, bool]:
    """Return the level at the median of a posterior, and whether the median lies between it and the next.

    Parameters
    ----------
    shares : float64 array (levels,)
        Probabilities in the order of the levels.
    """
    below = np.cumsum(shares / shares.sum())
    level = int(np.flatnonzero(below >= 0.5 - _EQUAL)[0])
    return level, bool(abs(below[level] - 0.5) <= _EQUAL)
