"""Simulated readers of the brain project: the error model, in one place and seeded.

A region is redrawn through its signed distance d(v) in millimetres, positive inside. A reader keeps the
voxels where d(v) + bias + s · n(v) > 0. ``bias`` is the reader's habit: positive draws too large. n is
white noise smoothed by a Gaussian with the reader's correlation length and scaled to unit variance, so
that the border wanders as a hand does, and s is its size in millimetres. With the reader's probability of
a gross error one of two things happens, equally often: everything beyond a plane that cuts off 25–45 % of
the region is missed, or a ball of 3–5 mm radius centred on the border is drawn in addition.

A grade moves one level up or down with the reader's probability (where that leaves the scale it stays). A
category is replaced by one of the others with the same probability. A length gets the reader's constant
error and Gaussian noise, and with half the probability of a gross error 4 mm more, and is written with
one decimal.

Nothing here claims to describe real readers; it makes disagreements of known causes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence
from numpy.typing import NDArray
from scipy import ndimage

Bools = NDArray[np.bool_]
Spacing = tuple[float, float, float]

_MISSED_SHARE = (0.25, 0.45)
_BALL_MM = (3.0, 5.0)
_SLIP_MM = 4.0


@dataclass(frozen=True, slots=True)
class SimulatedReader:
    """How one reader errs.

    Parameters
    ----------
    code : str
        Reader code of the project.
    habit : str
        The error in words, for the project's page.
    bias_mm : float
        Shift of the border, positive outwards.
    noise_mm : float
        Standard deviation of the border's wandering.
    correlation_mm : float
        Length over which it wanders.
    gross : float
        Probability of a gross error.
    confusion : float
        Probability that a grade or category is another.
    length_bias_mm, length_noise_mm : float
        Constant error and standard deviation of a measured length.
    """

    code: str
    habit: str
    bias_mm: float
    noise_mm: float
    correlation_mm: float
    gross: float
    confusion: float
    length_bias_mm: float
    length_noise_mm: float


READERS = (
    SimulatedReader("north", "draws close to the border", 0.0, 0.35, 3.0, 0.08, 0.20, 0.0, 0.4),
    SimulatedReader("south", "draws a little too large", 0.3, 0.4, 4.0, 0.08, 0.30, 0.2, 0.5),
    SimulatedReader("west", "draws a little too small, with an unsteady hand", -0.2, 0.5, 2.5, 0.12, 0.35, -0.2, 0.6),
)


def generator(seed: int, *place: int) -> Generator:
    """Return the random numbers of one reader at one case: the same whatever else is simulated."""
    return Generator(PCG64(SeedSequence([seed, *place])))


def redraw(reader: SimulatedReader, region: Bools, spacing_mm: Spacing, random: Generator) -> Bools:
    """Return the region as the reader draws it.

    Parameters
    ----------
    reader : SimulatedReader
        Whose hand.
    region : ndarray of bool
        [z, y, x], not empty.
    spacing_mm : tuple of float
        Along (z, y, x), millimetres.
    random : Generator
        Source of the errors.

    Returns
    -------
    ndarray of bool
        [z, y, x]; never empty.
    """
    distance = signed_distance(region, spacing_mm)
    sigma = [reader.correlation_mm / step for step in spacing_mm]
    noise = ndimage.gaussian_filter(random.standard_normal(region.shape), sigma, mode="wrap")
    wandering = reader.noise_mm * noise / noise.std()
    drawn: Bools = distance + reader.bias_mm + wandering > 0
    if random.random() < reader.gross:
        drawn = _miss_part(drawn, random) if random.random() < 0.5 else _leak(drawn, distance, spacing_mm, random)
    return drawn if drawn.any() else region.copy()


def signed_distance(region: Bools, spacing_mm: Spacing) -> NDArray[np.float64]:
    """Return the distance of each voxel centre to the border in millimetres, positive inside.

    The border lies half a voxel outside the outermost centres; the image's edge is no border.
    """
    half = min(spacing_mm) / 2
    inside = ndimage.distance_transform_edt(region, sampling=spacing_mm)
    outside = ndimage.distance_transform_edt(~region, sampling=spacing_mm)
    signed: NDArray[np.float64] = np.where(region, inside - half, half - outside)
    return signed


def regrade(reader: SimulatedReader, level: int, n_levels: int, random: Generator) -> int:
    """Return the level from 0 that the reader gives: the right one or, where the scale allows, a neighbour."""
    if random.random() >= reader.confusion:
        return level
    moved = level + (1 if random.random() < 0.5 else -1)
    return moved if 0 <= moved < n_levels else level


def recategorise(reader: SimulatedReader, code: str, codes: Sequence[str], random: Generator) -> str:
    """Return the category that the reader gives: the right one or any other."""
    others = [other for other in codes if other != code]
    if random.random() >= reader.confusion or not others:
        return code
    return others[int(random.integers(len(others)))]


def remeasure(reader: SimulatedReader, length_mm: float, random: Generator) -> float:
    """Return the length that the reader measures, millimetres with one decimal, at least 0.1."""
    measured = length_mm + reader.length_bias_mm + reader.length_noise_mm * float(random.standard_normal())
    if random.random() < reader.gross / 2:
        measured += _SLIP_MM
    return max(round(measured, 1), 0.1)


def _miss_part(drawn: Bools, random: Generator) -> Bools:
    if not drawn.any():
        return drawn
    normal = random.standard_normal(3)
    height = np.argwhere(drawn) @ normal
    cut = np.quantile(height, 1 - random.uniform(*_MISSED_SHARE))
    kept = drawn.copy()
    kept[drawn] = height <= cut
    return kept


def _leak(drawn: Bools, distance: NDArray[np.float64], spacing_mm: Spacing, random: Generator) -> Bools:
    border = np.argwhere(np.abs(distance) <= max(spacing_mm))
    centre = border[int(random.integers(len(border)))]
    radius = random.uniform(*_BALL_MM)
    axes = np.ogrid[tuple(slice(size) for size in drawn.shape)]
    squared = sum(((axis - middle) * step) ** 2 for axis, middle, step in zip(axes, centre, spacing_mm, strict=True))
    leaked: Bools = drawn | (squared <= radius**2)
    return leaked
