"""The voxels that a reader marked, as a binary mask on the image's own grid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from annotations.labels import _coco_rle, _runs
from annotations.labels.base import Geometry, Kind, LabelError, check_kind, check_many


@dataclass(frozen=True, slots=True)
class Mask:
    """A binary mask.

    Parameters
    ----------
    shape : tuple of int
        Voxels along (z, y, x); z is 1 for a single picture.
    runs : str
        Run lengths as ``annotations.labels._runs`` writes them: one mask, one text.
    """

    kind: ClassVar[str] = "mask"
    shape: tuple[int, int, int]
    runs: str

    @property
    def voxels(self) -> int:
        """Return the number of voxels marked."""
        return int(_runs.unpack(self.runs, _runs.check_shape(self.shape))[1::2].sum())

    def array(self) -> npt.NDArray[np.bool_]:
        """Return the mask as bool[z, y, x]."""
        return _runs.decode(self.runs, self.shape)

    def dump(self) -> dict[str, Any]:
        """Return ``{"kind": "mask", "shape": [z, y, x], "runs": …}``."""
        return {"kind": self.kind, "shape": list(self.shape), "runs": self.runs}


def parse(value: Mapping[str, Any], definition: Mapping[str, Any], geometry: Geometry | None) -> Mask:
    """Return the mask, or LabelError when its runs do not cover its shape or its shape is not the image's.

    Parameters
    ----------
    value : mapping
        ``{"kind": "mask", "shape": [z, y, x], "runs": …}``; or, for one slice of a file in COCO form,
        ``{"kind": "mask", "shape": …, "coco_rle": {"size": [y, x], "counts": …}, "slice": k}``, which
        becomes the same canonical label.
    definition : mapping
        Not used.
    geometry : Geometry or None
        The image's grid, in voxels; None when it is not known.
    """
    from_coco = isinstance(value, Mapping) and "coco_rle" in value
    check_kind(value, "mask", ("shape", "coco_rle", "slice") if from_coco else ("shape", "runs"))
    shape = _shape(value["shape"], geometry)
    if from_coco:
        return Mask(shape, _one_slice(value, shape))
    _runs.unpack(value["runs"], _runs.check_shape(shape))
    return Mask(shape, value["runs"])


def mask_of(label: Mapping[str, Any]) -> Mask:
    """Return the mask of a canonical label, which was checked when it was taken."""
    z, y, x = label["shape"]
    return Mask((z, y, x), label["runs"])


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse only what no question may have: a mask needs no definition."""
    check_many(definition)


def _shape(value: object, geometry: Geometry | None) -> tuple[int, int, int]:
    if not isinstance(value, list | tuple) or len(value) != 3 or any(type(size) is not int for size in value):
        raise LabelError("bad-shape", "/shape", "A shape is three whole numbers: voxels along z, y and x.")
    shape = (value[0], value[1], value[2])
    _runs.check_shape(shape)
    if geometry is not None and shape != tuple(geometry.shape):
        mine, image = (" × ".join(str(size) for size in sizes) for sizes in (shape, geometry.shape))
        raise LabelError("shape-mismatch", "/shape", f"The mask is {mine} voxels along (z, y, x), the image {image}.")
    return shape


def _one_slice(value: Mapping[str, Any], shape: tuple[int, int, int]) -> str:
    """Return the runs of a volume that is empty but for one slice, without allocating the volume."""
    index = value["slice"]
    if type(index) is not int or not 0 <= index < shape[0]:
        raise LabelError("bad-slice", "/slice", f"A slice is a whole number from 0 to {shape[0] - 1}.")
    plane = _coco_rle.decode(value["coco_rle"])
    if plane.shape != shape[1:]:
        size = f"{plane.shape[0]} × {plane.shape[1]}"
        message = f"The run lengths are of {size} pixels (height × width), the shape says {shape[1]} × {shape[2]}."
        raise LabelError("shape-mismatch", "/coco_rle/size", message)
    lengths = _runs.lengths_of(plane)
    lengths[0] += index * plane.size
    after = (shape[0] - 1 - index) * plane.size
    if lengths.size % 2:  # the last run counts zeros
        lengths[-1] += after
    elif after:
        lengths = np.append(lengths, after)
    return _runs.pack(lengths)


SPEC = Kind(title="Mask", parse=parse, scales=frozenset({"none"}), check_definition=check_definition)
