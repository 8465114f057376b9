"""Fluid spaces of a real brain template, cut into blocks and segmented from the image itself.

The image is the T1-weighted ICBM 152 template 2009a (symmetric, 1 mm) that nilearn's wheel carries: the
non-linear average of 152 real MR scans, skull removed, as 8-bit values. nilearn's code is not imported.

The reference region of a block is the largest connected set of voxels that are darker than the block's
threshold within its ``core``, closed by one voxel and filled on each axial slice; threshold and core were
chosen by eye. It is a fair drawing of dark fluid on this image, not anatomy's last word. It stays in the
simulation: no page shows it as truth. The template is symmetric: a left and a right case are mirror images,
read with different errors.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from annotations.images.base import Volume, Voxels

DISTRIBUTION = "nilearn"
TEMPLATE = "nilearn/datasets/data/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz"
SUBJECT = "mni152-2009a"

Bools = NDArray[np.bool_]
Box = tuple[int, int, int, int, int, int]

_MARGIN = 14
_LAST_X = 196


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fluid space lies in the template.

    Parameters
    ----------
    key : str
        Name of the case.
    core : tuple of int
        Half-open (z0, z1, y0, y1, x0, x1) in voxels of the template on LPS axes; holds the region.
    threshold : int
        Values below it are fluid.
    visibility : int
        Level from 0 (barely seen) to 3 (clear) that the simulation takes as right.
    artefact : str
        What hides the border, which the simulation takes as right.
    is_cut : tuple of bool
        Whether the block ends with the core at the front and at the back, as it does where the space goes on
        into the next block; elsewhere it is wider than the core.
    """

    key: str
    core: Box
    threshold: int
    visibility: int
    artefact: str
    is_cut: tuple[bool, bool] = (False, False)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the image with the region in it.

    Parameters
    ----------
    place : Place
        What it shows.
    voxels : ndarray of int16
        [z, y, x].
    region : ndarray of bool
        The reference region, [z, y, x].
    spacing_mm : tuple of float
        Along (z, y, x), millimetres.
    width_mm : float
        Greatest extent of the region from right to left on one axial slice, millimetres.
    """

    place: Place
    voxels: Voxels
    region: Bools
    spacing_mm: tuple[float, float, float]
    width_mm: float


def _mirrored(key: str, place: Place) -> Place:
    z0, z1, y0, y1, x0, x1 = place.core
    return replace(place, key=key, core=(z0, z1, y0, y1, _LAST_X + 1 - x1, _LAST_X + 1 - x0))


_FRONTAL = Place("right-frontal-horn", (66, 104, 64, 98, 62, 98), 100, 3, "none", (False, True))
_BODY = Place("right-ventricle-body", (74, 106, 98, 128, 62, 98), 100, 3, "none", (True, True))
_ATRIUM = Place("right-atrium", (58, 102, 128, 162, 56, 86), 105, 2, "choroid_plexus", (True, False))
_SYLVIAN = Place("right-sylvian-cistern", (45, 82, 80, 112, 48, 82), 100, 1, "vessel")

PLACES = (
    _FRONTAL,
    _mirrored("left-frontal-horn", _FRONTAL),
    _BODY,
    _mirrored("left-ventricle-body", _BODY),
    _ATRIUM,
    _mirrored("left-atrium", _ATRIUM),
    Place("third-ventricle", (60, 90, 98, 124, 90, 107), 105, 1, "partial_volume", (False, True)),
    Place("fourth-ventricle", (14, 66, 128, 158, 86, 111), 90, 2, "partial_volume"),
    Place("superior-cerebellar-cistern", (54, 84, 122, 162, 84, 113), 82, 1, "vessel"),
    _SYLVIAN,
    _mirrored("left-sylvian-cistern", _SYLVIAN),
    Place("interhemispheric-fissure", (100, 138, 118, 162, 92, 105), 92, 0, "partial_volume"),
)


def blocks(volume: Volume) -> Iterator[Block]:
    """Yield the block of each place.

    Parameters
    ----------
    volume : Volume
        The template.

    Raises
    ------
    ValueError
        A core holds nothing dark: the image is not the template.
    """
    if volume.spacing_mm is None:
        raise ValueError("The template states the size of its voxels.")
    for place in PLACES:
        outer = _widened(place, volume.shape)
        inside = _slices(place.core)
        region = np.zeros(volume.shape, dtype=np.bool_)
        region[inside] = _largest(volume.voxels[inside] < place.threshold, place.key)
        cut = _slices(outer)
        block = np.ascontiguousarray(region[cut])
        yield Block(
            place=place,
            voxels=np.ascontiguousarray(volume.voxels[cut]),
            region=block,
            spacing_mm=volume.spacing_mm,
            width_mm=_width(block) * volume.spacing_mm[2],
        )


def _largest(dark: Bools, key: str) -> Bools:
    labels, n_parts = ndimage.label(dark)
    if not n_parts:
        raise ValueError(f"Nothing dark at {key}; is the image the ICBM 152 template 2009a?")
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    closed = ndimage.binary_closing(labels == int(sizes.argmax())) | (labels == int(sizes.argmax()))
    filled: Bools = np.stack([ndimage.binary_fill_holes(plane) for plane in closed])
    return filled


def _width(region: Bools) -> int:
    widest = 0
    for plane in region:
        columns = np.flatnonzero(plane.any(axis=0))
        if columns.size:
            widest = max(widest, int(columns[-1] - columns[0]) + 1)
    return widest


def _widened(place: Place, shape: tuple[int, int, int]) -> Box:
    z0, z1, y0, y1, x0, x1 = place.core
    front, back = (0 if is_cut else _MARGIN for is_cut in place.is_cut)
    low = [max(z0 - _MARGIN, 0), max(y0 - front, 0), max(x0 - _MARGIN, 0)]
    high = [min(z1 + _MARGIN, shape[0]), min(y1 + back, shape[1]), min(x1 + _MARGIN, shape[2])]
    return low[0], high[0], low[1], high[1], low[2], high[2]


def _slices(box: Box) -> tuple[slice, slice, slice]:
    z0, z1, y0, y1, x0, x1 = box
    return slice(z0, z1), slice(y0, y1), slice(x0, x1)
