"""Mean signed distance to the borders of several masks, in millimetres (shape-based averaging)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from qc.consensus._layout import Mask


def mean_signed_distance(masks: Sequence[Mask], spacing_mm: Sequence[float]) -> NDArray[np.float64] | None:
    """Return the mean over masks of distance outside minus distance inside.

    Parameters
    ----------
    masks : sequence of ndarray of bool
        Non-empty masks of one shape.
    spacing_mm : sequence of float
        Millimetres between voxel centres along each axis of the masks.

    Returns
    -------
    ndarray of float64 or None
        Negative inside; millimetres. None when a mask fills the whole array, because nothing then says how
        deep its inside is.

    References
    ----------
    Rohlfing T, Maurer CR (2007), Shape-based averaging, doi:10.1109/TIP.2006.884936.
    """
    if any(mask.all() for mask in masks):
        return None
    total = np.zeros(masks[0].shape, dtype=np.float64)
    for mask in masks:
        total += signed_distance(mask, spacing_mm)
    mean: NDArray[np.float64] = total / len(masks)
    return mean


def signed_distance(mask: Mask, spacing_mm: Sequence[float]) -> NDArray[np.float64]:
    """Return the distance to the nearest voxel of the mask minus that to the nearest outside it; mm, never 0.

    Parameters
    ----------
    mask : ndarray of bool
        Neither empty nor full.
    spacing_mm : sequence of float
        Millimetres between voxel centres along each axis.
    """
    outside: NDArray[np.float64] = ndimage.distance_transform_edt(~mask, sampling=spacing_mm)
    outside -= ndimage.distance_transform_edt(mask, sampling=spacing_mm)
    return outside
