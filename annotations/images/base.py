"""What every image format shares: the canonical volume and the refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Voxels = NDArray[np.int16]


class ImageProblem(ValueError):
    """A file cannot be taken as an image.

    Parameters
    ----------
    code : str
        Stable, hyphenated name of the fault.
    message : str
        One sentence: what is wrong and what would be right.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Slices:
    """Where the planes of a volume stand in the DICOM files that it was made of.

    Parameters
    ----------
    axis : int
        Along which axis of [z, y, x] the planes lie behind each other: 0, 1 or 2.
    classes, instances : tuple of str
        SOP class and SOP instance of each plane, in the order of the indices along that axis.
    frames : tuple of int or None
        Number of the frame in its instance, from 1; None where the instance is one plane.
    """

    axis: int
    classes: tuple[str, ...]
    instances: tuple[str, ...]
    frames: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Volume:
    """Grey voxels on the patient's axes: x runs to the left, y to the back, z to the head (LPS).

    Where the scan was oblique, each axis is the nearest of the three; nothing is resampled.

    Parameters
    ----------
    voxels : ndarray of int16
        [z, y, x]; a grey value is ``voxels * slope + intercept``.
    spacing_mm : tuple of float or None
        Between voxel centres along (z, y, x), millimetres; None where the file states none, never a guess.
    origin_mm : tuple of float
        Centre of the voxel [0, 0, 0] as (x, y, z), millimetres, LPS.
    direction : tuple of tuple of float
        Unit vectors (x, y, z; LPS) along which the indices x, y and z grow, in this order.
    slope, intercept : float
        From stored to grey values; 1 and 0 where the values were whole numbers that fit.
    notes : tuple of str
        What was done to the pixels and must be known beside them, in words.
    is_placed : bool
        Whether the file says how the voxels lie in the patient; otherwise origin and direction mean nothing.
    slices : Slices or None
        The file's own UIDs, where it is DICOM; they name the patient until they are replaced.
    """

    voxels: Voxels
    spacing_mm: tuple[float, float, float] | None
    origin_mm: tuple[float, float, float]
    direction: tuple[tuple[float, float, float], ...]
    slope: float = 1.0
    intercept: float = 0.0
    notes: tuple[str, ...] = ()
    is_placed: bool = True
    slices: Slices | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return the voxels along (z, y, x)."""
        nz, ny, nx = self.voxels.shape
        return nz, ny, nx


def stored(values: NDArray[np.generic]) -> tuple[Voxels, float, float]:
    """Return grey values as int16 with the slope and intercept that bring them back.

    Whole numbers whose range fits are kept exactly, shifted where they must be; all others are mapped
    linearly onto −32768 … 32767.

    Parameters
    ----------
    values : ndarray
        Real numbers of any shape, with at least one value; ImageProblem when one is not finite.

    Returns
    -------
    voxels : ndarray of int16
        In the same shape.
    slope, intercept : float
        ``values ≈ voxels * slope + intercept``.
    """
    if values.dtype.kind not in "iufb":
        raise ImageProblem("not-grey", f"Voxels of the type {values.dtype} are no grey values.")
    # Python numbers: a difference of two of them cannot overflow.
    low, high = values.min().item(), values.max().item()
    if not np.isfinite([low, high]).all():
        raise ImageProblem("not-finite", "The image holds values that are not finite.")
    if values.dtype == np.int16:
        return values, 1.0, 0.0  # type: ignore[return-value]
    limits = np.iinfo(np.int16)
    if values.dtype.kind in "iub" and high - low <= limits.max - limits.min:
        shift = 0 if limits.min <= low and high <= limits.max else low - limits.min
        return _plane_by_plane(values, lambda plane: plane.astype(np.int64) - shift), 1.0, float(shift)
    if high == low:
        return np.zeros(values.shape, dtype=np.int16), 1.0, float(low)
    slope = (float(high) - float(low)) / (limits.max - limits.min)
    if not np.isfinite(slope) or slope == 0:
        raise ImageProblem("too-wide", "The range of the values is too wide, or too narrow, to be held.")
    scaled = _plane_by_plane(
        values, lambda plane: np.rint((plane.astype(np.float64) - float(low)) / slope) + limits.min
    )
    return scaled, slope, float(low) - limits.min * slope


def _plane_by_plane(values: NDArray[Any], turned: Callable[[NDArray[Any]], NDArray[Any]]) -> Voxels:
    """Return values turned into int16; besides both arrays only one plane is held, in whatever it takes."""
    found = np.empty(values.shape, dtype=np.int16)
    if values.ndim < 2:
        found[...] = turned(values)
        return found
    for place in range(len(values)):
        found[place] = turned(values[place])
    return found
