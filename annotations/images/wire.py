"""Voxels and masks as bytes: what is stored, and what a browser gets.

Voxels are int16, little-endian, in C order [z, y, x]. A mask is its bounding box and one bit a voxel of
the box, in the same order, least bit first; the bits left over in the last byte are 0.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.images.base import ImageProblem, Voxels

Bools = NDArray[np.bool_]
Box = tuple[int, int, int, int, int, int]

NOWHERE: Box = (0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class PackedMask:
    """A mask inside its box.

    Parameters
    ----------
    box : tuple of int
        Half-open (z0, z1, y0, y1, x0, x1), voxels; all 0 for an empty mask.
    bits : bytes
        One bit a voxel of the box.
    """

    box: Box
    bits: bytes


def voxel_bytes(voxels: Voxels) -> memoryview:
    """Return a volume [z, y, x] as bytes; where the array has them so already they are its own, not a copy."""
    values: Any = np.ascontiguousarray(voxels, dtype="<i2").reshape(-1)
    return memoryview(values).cast("B")


def voxels_of(content: bytes, shape: tuple[int, int, int]) -> Voxels:
    """Return the volume of bytes; ImageProblem when they are not of this shape.

    Parameters
    ----------
    content : bytes
        As ``voxel_bytes`` returns them.
    shape : tuple of int
        Voxels along (z, y, x).
    """
    if len(content) != 2 * math.prod(shape):
        sizes = " × ".join(map(str, shape))
        raise ImageProblem("wrong-size", f"{len(content)} bytes do not hold {sizes} voxels of two bytes.")
    return np.frombuffer(content, dtype="<i2").reshape(shape).astype(np.int16, copy=False)


def box_of(mask: Bools, margin: int = 0) -> Box:
    """Return the smallest box that holds a mask [z, y, x], widened by ``margin`` voxels inside the image."""
    if not mask.any():
        return NOWHERE
    ends: list[int] = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        found = np.flatnonzero(mask.any(axis=others))
        ends += [max(int(found[0]) - margin, 0), min(int(found[-1]) + 1 + margin, mask.shape[axis])]
    return ends[0], ends[1], ends[2], ends[3], ends[4], ends[5]


def pack_mask(mask: Bools) -> PackedMask:
    """Return a mask [z, y, x] in its box."""
    box = box_of(mask)
    z0, z1, y0, y1, x0, x1 = box
    inside = np.ascontiguousarray(mask[z0:z1, y0:y1, x0:x1])
    return PackedMask(box, np.packbits(inside, bitorder="little").tobytes())


def unpack_mask(packed: PackedMask, shape: tuple[int, int, int]) -> Bools:
    """Return the mask [z, y, x]; ImageProblem when box, bits and shape do not fit each other."""
    z0, z1, y0, y1, x0, x1 = packed.box
    sizes = (z1 - z0, y1 - y0, x1 - x0)
    ends = zip((z0, y0, x0), (z1, y1, x1), shape, strict=True)
    if any(not 0 <= start <= end <= size for start, end, size in ends):
        raise ImageProblem("wrong-size", "The box of the mask does not lie in the image.")
    n_voxels = math.prod(sizes)
    if len(packed.bits) != math.ceil(n_voxels / 8):
        raise ImageProblem("wrong-size", f"{len(packed.bits)} bytes do not hold the bits of {n_voxels} voxels.")
    mask = np.zeros(shape, dtype=np.bool_)
    bits = np.unpackbits(np.frombuffer(packed.bits, dtype=np.uint8), count=n_voxels, bitorder="little")
    mask[z0:z1, y0:y1, x0:x1] = bits.reshape(sizes)
    return mask
