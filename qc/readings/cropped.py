"""Masks cut from a larger image, which remember what they were cut from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qc.readings.base import AnyArray


@dataclass(frozen=True, slots=True)
class Cropped(Mapping[str, AnyArray]):
    """A mapping from reader to array, all cut from one image at one place.

    A method that looks at the background around the marks answers for the image, not for the cut.

    Parameters
    ----------
    arrays : mapping from reader to array
        Masks or label maps of one shape; nothing is marked outside the cut.
    shape : tuple of int
        Of the image.
    corner : tuple of int
        First voxel of the cut along each axis of the image.
    """

    arrays: Mapping[str, AnyArray]
    shape: tuple[int, ...]
    corner: tuple[int, ...]

    def __getitem__(self, reader: str) -> AnyArray:
        return self.arrays[reader]

    def __iter__(self) -> Iterator[str]:
        return iter(self.arrays)

    def __len__(self) -> int:
        return len(self.arrays)
