"""Shape-based averaging: the mask half-way between the borders of all masks, in millimetres."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.consensus._frame import grow
from qc.consensus._layout import AnyMask, Mask, check_masks, count, cut, empty, placed
from qc.consensus._patterns import Patterns, patterns_of
from qc.consensus._signed_distance import signed_distance
from qc.consensus.base import DEGENERATE, INSUFFICIENT, NO_MAJORITY, SETTLED, TIE, Consensus, Method

_FEWEST_TRIMMED = 5


def shape_average(
    masks: Mapping[str, AnyMask],
    *,
    spacing_mm: Sequence[float] | None = None,
    minimum: int = 2,
    trim: int = 0,
) -> Consensus:
    """Settle where the mean signed distance to the raters' borders is negative.

    The distance of a voxel to a mask is that to the nearest voxel of the mask minus that to the nearest voxel outside
    it: centres to centres, in mm, never 0. Where the mean is exactly 0 the strict majority decides. One gross outlier
    moves the border, so that masks are compared first, or the farthest are trimmed.

    Parameters
    ----------
    masks : mapping of str to ndarray of bool, Runs or PackedMask
        Rater to mask, all of one shape (z, y, x) and layout; the value has the same.
    spacing_mm : sequence of float or None
        Millimetres between voxel centres along the axes of the masks; None when unknown.
    minimum : int
        Fewest masks that are not empty.
    trim : int
        Largest and smallest distances left out of each voxel's mean. Where it is not 0, five masks that are not
        empty are needed, and some distance must stay; the median alone would be the majority vote.

    Returns
    -------
    Consensus
        ``settled``: ``support`` is the mean share of raters over the voxels of the value. Empty masks have no border:
        they are left out and named in ``details["no_border"]``; all empty is settled as empty; when half are, ``tie``
        (``half_empty``), when more are, ``no_majority`` (``mostly_empty``). ``insufficient``: ``too_few``,
        ``too_few_to_trim``, or ``no_spacing`` (never measured in voxels). ``degenerate``: ``no_background`` when a
        mask fills the image.

    Raises
    ------
    ValueError
        Masks are not boolean arrays of one shape, spacing is not positive, or ``trim`` is negative.

    References
    ----------
    Rohlfing T, Maurer CR (2007), Shape-based averaging, doi:10.1109/TIP.2006.884936.
    """
    raters, ordered = check_masks(masks)
    spacing = _checked(spacing_mm, ordered)
    if trim < 0:
        raise ValueError("trim must not be negative.")
    parameters = {"minimum": minimum, "trim": trim, "spacing_mm": None if spacing is None else list(spacing)}
    patterns = patterns_of(masks)
    if len(raters) < max(minimum, 1):
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters, {"reason": "too_few"})
    if patterns is None:
        details = {"no_border": list(raters), "undecided_voxels": 0}
        return Consensus(SETTLED, empty(ordered[0]), 1.0, {}, raters, parameters, details)
    volumes = patterns.volumes()
    blank = [rater for rater in raters if not volumes[rater]]
    details = {"volume_voxels": volumes, "no_border": blank}
    outcome, reason = _refusal(len(raters), len(blank), minimum, trim)
    if outcome == SETTLED and spacing is None:
        outcome, reason = INSUFFICIENT, "no_spacing"
    if outcome != SETTLED or spacing is None:
        return Consensus(outcome, None, None, {}, raters, parameters, {**details, "reason": reason})
    drawn = [mask for rater, mask in zip(raters, ordered, strict=True) if volumes[rater]]
    return _averaged(patterns, drawn, spacing, trim, (parameters, details))


def _checked(spacing_mm: Sequence[float] | None, masks: Sequence[AnyMask]) -> tuple[float, ...] | None:
    if spacing_mm is None:
        return None
    spacing = tuple(float(step) for step in spacing_mm)
    if not all(0 < step < float("inf") for step in spacing):
        raise ValueError("Spacing must be positive millimetres.")
    if masks and len(spacing) != len(masks[0].shape):
        raise ValueError("Spacing must name one distance for each axis of the masks.")
    return spacing


def _refusal(n_raters: int, n_blank: int, minimum: int, trim: int) -> tuple[str, str]:
    n_drawn = n_raters - n_blank
    if n_blank == n_drawn:
        return TIE, "half_empty"
    if n_blank > n_drawn:
        return NO_MAJORITY, "mostly_empty"
    if n_drawn < minimum:
        return INSUFFICIENT, "too_few"
    if trim and n_drawn < max(_FEWEST_TRIMMED, 2 * trim + 1):
        return INSUFFICIENT, "too_few_to_trim"
    return SETTLED, ""


def _averaged(
    patterns: Patterns,
    masks: Sequence[AnyMask],
    spacing: tuple[float, ...],
    trim: int,
    said: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> Consensus:
    parameters, details = said
    # One voxel of background around the union holds the nearest background of every inside voxel.
    box = grow(patterns.box, patterns.shape, [1] * len(patterns.shape))
    crops = [cut(mask, box) for mask in masks]
    raters = patterns.raters
    if any(crop.all() for crop in crops):
        return Consensus(DEGENERATE, None, None, {}, raters, parameters, {**details, "reason": "no_background"})
    distance = _mean(crops, spacing, trim)
    level = distance == 0
    votes = np.add.reduce(crops, axis=0, dtype=np.int16)
    value: Mask = (distance < 0) | (level & (2 * votes > len(crops)))
    learned = {
        **details,
        "zero_voxels": int(level.sum()),
        "undecided_voxels": int((level & (2 * votes == len(crops))).sum()),
        "majority_voxels": int((2 * votes > len(crops)).sum()),
    }
    if not value.any():
        return Consensus(NO_MAJORITY, None, None, {}, raters, parameters, {**learned, "reason": "nothing_shared"})
    whole = placed(value, box, masks[0])
    support = float(votes[value].sum()) / (len(raters) * count(whole))
    return Consensus(SETTLED, whole, support, {}, raters, parameters, learned)


def _mean(crops: Sequence[Mask], spacing: tuple[float, ...], trim: int) -> NDArray[np.float64]:
    if not trim:
        total = np.zeros(crops[0].shape, dtype=np.float64)
        for crop in crops:
            total += signed_distance(crop, spacing)
        return total
    ordered = np.sort([signed_distance(crop, spacing) for crop in crops], axis=0)
    middle: NDArray[np.float64] = ordered[trim:-trim].sum(axis=0)
    return middle


SPEC = Method(
    title="Shape-based averaging",
    function=shape_average,
    takes="masks",
    wants_spacing=True,
    reference="Rohlfing & Maurer 2007, doi:10.1109/TIP.2006.884936",
)
