"""Connected regions of dispute: what a person decides in one look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from qc.consensus._layout import Mask


@dataclass(frozen=True, slots=True)
class Component:
    """One connected region (faces, edges and corners connect).

    Parameters
    ----------
    box : tuple of (start, stop)
        Half-open range along each axis.
    voxels : int
        Size.
    disagreement : float
        Mean of 4p(1−p) over its voxels, p the share of readers: 1 where they split evenly.
    """

    box: tuple[tuple[int, int], ...]
    voxels: int
    disagreement: float

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "box": [list(side) for side in self.box],
            "voxels": self.voxels,
            "disagreement": self.disagreement,
        }


def components(
    disputed: Mask, disagreement: NDArray[np.float32], corner: Sequence[int], least: int
) -> tuple[Component, ...]:
    """Return the connected regions of at least ``least`` voxels, largest first, then by place.

    Parameters
    ----------
    disputed : ndarray of bool
        Voxels on which readers part.
    disagreement : ndarray of float32
        4p(1−p), same shape.
    corner : sequence of int
        First voxel of the arrays in the image, to which the boxes refer.
    least : int
        Fewest voxels.
    """
    regions, count = ndimage.label(disputed, structure=np.ones((3,) * disputed.ndim))
    if not count:
        return ()
    sizes = np.bincount(regions.ravel())
    sums = np.bincount(regions.ravel(), weights=disagreement.ravel())
    found = [
        Component(
            box=tuple((side.start + first, side.stop + first) for side, first in zip(sides, corner, strict=True)),
            voxels=int(sizes[number]),
            disagreement=float(sums[number] / sizes[number]),
        )
        for number, sides in enumerate(ndimage.find_objects(regions), start=1)
        if sizes[number] >= least
    ]
    return tuple(sorted(found, key=lambda one: (-one.voxels, one.box)))
