"""SIMPLE: a weighted vote that sets aside, round by round, masks too unlike the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.consensus._layout import AnyMask, check_masks, empty
from qc.consensus._patterns import Patterns, patterns_of
from qc.consensus.base import INSUFFICIENT, NO_MAJORITY, SETTLED, TIE, Consensus, Method

_FEWEST_KEPT = 3
_MOST_ROUNDS = 50
# Weights within this of half are half: rounding decides no voxel.
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class _Round:
    """Who still counts, how much, and what they make.

    Parameters
    ----------
    weights : ndarray of float64
        (raters,) 0 for those set aside.
    inside, tied : ndarray of bool
        (patterns,) above half of the weight, exactly half of it.
    dice : ndarray of float64
        (raters,) with the estimate, those set aside too.
    """

    weights: NDArray[np.float64]
    inside: NDArray[np.bool_]
    tied: NDArray[np.bool_]
    dice: NDArray[np.float64]


def simple(masks: Mapping[str, AnyMask], *, minimum: int = 4, alpha: float = 1.0) -> Consensus:
    """Settle by a vote weighted with each rater's overlap with the estimate, the least alike set aside.

    Starts from the strict majority. Each round takes the Dice coefficient of every rater with the estimate, sets
    aside those below mean − α·SD of the raters still kept (never leaving fewer than three), and votes again with the
    coefficients as weights, until nobody is set aside any more.

    Parameters
    ----------
    masks : mapping of str to ndarray of bool, Runs or PackedMask
        Rater to mask, all of one shape (z, y, x) and layout; the value has the same.
    minimum : int
        Fewest masks. Four by default: of three nobody can be set aside.
    alpha : float
        Standard deviations below the mean at which a rater is set aside; positive.

    Returns
    -------
    Consensus
        ``settled``: ``support`` is the mean share of the weight over the voxels of the value; 1 where all masks are
        empty. ``details["set_aside"]``: the round in which each of them was; ``details["weights"]`` and
        ``details["dice"]`` for everybody. ``tie`` or ``no_majority`` where the estimate is empty although somebody
        marked something; ``insufficient`` below ``minimum``.

    Raises
    ------
    ValueError
        Masks are not boolean arrays of one shape, or ``alpha`` is not positive.

    References
    ----------
    Langerak TR, van der Heide UA, Kotte ANTJ, Viergever MA, van Vulpen M, Pluim JPW (2010), Label fusion in
    atlas-based segmentation using a selective and iterative method for performance level estimation (SIMPLE),
    doi:10.1109/TMI.2010.2057442.
    """
    if not 0 < alpha < float("inf"):
        raise ValueError("alpha must be a positive number.")
    raters, ordered = check_masks(masks)
    parameters = {"minimum": minimum, "alpha": alpha, "fewest_kept": _FEWEST_KEPT}
    if len(raters) < max(minimum, _FEWEST_KEPT):
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters, {"reason": "too_few"})
    patterns = patterns_of(masks)
    if patterns is None:
        details = {"set_aside": {}, "volume_voxels": dict.fromkeys(raters, 0), "undecided_voxels": 0}
        return Consensus(SETTLED, empty(ordered[0]), 1.0, {}, raters, parameters, details)
    return _selected(patterns, alpha, parameters)


def _selected(patterns: Patterns, alpha: float, parameters: Mapping[str, Any]) -> Consensus:
    now, set_aside = _vote(patterns, np.ones(len(patterns.raters))), dict[str, int]()
    rounds, settled = 0, False
    while not settled and rounds < _MOST_ROUNDS and now.inside.any():
        rounds += 1
        leaves = _leaving(now, alpha)
        set_aside |= {patterns.raters[place]: rounds for place in leaves}
        weights = np.where(now.weights > 0, now.dice, 0.0)
        weights[leaves] = 0.0
        before, now = now, _vote(patterns, weights)
        settled = not leaves and bool((before.inside == now.inside).all())
    details = _details(patterns, now, set_aside)
    if not patterns.counts[now.inside].any():
        outcome, reason = (TIE, "half_undecided") if details["undecided_voxels"] else (NO_MAJORITY, "nothing_shared")
        return Consensus(outcome, None, None, {}, patterns.raters, parameters, {**details, "reason": reason}, rounds)
    voxels = patterns.counts * now.inside
    support = float(voxels @ (patterns.decisions @ now.weights)) / float(now.weights.sum() * voxels.sum())
    value = patterns.paint(now.inside)
    return Consensus(SETTLED, value, support, {}, patterns.raters, parameters, details, rounds, converged=settled)


def _vote(patterns: Patterns, weights: NDArray[np.float64]) -> _Round:
    share = patterns.decisions @ weights / weights.sum()
    inside, tied = share > 0.5 + _EQUAL, np.abs(share - 0.5) <= _EQUAL
    inside &= patterns.counts > 0
    sizes = patterns.counts @ patterns.decisions
    shared = (patterns.counts * inside) @ patterns.decisions
    total = sizes + int(patterns.counts[inside].sum())
    dice = np.where(total > 0, 2 * shared / np.maximum(total, 1), 1.0)
    return _Round(weights, inside, tied, dice)


def _leaving(now: _Round, alpha: float) -> list[int]:
    """Return the places of those who are set aside, the least alike first, at most so many that three stay."""
    kept = np.flatnonzero(now.weights > 0)
    limit = float(now.dice[kept].mean() - alpha * now.dice[kept].std())
    below = sorted((float(now.dice[place]), int(place)) for place in kept if now.dice[place] < limit - _EQUAL)
    return [place for _, place in below[: max(0, kept.size - _FEWEST_KEPT)]]


def _details(patterns: Patterns, now: _Round, set_aside: Mapping[str, int]) -> dict[str, Any]:
    return {
        "volume_voxels": patterns.volumes(),
        "set_aside": dict(sorted(set_aside.items())),
        "weights": dict(zip(patterns.raters, now.weights.tolist(), strict=True)),
        "dice": dict(zip(patterns.raters, now.dice.tolist(), strict=True)),
        "undecided_voxels": int(patterns.counts[now.tied].sum()),
        "majority_voxels": int(patterns.counts[2 * patterns.votes() > len(patterns.raters)].sum()),
    }


SPEC = Method(
    title="SIMPLE",
    function=simple,
    takes="masks",
    reference="Langerak et al. 2010, doi:10.1109/TMI.2010.2057442",
)
