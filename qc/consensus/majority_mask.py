"""Strict voxel majority of masks; two masks meet half-way instead, in millimetres."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from qc.consensus._frame import grow, size
from qc.consensus._layout import AnyMask, check_masks, count, cut, empty, placed
from qc.consensus._patterns import Patterns, patterns_of
from qc.consensus._signed_distance import mean_signed_distance
from qc.consensus.base import DEGENERATE, INSUFFICIENT, NO_MAJORITY, SETTLED, TIE, Consensus, Method

# Strict majority of two masks is their intersection, always the smaller opinion, so two masks are averaged.
_PAIR = 2


def majority_mask(
    masks: Mapping[str, AnyMask],
    *,
    spacing_mm: Sequence[float] | None = None,
    minimum: int = 2,
    least_component: int = 5,
) -> Consensus:
    """Settle on the voxels that more than half of the raters marked.

    With exactly two raters the value is where the mean signed distance to the two borders is negative
    (shape-based averaging), which needs ``spacing_mm``; identical masks need none.

    Parameters
    ----------
    masks : mapping of str to ndarray of bool, Runs or PackedMask
        Rater to mask, all of one shape (z, y, x) and layout; the value has the same.
    spacing_mm : sequence of float or None
        Millimetres between voxel centres along the axes of the masks; None when unknown.
    minimum : int
        Fewest masks that may settle anything.
    least_component : int
        Voxels from which a connected disputed region (faces, edges and corners connect) is counted.

    Returns
    -------
    Consensus
        ``settled``: ``support`` is the mean share of raters over the voxels of the value, or the share of
        empty masks when the value is empty. Undecided voxels (exactly half of an even number, or the zero
        level of two) lie outside the value and are counted in ``details["undecided_voxels"]``.
        Otherwise ``details["reason"]`` says why: ``too_few`` (insufficient), ``no_spacing`` (two different
        masks without spacing; never measured in voxels; insufficient), ``one_empty`` (one of two masks is
        empty; tie), ``half_undecided`` (nothing reaches more than half, something reaches half; tie),
        ``nothing_shared`` (most marked something, no voxel has a majority; no_majority) and ``no_background``
        (one of two different masks fills the image; degenerate).

    Raises
    ------
    ValueError
        Masks are not boolean arrays of one shape, or spacing is not positive.

    References
    ----------
    Majority: Heckemann RA et al. (2006), doi:10.1016/j.neuroimage.2006.05.061. Two masks: Rohlfing T,
    Maurer CR (2007), doi:10.1109/TIP.2006.884936.
    """
    raters, ordered = check_masks(masks)
    spacing = _check_spacing(spacing_mm, ordered)
    parameters = {
        "minimum": minimum,
        "least_component": least_component,
        "spacing_mm": None if spacing is None else list(spacing),
    }
    if len(raters) < max(minimum, 1):
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters, {"reason": "too_few"})
    patterns = patterns_of(masks)
    if patterns is None:
        return Consensus(SETTLED, empty(ordered[0]), 1.0, {}, raters, parameters, _empty_details(raters, spacing))
    details = _details(patterns, spacing, least_component)
    if len(raters) == _PAIR and details["disputed_voxels"]:
        outcome, value, learned = _half_way(patterns, ordered, spacing)
    else:
        outcome, value, learned = _vote(patterns)
    support = _support(value, patterns) if value is not None else None
    return Consensus(outcome, value, support, {}, raters, parameters, {**details, **learned})


def vote_counts(masks: Mapping[str, AnyMask]) -> NDArray[np.uint8]:
    """Return how many raters marked each voxel, full size; the soft map of the majority.

    Parameters
    ----------
    masks : mapping of str to ndarray of bool, Runs or PackedMask
        Rater to mask, all of one shape and layout; at least one.

    Returns
    -------
    ndarray of uint8
    """
    _, ordered = check_masks(masks)
    counts = np.zeros(ordered[0].shape, dtype=np.uint8)
    patterns = patterns_of(masks)
    if patterns is not None:
        counts[patterns.box] = patterns.spread(patterns.votes().astype(np.uint8))
    return counts


def _check_spacing(spacing_mm: Sequence[float] | None, masks: Sequence[AnyMask]) -> tuple[float, ...] | None:
    if spacing_mm is None:
        return None
    spacing = tuple(float(step) for step in spacing_mm)
    if not all(0 < step < float("inf") for step in spacing):
        raise ValueError("Spacing must be positive millimetres.")
    if masks and len(spacing) != len(masks[0].shape):
        raise ValueError("Spacing must name one distance for each axis of the masks.")
    return spacing


def _vote(patterns: Patterns) -> tuple[str, AnyMask | None, dict[str, Any]]:
    votes, raters = patterns.votes(), len(patterns.raters)
    undecided = int(patterns.counts[2 * votes == raters].sum())
    learned: dict[str, Any] = {"rule": "voxel_majority", "undecided_voxels": undecided}
    inside = 2 * votes > raters
    n_marked = sum(volume > 0 for volume in patterns.volumes().values())
    if patterns.counts[inside].any() or (not undecided and 2 * n_marked < raters):
        return SETTLED, patterns.paint(inside), learned
    if undecided:
        return TIE, None, {**learned, "reason": "half_undecided"}
    return NO_MAJORITY, None, {**learned, "reason": "nothing_shared"}


def _half_way(
    patterns: Patterns, masks: Sequence[AnyMask], spacing: tuple[float, ...] | None
) -> tuple[str, AnyMask | None, dict[str, Any]]:
    learned: dict[str, Any] = {"rule": "mean_signed_distance"}
    if not all(patterns.volumes().values()):
        return TIE, None, {**learned, "reason": "one_empty"}
    if spacing is None:
        return INSUFFICIENT, None, {**learned, "reason": "no_spacing"}
    # One voxel of background around the union holds the nearest background of every inside voxel.
    box = grow(patterns.box, patterns.shape, [1] * len(patterns.shape))
    distance = mean_signed_distance([cut(mask, box) for mask in masks], spacing)
    if distance is None:
        return DEGENERATE, None, {**learned, "reason": "no_background"}
    # Where both marked, both distances are negative, so the zero level is never agreed ground.
    learned["undecided_voxels"] = int(np.count_nonzero(distance == 0))
    if not (distance < 0).any():
        return NO_MAJORITY, None, {**learned, "reason": "nothing_shared"}
    return SETTLED, placed(distance < 0, box, masks[0]), learned


def _support(value: AnyMask, patterns: Patterns) -> float:
    crop = cut(value, patterns.box)
    raters = len(patterns.raters)
    if not crop.any():
        return sum(volume == 0 for volume in patterns.volumes().values()) / raters
    # Two masks may meet on a voxel outside both, even outside their box: it has no vote but counts.
    votes = int(patterns.spread(patterns.votes().astype(np.uint8))[crop].sum(dtype=np.int64))
    return votes / (raters * count(value))


def _details(patterns: Patterns, spacing: tuple[float, ...] | None, least_component: int) -> dict[str, Any]:
    votes = patterns.votes()
    split = (votes > 0) & (votes < len(patterns.raters))
    regions, _ = ndimage.label(patterns.spread(split), structure=np.ones((3,) * len(patterns.shape)))
    sizes = np.bincount(regions.ravel())[1:]
    volumes = patterns.volumes()
    details: dict[str, Any] = {
        "volume_voxels": volumes,
        "union_voxels": int(patterns.counts[1:].sum()),
        "box_voxels": size(patterns.box),
        "disputed_voxels": int(patterns.counts[split].sum()),
        "disputed_components": int(np.count_nonzero(sizes >= least_component)),
    }
    if spacing is not None:
        details["volume_mm3"] = {rater: volume * float(np.prod(spacing)) for rater, volume in volumes.items()}
    return details


def _empty_details(raters: Sequence[str], spacing: tuple[float, ...] | None) -> dict[str, Any]:
    details: dict[str, Any] = {
        "rule": "unanimous_empty",
        "volume_voxels": dict.fromkeys(raters, 0),
        "union_voxels": 0,
        "box_voxels": 0,
        "disputed_voxels": 0,
        "disputed_components": 0,
        "undecided_voxels": 0,
    }
    if spacing is not None:
        details["volume_mm3"] = dict.fromkeys(raters, 0.0)
    return details


SPEC = Method(
    title="Voxel majority",
    function=majority_mask,
    takes="masks",
    wants_spacing=True,
    reference="Heckemann et al. 2006, doi:10.1016/j.neuroimage.2006.05.061; "
    "Rohlfing & Maurer 2007, doi:10.1109/TIP.2006.884936",
)
