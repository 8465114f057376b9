"""NIfTI-1 and NIfTI-2 files (``.nii``, ``.nii.gz``) with one grey volume.

Source: Cox RW et al. (2004), A (sort of) new image data format standard: NIfTI-1; NIfTI-2 (2011).
"""

import zlib

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError
from nibabel.wrapstruct import WrapStructError
from numpy.typing import NDArray

from annotations.images._orientation import placed
from annotations.images.base import ImageProblem, Volume

MAX_BYTES = 2**31
_GZIP = b"\x1f\x8b"
_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])  # NIfTI counts to the right and to the front
_TO_MM = {"meter": 1000.0, "mm": 1.0, "micron": 0.001, "unknown": 1.0}


def read(content: bytes) -> Volume:
    """Return the volume of a file on the patient's axes.

    Parameters
    ----------
    content : bytes
        The whole file, with or without gzip. A length unit that the header does not state is millimetres, as
        every tool takes it.

    Returns
    -------
    Volume

    Raises
    ------
    ImageProblem
        The bytes are no NIfTI file, hold more than one volume or colours, or say nothing of the axes.
    """
    image = _image(_unpacked(content))
    shape = image.shape
    if len(shape) > 3 and set(shape[3:]) == {1}:
        shape = shape[:3]
    if len(shape) != 3 or min(shape) < 1:
        raise ImageProblem("not-a-volume", f"One volume is needed; the file has the sizes {image.shape}.")
    if not int(image.header["sform_code"]) and not int(image.header["qform_code"]):
        raise ImageProblem("no-orientation", "The header says nothing of how the image lies in the patient.")
    scale = _TO_MM[image.header.get_xyzt_units()[0]]  # type: ignore[no-untyped-call]
    affine = _TO_LPS @ np.diag([scale, scale, scale, 1.0]) @ np.asarray(image.affine, dtype=np.float64)
    return placed(_values(image).reshape(shape), affine)


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_GZIP):
        return content
    # Bounded: a few kilobytes of gzip can stand for terabytes.
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(content, MAX_BYTES)
    except zlib.error as error:
        raise ImageProblem("broken-gzip", f"The compressed file cannot be unpacked: {error}.") from error
    if not unpacker.eof:
        code, why = (
            ("too-large", f"is larger than {MAX_BYTES} bytes") if unpacker.unconsumed_tail else ("cut", "ends early")
        )
        raise ImageProblem(code, f"The compressed file {why}.")
    return plain


def _image(plain: bytes) -> nib.Nifti1Image:
    size = plain[:4]
    family = (
        nib.Nifti2Image if 540 in (int.from_bytes(size, "little"), int.from_bytes(size, "big")) else nib.Nifti1Image
    )
    try:
        return family.from_bytes(plain)
    except (ImageFileError, HeaderDataError, WrapStructError, ValueError, KeyError, OverflowError) as error:
        raise ImageProblem("not-nifti", "The bytes are not a NIfTI file.") from error


def _values(image: nib.Nifti1Image) -> NDArray[np.generic]:
    try:
        return np.asarray(image.dataobj)
    except (OSError, ValueError, EOFError) as error:
        raise ImageProblem("cut", "The file ends before its last voxel.") from error
