"""Two masks compared: everything that spatial measures read, computed once a mask and once a pair."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from qc.agreement._surface import Border, border_of, nearest_mm
from qc.agreement.base import BOTH_EMPTY, ONE_EMPTY
from qc.readings.base import BoolArray, FloatArray, ReadingError
from qc.readings.masks import union_box


@dataclass(frozen=True, slots=True)
class Frame:
    """The image in which masks are compared.

    Parameters
    ----------
    shape : tuple of int (axes,)
        Voxels of the whole image in the order of the array; some measures depend on it.
    spacing_mm : tuple of float (axes,) or None
        Millimetres between voxel centres, in the same order; None when unknown: millimetres are never
        guessed from voxels.
    tolerance_mm : float or None
        Distance within which two surfaces count as one; None where nobody chose it.
    """

    shape: tuple[int, ...]
    spacing_mm: tuple[float, ...] | None
    tolerance_mm: float | None


@dataclass(frozen=True, eq=False)
class Region:
    """One mask inside the box that all masks share.

    Parameters
    ----------
    mask : bool array (axes…)
        The box.
    frame : Frame
        The image.
    """

    mask: BoolArray
    frame: Frame

    @cached_property
    def voxels(self) -> int:
        """Number of voxels marked."""
        return int(np.count_nonzero(self.mask))

    @cached_property
    def centre(self) -> FloatArray:
        """Mean position of the marked voxels (axes,), in voxels of the box; not for an empty mask."""
        axes = range(self.mask.ndim)
        profiles = [self.mask.sum(axis=tuple(other for other in axes if other != axis)) for axis in axes]
        return np.array([profile @ np.arange(len(profile)) for profile in profiles]) / self.voxels

    @cached_property
    def border(self) -> Border:
        """The border voxels in millimetres; not without spacing."""
        if self.frame.spacing_mm is None:
            raise ReadingError("no-spacing", "A distance in millimetres needs the spacing of the image.")
        return border_of(self.mask, self.frame.spacing_mm)


@dataclass(frozen=True, eq=False)
class MaskPair:
    """Two masks of one image.

    Parameters
    ----------
    first_reader, second_reader : str
        Who drew them.
    first, second : Region
        In one box of one frame.
    """

    first_reader: str
    second_reader: str
    first: Region
    second: Region

    @property
    def frame(self) -> Frame:
        """The image of both."""
        return self.first.frame

    @property
    def flag(self) -> str:
        """``both_empty``, ``one_empty`` or nothing."""
        if self.first.voxels and self.second.voxels:
            return ""
        return ONE_EMPTY if self.first.voxels or self.second.voxels else BOTH_EMPTY

    @property
    def is_marked(self) -> bool:
        """Whether at least one mask marks something."""
        return self.flag != BOTH_EMPTY

    @cached_property
    def there(self) -> FloatArray:
        """Millimetres from each border voxel of the first mask to the border of the second."""
        return nearest_mm(self.first.border, self.second.border)

    @cached_property
    def back(self) -> FloatArray:
        """Millimetres from each border voxel of the second mask to the border of the first."""
        return nearest_mm(self.second.border, self.first.border)


def compare_masks(
    masks: Mapping[str, BoolArray],
    *,
    spacing_mm: Sequence[float] | None = None,
    tolerance_mm: float | None = None,
    image_shape: Sequence[int] | None = None,
) -> Iterator[MaskPair]:
    """Yield every pair of masks, readers sorted by name; outside the box that holds all marks nothing is read.

    Parameters
    ----------
    masks : mapping from reader to bool array (z, y, x) or (y, x)
        One shape. An image of a single slice is two-dimensional: its borders and distances lie in the plane.
    spacing_mm : sequence of float or None
        In the order of the axes; None when unknown.
    tolerance_mm : float or None
        For the surface Dice coefficient; None leaves it out.
    image_shape : sequence of int or None
        Shape of the whole image where the masks are cut out of it; None when they are whole.

    Raises
    ------
    ReadingError
        ``shape-differs``, ``bad-spacing`` or ``bad-tolerance``.
    """
    box = union_box(masks)
    shape = next(iter(masks.values())).shape
    frame = _frame(tuple(image_shape or shape), spacing_mm, tolerance_mm)
    cut = box or tuple(slice(0, min(size, 1)) for size in shape)
    regions = {reader: Region(_flattened(mask[cut], frame), frame) for reader, mask in masks.items()}
    for first, second in combinations(sorted(regions), 2):
        yield MaskPair(first, second, regions[first], regions[second])


def distance(pair: MaskPair, summary: Callable[[FloatArray, FloatArray], float]) -> float | None:
    """Return a summary of the distances of two borders, by the conventions for empty masks.

    Parameters
    ----------
    pair : MaskPair
        Two masks.
    summary : callable
        (distances there (n,), distances back (m,)) in mm → mm.

    Returns
    -------
    float or None
        0 when both are empty, infinite when one is (the pair's flag says so), None without spacing.

    References
    ----------
    Maier-Hein L, Reinke A, et al. Metrics reloaded: recommendations for image analysis validation.
    Nat Methods 21:195-212, 2024. doi:10.1038/s41592-023-02151-z
    """
    if pair.frame.spacing_mm is None:
        return None
    if pair.flag:
        return 0.0 if pair.flag == BOTH_EMPTY else math.inf
    return float(summary(pair.there, pair.back))


def _frame(shape: tuple[int, ...], spacing_mm: Sequence[float] | None, tolerance_mm: float | None) -> Frame:
    if tolerance_mm is not None and not (math.isfinite(tolerance_mm) and tolerance_mm >= 0):
        raise ReadingError("bad-tolerance", "A tolerance is a finite number of millimetres, at least 0.")
    spacing = None if spacing_mm is None else tuple(float(step) for step in spacing_mm)
    if spacing is not None and len(spacing) != len(shape):
        raise ReadingError("bad-spacing", f"{len(shape)} axes need as many spacings, not {len(spacing)}.")
    if spacing is not None and not all(math.isfinite(step) and step > 0 for step in spacing):
        raise ReadingError("bad-spacing", "A spacing is a positive number of millimetres.")
    is_plane = len(shape) == 3 and shape[0] == 1
    return Frame(
        shape[1:] if is_plane else shape, spacing[1:] if spacing is not None and is_plane else spacing, tolerance_mm
    )


def _flattened(mask: BoolArray, frame: Frame) -> BoolArray:
    return mask[0] if mask.ndim > len(frame.shape) else mask
