"""Where masks lie in their image, and the part of it that a model looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from qc.readings.cropped import Cropped

Box = tuple[slice, ...]
Domain = str | Sequence[Sequence[int]]

UNION_BOX, IMAGE = "union_box", "image"
_LEAST_MARGIN = 3
# The margin is the size of the box divided by this, rounded up.
_MARGIN_PARTS = 10


@dataclass(frozen=True, slots=True)
class Frame:
    """The image, and where the masks were cut from it.

    Parameters
    ----------
    shape : tuple of int
        Of the image.
    corner : tuple of int
        First voxel of the masks; zeros where they are the image.
    """

    shape: tuple[int, ...]
    corner: tuple[int, ...]

    def place(self, box: Box) -> Box:
        """Return a box of the masks as a box of the image."""
        return tuple(slice(side.start + first, side.stop + first) for side, first in zip(box, self.corner, strict=True))

    def domain(self, box: Box, domain: Domain) -> Box:
        """Return the part of the image that takes part, in the image's own coordinates.

        Parameters
        ----------
        box : tuple of slice
            Bounding box of the union, in the image.
        domain : str or sequence of (start, stop)
            ``union_box``, the box widened on each side by 10 % of its size and at least 3 voxels; ``image``; or
            a half-open range an axis, cut at the image.
        """
        if domain == IMAGE:
            return tuple(slice(0, length) for length in self.shape)
        if isinstance(domain, str):
            margins = [max(_LEAST_MARGIN, -((side.start - side.stop) // _MARGIN_PARTS)) for side in box]
            return grow(box, self.shape, margins)
        return tuple(
            slice(max(0, start), min(length, stop)) for (start, stop), length in zip(domain, self.shape, strict=True)
        )

    def cut(self, box: Box, shape: Sequence[int]) -> Box:
        """Return the part of an image's box that the masks, of this shape, cover."""
        return tuple(
            slice(max(0, side.start - first), max(0, min(length, side.stop - first)))
            for side, first, length in zip(box, self.corner, shape, strict=True)
        )


def frame_of(masks: Mapping[str, Any], shape: tuple[int, ...]) -> Frame:
    """Return the frame of the masks, which have this shape."""
    if isinstance(masks, Cropped):
        return Frame(masks.shape, masks.corner)
    return Frame(shape, (0,) * len(shape))


def check_domain(domain: Domain) -> None:
    """Refuse a domain that is no name and no box."""
    if isinstance(domain, str):
        if domain not in (UNION_BOX, IMAGE):
            raise ValueError(f"domain must be {UNION_BOX}, {IMAGE} or a range for each axis.")
    elif any(len(side) != 2 or not side[0] < side[1] for side in domain):
        raise ValueError("domain must name a first place and one after the last for each axis.")


def holds(outer: Box, inner: Box) -> bool:
    """Return whether one box holds another."""
    return all(a.start <= b.start and b.stop <= a.stop for a, b in zip(outer, inner, strict=True))


def grow(box: Box, shape: Sequence[int], margins: Sequence[int]) -> Box:
    """Return the box widened by ``margins`` voxels on both sides of each axis, cut at the image."""
    return tuple(
        slice(max(0, side.start - margin), min(length, side.stop + margin))
        for side, length, margin in zip(box, shape, margins, strict=True)
    )


def size(box: Box) -> int:
    """Return the number of voxels of a box."""
    return prod(side.stop - side.start for side in box)


def as_ranges(box: Box) -> list[list[int]]:
    """Return a box as plain numbers."""
    return [[side.start, side.stop] for side in box]
