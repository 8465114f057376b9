"""Label maps in NIfTI: one mask for each number, on the patient's axes (LPS).

The volume is turned as the images are, so a mask that was saved with other axes than its image still
fits; its size and spacing must be the image's, because nothing is resampled. Numbers that passed
through a float scaling are rounded back; anything else that is not whole is refused. Source: Cox et al.
2004, NIfTI-1; NIfTI-2 (2011).
"""

import zlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import nibabel as nib
import numpy as np
import numpy.typing as npt
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError
from nibabel.wrapstruct import WrapStructError

from annotations.images import nifti
from annotations.images.base import ImageProblem, Volume
from annotations.importers._file import whole
from annotations.importers._label_map import MAP_OPTIONS, MAX_VOXELS, Layer, answers, options_of, whole_numbers
from annotations.importers._several import case_named, each
from annotations.importers.base import Imported, Importer, ImportProblem

OPTIONS = MAP_OPTIONS
ENDINGS = (".nii.gz", ".nii")
MAX_PLAIN = 2**30
_GZIP = b"\x1f\x8b"
_COARSEST = 0.125  # grey values a step: labels to about 8,000


def read(
    stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[Imported | ImportProblem]:
    """Return the masks of a label map, or of all the label maps of a zip; one alone is read before this returns.

    Parameters
    ----------
    stream : binary file
        Read whole; at most 200 MiB packed and 1 GiB, or 2**28 voxels, unpacked.
    questions : mapping
        Question code to label kind.
    options : mapping
        As ``MAP_OPTIONS`` describes.

    Returns
    -------
    iterator
        ``line`` counts the numbers found, rising; the mark is the number.
    """
    asked = options_of(questions, options)
    endings = tuple(options.get("ending", "").lower() + ending for ending in ENDINGS)

    def read_one(data: bytes, name: str) -> Iterator[Imported | ImportProblem]:
        case = case_named(options, name, endings)
        plain = _unpacked(data)
        _check_header(plain)
        try:
            volume = nifti.read(plain)
        except ImageProblem as problem:
            raise ImportProblem(problem.code, problem.message) from problem
        if volume.spacing_mm is None:
            raise ImportProblem("no-spacing", "The header says nothing of the size of a voxel.")
        return answers([Layer(_numbers(volume), {})], volume.spacing_mm, case, asked)

    return each(whole(stream), endings, read_one)


def _numbers(volume: Volume) -> npt.NDArray[np.generic]:
    """Return the voxels as the file has them; images keep floats in 65,536 steps of their range."""
    if volume.slope == 1.0:
        if volume.intercept % 1 or abs(volume.intercept) >= 2**30:
            raise ImportProblem("not-a-label-map", "The voxels are no whole numbers that labels could have.")
        return volume.voxels.astype(np.int32) + np.int32(volume.intercept) if volume.intercept else volume.voxels
    if volume.slope > _COARSEST:
        message = "The voxels range too far for labels; is it a picture?"
        raise ImportProblem("not-a-label-map", message)
    exact = volume.voxels.astype(np.float64) * volume.slope + volume.intercept
    # One step is how far a whole number may have moved.
    return whole_numbers(exact, error=volume.slope).astype(np.int32)


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(data, MAX_PLAIN)
    except zlib.error as error:
        raise ImportProblem("broken-gzip", f"The compressed file cannot be unpacked: {error}.") from error
    if not unpacker.eof and unpacker.unconsumed_tail:
        raise ImportProblem("too-large", f"The compressed file is larger than {MAX_PLAIN // 2**30} GiB.")
    return plain


def _check_header(plain: bytes) -> None:
    """Refuse a header that promises more voxels than the file holds, before any are allocated."""
    size = plain[:4]
    two = 540 in (int.from_bytes(size, "little"), int.from_bytes(size, "big"))
    try:
        header = (nib.Nifti2Image if two else nib.Nifti1Image).from_bytes(plain).header
        shape = [int(part) for part in header.get_data_shape()]  # type: ignore[no-untyped-call]
        item = int(header.get_data_dtype().itemsize)  # type: ignore[no-untyped-call]
        offset = int(header.get_data_offset())  # type: ignore[no-untyped-call]
    except (ImageFileError, HeaderDataError, WrapStructError, ValueError, KeyError, OverflowError) as error:
        raise ImportProblem("not-nifti", "The bytes are not a NIfTI file.") from error
    voxels = 1
    for part in shape:
        voxels *= max(part, 0)
    if voxels > MAX_VOXELS:
        raise ImportProblem("too-large", f"A label map has at most {MAX_VOXELS} voxels here.")
    if offset < 0 or offset + voxels * item > len(plain):
        raise ImportProblem("cut", "The file ends before its last voxel.")


SPEC = Importer(title="Label map (NIfTI)", suffixes=(".nii", ".nii.gz", ".zip"), read=read, options=OPTIONS)
