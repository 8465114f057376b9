"""Soft consensus of masks: the share of readers at each voxel, where they part, and in which regions."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.consensus._components import components
from qc.consensus._layout import AnyMask, check_masks, empty
from qc.consensus._patterns import Patterns, patterns_of
from qc.consensus.base import INSUFFICIENT, NO_MAJORITY, SETTLED, TIE, Consensus, Method

# Beyond this many a list helps nobody; the number is stated all the same.
_MOST_LISTED = 100
# Votes are whole; a threshold times the raters may be off by rounding.
_EQUAL = 1e-9


def soft_mask(
    masks: Mapping[str, AnyMask], *, minimum: int = 2, threshold: float = 0.5, least_component: int = 5
) -> Consensus:
    """Settle on the voxels that more than a share of the raters marked, and name the regions in dispute.

    Parameters
    ----------
    masks : mapping of str to ndarray of bool, Runs or PackedMask
        Rater to mask, all of one shape (z, y, x) and layout; the value has the same.
    minimum : int
        Fewest masks that may settle anything.
    threshold : float
        Share of raters that must be passed; from 0.5 up to, not including, 1.
    least_component : int
        Voxels from which a connected disputed region (faces, edges and corners connect) is one to adjudicate.

    Returns
    -------
    Consensus
        ``settled``: ``support`` is the mean share over the voxels of the value, or the share of empty masks when
        the value is empty. ``details["components"]``: up to 100 regions, largest first, each with box in the image,
        voxels and mean of 4p(1−p); ``details["n_components"]`` of them all. Voxels whose share is the threshold are
        outside and counted in ``details["undecided_voxels"]``. ``tie`` (``half_undecided``) when nothing passes the
        threshold and something reaches it, ``no_majority`` (``nothing_shared``) when most marked something and
        nothing reaches it, ``insufficient`` below ``minimum``.

    Raises
    ------
    ValueError
        Masks are not boolean arrays of one shape, or the threshold is out of range.

    References
    ----------
    Share of votes as probability: Heckemann RA et al. (2006), doi:10.1016/j.neuroimage.2006.05.061. 4p(1−p) is the
    variance of one vote over its largest value.
    """
    if not 0.5 <= threshold < 1:
        raise ValueError("threshold must be at least 0.5 and below 1.")
    raters, ordered = check_masks(masks)
    parameters = {"minimum": minimum, "threshold": threshold, "least_component": least_component}
    if len(raters) < max(minimum, 1):
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters, {"reason": "too_few"})
    patterns = patterns_of(masks)
    if patterns is None:
        nothing: dict[str, Any] = {"volume_voxels": dict.fromkeys(raters, 0), "components": [], "n_components": 0}
        details = {**nothing, "undecided_voxels": 0, "disputed_voxels": 0, "mean_disagreement": None}
        return Consensus(SETTLED, empty(ordered[0]), 1.0, {}, raters, parameters, details)
    found = _details(patterns, threshold, least_component)
    votes, counts = patterns.votes(), patterns.counts
    inside = votes > threshold * len(raters) + _EQUAL
    n_inside = int(counts[inside].sum())
    if n_inside:
        support = float((counts * inside) @ votes) / (len(raters) * n_inside)
        return Consensus(SETTLED, patterns.paint(inside), support, {}, raters, parameters, found)
    n_empty = sum(volume == 0 for volume in found["volume_voxels"].values())
    if found["undecided_voxels"]:
        return Consensus(TIE, None, None, {}, raters, parameters, {**found, "reason": "half_undecided"})
    if 2 * n_empty <= len(raters):
        return Consensus(NO_MAJORITY, None, None, {}, raters, parameters, {**found, "reason": "nothing_shared"})
    return Consensus(SETTLED, patterns.paint(inside), n_empty / len(raters), {}, raters, parameters, found)


def probability_map(masks: Mapping[str, AnyMask]) -> NDArray[np.float32]:
    """Return the share of raters who marked each voxel, shape of the masks.

    Parameters
    ----------
    masks : mapping of str to ndarray of bool, Runs or PackedMask
        Rater to mask; at least one.
    """
    return _map(masks, lambda shares: shares)


def disagreement_map(masks: Mapping[str, AnyMask]) -> NDArray[np.float32]:
    """Return 4p(1−p), p the share of raters: 0 where all say the same, 1 where they split evenly.

    Parameters
    ----------
    masks : mapping of str to ndarray of bool, Runs or PackedMask
        Rater to mask; at least one.
    """
    return _map(masks, _disagreement)


def _map(masks: Mapping[str, AnyMask], of_shares: Any) -> NDArray[np.float32]:
    _, ordered = check_masks(masks)
    out = np.zeros(ordered[0].shape, dtype=np.float32)
    patterns = patterns_of(masks)
    if patterns is not None:
        out[patterns.box] = patterns.spread(of_shares(_shares(patterns)))
    return out


def _shares(patterns: Patterns) -> NDArray[np.float32]:
    return (patterns.votes() / len(patterns.raters)).astype(np.float32)


def _disagreement(shares: NDArray[np.float32]) -> NDArray[np.float32]:
    parted: NDArray[np.float32] = 4 * shares * (1 - shares)
    return parted


def _details(patterns: Patterns, threshold: float, least_component: int) -> dict[str, Any]:
    votes, counts, n_raters = patterns.votes(), patterns.counts, len(patterns.raters)
    split = (votes > 0) & (votes < n_raters)
    parted = _disagreement(_shares(patterns))
    corner = [side.start for side in patterns.frame.place(patterns.box)]
    found = components(patterns.spread(split), patterns.spread(parted), corner, least_component)
    union = int(counts[votes > 0].sum())
    return {
        "volume_voxels": patterns.volumes(),
        "disputed_voxels": int(counts[split].sum()),
        "undecided_voxels": int(counts[np.abs(votes - threshold * n_raters) <= _EQUAL].sum()),
        "mean_disagreement": float(counts[votes > 0] @ parted[votes > 0].astype(np.float64)) / union,
        "components": [one.as_dict() for one in found[:_MOST_LISTED]],
        "n_components": len(found),
    }


SPEC = Method(
    title="Soft consensus",
    function=soft_mask,
    takes="masks",
    reference="Heckemann et al. 2006, doi:10.1016/j.neuroimage.2006.05.061",
)
