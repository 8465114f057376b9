"""Measure how far the regions of one unit lie apart, pair by pair, while their voxels are at hand."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from qc.agreement._mask_pair import MaskPair, compare_masks
from qc.agreement.base import (
    BOTH_EMPTY,
    NO_SPACING,
    NO_TOLERANCE,
    NOT_MEASURED,
    ONE_EMPTY,
    TOO_FEW,
    TOO_LARGE,
    Statistic,
)
from qc.readings.base import BoolArray
from qc.readings.pair_table import PairMeasures
from qc.registry import STATISTICS

# Voxels of all readers' boxes together: about as many bytes again are needed while they are compared.
MOST_VOXELS = 1 << 28
# A millionth of a millimetre: the same digits on every machine.
DIGITS = 6
SURFACE_DICE = "surface_dice"
MEASURES = "measures"
TOLERANCE = "tolerance_mm"
NOT_MEASURED_WHY = "not_measured"


@dataclass(frozen=True, slots=True)
class Grid:
    """The image whose regions are compared.

    Parameters
    ----------
    shape : tuple of int
        Voxels along (z, y, x).
    spacing_mm : tuple of float or None
        Along (z, y, x); None when unknown.
    tolerance_mm : float or None
        The protocol's tolerance for the surface Dice coefficient; None where it states none.
    """

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float] | None
    tolerance_mm: float | None


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured in one unit.

    Parameters
    ----------
    numbers, undefined : mapping
        One value a measure, and the reasons for those that do not exist; ``…_max`` (``…_min``) is the worst pair.
    details : mapping
        ``measures``: measure to one value a pair, in the order of the pairs, None where undefined; the tolerance;
        why nothing was measured, where that is so.
    """

    numbers: Mapping[str, float]
    undefined: Mapping[str, str]
    details: Mapping[str, Any] = field(default_factory=dict)


@cache
def measures_of_pairs() -> Mapping[str, Statistic]:
    """Return the entries of the catalogue that measure two masks; looked up once, for there are many units."""
    return {name: spec for name, spec in STATISTICS.items() if spec.pair is not None}


def measure_pairs(masks: Mapping[str, BoolArray], grid: Grid) -> Measures:
    """Return every measure of the catalogue that the image allows.

    Parameters
    ----------
    masks : mapping from reader to bool array (z, y, x)
        One box of the grid that holds every mark.
    grid : Grid
        The image.

    Returns
    -------
    Measures
        Within the unit the mean over pairs of an overlap, the median over pairs of a distance. Pairs of empty
        masks are left out; with one empty mask a distance is infinite, and undefined as ``one_empty``.
    """
    specs = measures_of_pairs()
    reason = _unusable(masks)
    if reason:
        return Measures({}, dict.fromkeys(specs, reason), {NOT_MEASURED_WHY: reason} if reason == TOO_LARGE else {})
    spacing, tolerance = grid.spacing_mm, grid.tolerance_mm
    pairs = list(compare_masks(masks, spacing_mm=spacing, tolerance_mm=tolerance, image_shape=grid.shape))
    columns = {name: [_rounded(spec.pair(pair)) for pair in pairs] for name, spec in specs.items() if spec.pair}
    measured = {name: values for name, values in columns.items() if any(value is not None for value in values)}
    numbers: dict[str, float] = {}
    undefined: dict[str, str] = {}
    for name, spec in specs.items():
        if name in measured:
            _summarise(name, spec, pairs, measured[name], (numbers, undefined))
        else:
            undefined[name] = _missing(name, grid)
    details: dict[str, Any] = {
        MEASURES: {name: [_finite(value) for value in values] for name, values in measured.items()}
    }
    if spacing is None:
        details[NOT_MEASURED_WHY] = NO_SPACING
    if tolerance is not None:
        details[TOLERANCE] = tolerance
    return Measures(numbers, undefined, details)


def pair_measures(details: Mapping[str, Any]) -> list[PairMeasures]:
    """Return the measures that a settled unit keeps, as a reading takes them.

    Parameters
    ----------
    details : mapping
        Of a unit of regions; one that was settled before anything was measured has its pairs and no value.
    """
    columns = details.get(MEASURES, {})
    reason = details.get(NOT_MEASURED_WHY, "" if columns else NOT_MEASURED)
    return [
        PairMeasures(
            first,
            second,
            reason or _flag(size_first, size_second),
            {name: values[place] for name, values in columns.items()},
        )
        for place, (first, second, size_first, size_second, _) in enumerate(details.get("pairs", []))
    ]


def _summarise(
    name: str,
    spec: Statistic,
    pairs: list[MaskPair],
    values: list[float | None],
    into: tuple[dict[str, float], dict[str, str]],
) -> None:
    """Add the value of the unit and that of its worst pair, or why they do not exist."""
    numbers, undefined = into
    known = [value for pair, value in zip(pairs, values, strict=True) if value is not None and pair.is_marked]
    within: Callable[[list[float]], Any] = np.median if spec.is_distance else np.mean
    worst, suffix = (max, "_max") if spec.is_distance else (min, "_min")
    for key, value in ((name, float(within(known))), (name + suffix, worst(known))):
        if math.isfinite(value):
            numbers[key] = value
        else:
            undefined[key] = ONE_EMPTY


def _unusable(masks: Mapping[str, BoolArray]) -> str:
    """Return why nothing can be measured; empty when something can."""
    if len(masks) < 2:
        return TOO_FEW
    if sum(mask.size for mask in masks.values()) > MOST_VOXELS:
        return TOO_LARGE
    return "" if any(mask.any() for mask in masks.values()) else BOTH_EMPTY


def _flag(first: int, second: int) -> str:
    if first and second:
        return ""
    return ONE_EMPTY if first or second else BOTH_EMPTY


def _missing(name: str, grid: Grid) -> str:
    """Return why a measure exists for no pair of the unit."""
    if name == SURFACE_DICE and grid.tolerance_mm is None:
        return NO_TOLERANCE
    return NO_SPACING if grid.spacing_mm is None else NOT_MEASURED


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
