"""DICOM images: one series of slices, an enhanced multi-frame object, or a single picture, as one grey volume.

Files are sorted by where they lie in the patient, never by name. What cannot be shown truly is refused with its reason:
mixed series, gantry tilt, missing or doubled slices, compressions without a decoder here.

Source: DICOM PS3.3 C.7.6.2 (image plane), C.7.6.16 (multi-frame functional groups), C.11.1 (modality LUT); PS3.5 8.2.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.multival import MultiValue
from pydicom.pixels import apply_modality_lut, convert_color_space

from annotations.images import _grey
from annotations.images._orientation import lying_nowhere, placed, turn_of
from annotations.images.base import ImageProblem, Slices, Volume

# A file that can be opened again: its bytes are read when its turn has come, not before.
Opener = Callable[[], BinaryIO]

MAX_VOXELS = 2**30
MAX_FILES = 20_000
# Positions closer than this are one; steps that differ by more than this share of the common one are a gap.
SAME_MM = 1e-3
GAP = 0.02
# A shift of the slices within their plane, as a share of the step between them, from which the gantry was tilted.
TILT = 0.01
PARALLEL = 1e-4
_NO_PIXELS = "The object is no picture but {kind}."
# What reading foreign bytes may raise inside the library.
FAULTS = (
    InvalidDicomError, BytesLengthException, struct.error, ValueError, TypeError, AttributeError, LookupError, EOFError,
    OSError, NotImplementedError, OverflowError, RuntimeError, RecursionError, MemoryError, AssertionError,
    zlib.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a file before its pixels are read.

    Parameters
    ----------
    dataset : Dataset
        Without pixels. It names the patient: nothing of it may leave this package but through ``deidentify``.
    opener : callable
        Opens the file again.
    """

    dataset: Dataset
    opener: Opener

    @property
    def series(self) -> str:
        """UID of the series."""
        return str(self.dataset.get("SeriesInstanceUID", ""))


@dataclass(frozen=True, slots=True)
class Frame:
    """One slice: where it is found, and where it lies."""

    header: Header
    number: int
    position: NDArray[np.float64] | None
    axes: NDArray[np.float64] | None
    spacing: tuple[float, float] | None
    thickness: float | None
    rescale: tuple[float, float] | None


def is_dicom(head: bytes) -> bool:
    """Say whether the first 132 bytes are those of a DICOM file."""
    return head[128:132] == b"DICM"


def header_of(opener: Opener) -> Header:
    """Return a file's header; ImageProblem when it is no DICOM image."""
    with quiet():
        try:
            with opener() as stream:
                dataset = pydicom.dcmread(stream, stop_before_pixels=True, force=False)
        except FAULTS as error:
            raise ImageProblem("not-dicom", "The bytes are no DICOM file that can be read.") from error
        try:
            _check_image(dataset)
        except FAULTS as error:
            if isinstance(error, ImageProblem):
                raise
            raise ImageProblem("broken-header", "The header of the DICOM file cannot be read.") from error
    return Header(dataset, opener)


def quiet() -> Any:
    """Return a block in which the library's warnings, which quote header values, are not said."""
    return warnings.catch_warnings(action="ignore")


def read(headers: Sequence[Header]) -> Volume:
    """Return the volume of the files of one series.

    Parameters
    ----------
    headers : sequence of Header
        As ``header_of`` gives them, in any order.

    Returns
    -------
    Volume
        Slices are decoded one after the other into one array: besides it, one slice is held.

    Raises
    ------
    ImageProblem
        The files are not one series, their slices do not lie evenly behind each other, or a pixel cannot be decoded.
    """
    if not headers:
        raise ImageProblem("no-files", "There is no file.")
    with quiet():
        try:
            return _volume(headers)
        except FAULTS as error:
            if isinstance(error, ImageProblem):
                raise
            raise ImageProblem("broken-dicom", "The DICOM file cannot be read to its end.") from error


def read_bytes(content: bytes) -> Volume:
    """Return the volume of one file that is held in memory."""
    return read([header_of(lambda: io.BytesIO(content))])


def _check_image(dataset: Dataset) -> None:
    """Refuse what is no image, or too large, by the header alone."""
    modality = str(dataset.get("Modality", ""))
    if modality in ("SEG", "SR", "RTSTRUCT", "RTPLAN", "RTDOSE", "DOC", "PR", "KO", "ECG"):
        raise ImageProblem("no-image", _NO_PIXELS.format(kind=modality))
    rows, columns = int(dataset.get("Rows", 0) or 0), int(dataset.get("Columns", 0) or 0)
    frames = int(dataset.get("NumberOfFrames", 1) or 1)
    if rows < 1 or columns < 1 or frames < 1:
        raise ImageProblem("no-image", _NO_PIXELS.format(kind="one without rows and columns"))
    if rows * columns * frames > MAX_VOXELS:
        raise ImageProblem("too-large", f"An image has at most {MAX_VOXELS:,} voxels here.")


def _volume(headers: Sequence[Header]) -> Volume:
    first = headers[0].dataset
    if len({header.series for header in headers}) > 1:
        raise ImageProblem("mixed-series", "The files are of several series; hand in one series at a time.")
    shape = int(first.Rows), int(first.Columns)
    if any((int(one.dataset.Rows), int(one.dataset.Columns)) != shape for one in headers):
        raise ImageProblem("mixed-sizes", "The slices of the series differ in rows and columns.")
    frames = [frame for header in headers for frame in frames_of(header)]
    if len(frames) * shape[0] * shape[1] > MAX_VOXELS:
        raise ImageProblem("too-large", f"An image has at most {MAX_VOXELS:,} voxels here.")
    ordered, step = in_order(frames)
    values, notes = _decoded(ordered, shape)
    return _placed(values, ordered, step, notes)


def frames_of(header: Header) -> Iterator[Frame]:
    """Yield the slices of a file with their places."""
    dataset = header.dataset
    groups = dataset.get("PerFrameFunctionalGroupsSequence")
    if groups is None:
        n_frames = int(dataset.get("NumberOfFrames", 1) or 1)
        for number in range(n_frames):
            yield _frame(header, number, dataset, dataset, dataset, dataset if n_frames == 1 else Dataset())
        return
    shared = _item(dataset, "SharedFunctionalGroupsSequence") or Dataset()
    for number, group in enumerate(groups):
        yield _frame(
            header,
            number,
            _either(group, shared, "PlaneOrientationSequence"),
            _either(group, shared, "PixelMeasuresSequence"),
            _either(group, shared, "PixelValueTransformationSequence"),
            _either(group, shared, "PlanePositionSequence"),
        )


def _frame(header: Header, number: int, plane: Dataset, measures: Dataset, values: Dataset, place: Dataset) -> Frame:
    position = _numbers(place, "ImagePositionPatient", 3)
    orientation = _numbers(plane, "ImageOrientationPatient", 6)
    spacing = _numbers(measures, "PixelSpacing", 2)
    thickness = measures.get("SliceThickness")
    slope, intercept = values.get("RescaleSlope"), values.get("RescaleIntercept")
    return Frame(
        header=header,
        number=number,
        position=None if position is None else np.array(position),
        axes=None if orientation is None else np.array(orientation).reshape(2, 3),
        spacing=None if spacing is None or min(spacing) <= 0 else (spacing[0], spacing[1]),
        thickness=float(thickness) if thickness not in (None, "") and float(thickness) > 0 else None,
        rescale=None if slope in (None, "") else (float(slope), float(intercept or 0)),
    )


def _item(dataset: Dataset, name: str) -> Dataset | None:
    sequence = dataset.get(name)
    return sequence[0] if sequence else None


def _either(group: Dataset, shared: Dataset, name: str) -> Dataset:
    return _item(group, name) or _item(shared, name) or Dataset()


def _numbers(dataset: Dataset, name: str, length: int) -> list[float] | None:
    value = dataset.get(name)
    if not isinstance(value, MultiValue | list | tuple) or len(value) != length:
        return None
    found = [float(part) for part in value]
    return found if np.isfinite(found).all() else None


def in_order(frames: Sequence[Frame]) -> tuple[list[Frame], float | None]:
    """Return the slices from the foot of their normal to its head, and the step between them in millimetres.

    Raises
    ------
    ImageProblem
        Slices are not parallel, doubled, unevenly spaced, or shifted within their plane (gantry tilt).
    """
    if len(frames) == 1:
        return list(frames), frames[0].thickness
    if any(frame.position is None or frame.axes is None for frame in frames):
        if len({id(frame.header) for frame in frames}) == 1:
            raise ImageProblem("no-positions", "The frames do not say where they lie: a film is no volume.")
        raise ImageProblem("no-positions", "The slices do not say where they lie in the patient.")
    axes = np.array([frame.axes for frame in frames])
    if np.abs(axes - axes[0]).max() > PARALLEL:
        raise ImageProblem("not-parallel", "The slices are not parallel; a localiser may be among them.")
    normal = np.cross(axes[0, 0], axes[0, 1])
    places = np.array([frame.position for frame in frames])
    depths = places @ normal
    order = np.argsort(depths, kind="stable")
    steps = np.diff(depths[order])
    if (steps < SAME_MM).any():
        n_double = int((steps < SAME_MM).sum())
        raise ImageProblem("double-slices", f"{n_double} slices lie where another one lies.")
    step = float(np.median(steps))
    gaps = steps[np.abs(steps - step) > GAP * step]
    if len(gaps):
        n_missing = int(np.rint(gaps / step - 1).clip(min=0).sum())
        what = f"{n_missing} slices are missing" if n_missing else "the slices are unevenly spaced"
        raise ImageProblem("missing-slices", f"Between slices of {step:.3g} mm {what}.")
    shift = np.diff(places[order], axis=0) - np.outer(steps, normal)
    if np.abs(shift).max() > TILT * step:
        raise ImageProblem("gantry-tilt", "The gantry was tilted: the slices are shifted and would be shown skewed.")
    return [frames[place] for place in order], step


def _decoded(frames: Sequence[Frame], shape: tuple[int, int]) -> tuple[NDArray[np.generic], tuple[str, ...]]:
    """Return the grey values of all slices (slices, rows, columns), decoded file by file."""
    # As narrow as the values allow: a gigabyte of pixels is then a gigabyte here too.
    values: NDArray[Any] = np.zeros((len(frames), *shape), dtype=np.int16)
    notes: dict[str, None] = {}
    by_file: dict[int, list[tuple[int, Frame]]] = {}
    for place, frame in enumerate(frames):
        by_file.setdefault(id(frame.header), []).append((place, frame))
    for group in by_file.values():
        dataset = _whole(group[0][1].header)
        pixels = _pixels(dataset)
        if pixels.shape[0] != int(dataset.get("NumberOfFrames", 1) or 1):
            raise ImageProblem("cut", "The file holds fewer frames than it promises.")
        for place, frame in group:
            plane = _shown(pixels[frame.number], dataset, frame, notes)
            if not _holds(values.dtype, plane):
                values = values.astype(np.result_type(plane.dtype, values.dtype))
            values[place] = plane
    return values, tuple(notes)


def _holds(kind: np.dtype[Any], plane: NDArray[Any]) -> bool:
    """Tell whether a type holds every value of a plane exactly."""
    if np.can_cast(plane.dtype, kind):
        return True
    if kind.kind != "i" or plane.dtype.kind not in "iub":
        return False
    limits = np.iinfo(kind)
    return bool(limits.min <= plane.min() and plane.max() <= limits.max)


def _whole(header: Header) -> Dataset:
    with header.opener() as stream:
        return pydicom.dcmread(stream, force=False)


def _pixels(dataset: Dataset) -> NDArray[Any]:
    """Return the decoded pixels (frames, rows, columns[, samples])."""
    try:
        pixels: NDArray[Any] = dataset.pixel_array
    except FAULTS as error:
        syntax = dataset.file_meta.get("TransferSyntaxUID") if "file_meta" in dataset.__dict__ else None
        name = getattr(syntax, "name", None) or "of this file"
        if syntax is not None and syntax.is_compressed:
            raise ImageProblem("cannot-decode", f"The pixels cannot be decoded: {name}.") from error
        raise ImageProblem("cut", "The pixels are damaged or end early.") from error
    n_frames = int(dataset.get("NumberOfFrames", 1) or 1)
    return pixels if n_frames > 1 else pixels[None]


def _shown(plane: NDArray[Any], dataset: Dataset, frame: Frame, notes: dict[str, None]) -> NDArray[Any]:
    """Return one slice as grey values, brighter for more."""
    photometric = str(dataset.get("PhotometricInterpretation", "MONOCHROME2"))
    if plane.ndim == 3:
        if photometric.startswith("YBR") and not photometric.startswith(("YBR_RCT", "YBR_ICT")):
            plane = convert_color_space(plane, photometric, "RGB")
        notes[_grey.NOTE] = None
        return _grey.grey(plane)
    if photometric == "PALETTE COLOR":
        raise ImageProblem("palette-colour", "Pictures with a colour palette have no grey values.")
    values: NDArray[Any] = plane
    if frame.rescale is not None:
        slope, intercept = frame.rescale
        is_whole = slope == int(slope) and intercept == int(intercept)
        values = plane.astype(np.int32) * int(slope) + int(intercept) if is_whole else plane * slope + intercept
    elif "ModalityLUTSequence" in dataset:
        values = apply_modality_lut(plane, dataset)
    if photometric == "MONOCHROME1":
        notes["Grey values were stored upside down (MONOCHROME1) and have been turned."] = None
        values = -values.astype(np.int32) if values.dtype.kind in "iub" else -values
    return values.astype(np.int32) if values.dtype.kind in "iub" and values.dtype.itemsize <= 4 else values


def _placed(values: NDArray[Any], frames: Sequence[Frame], step: float | None, notes: tuple[str, ...]) -> Volume:
    """Return the slices as a volume on the patient's axes, or as a picture where they say nothing of them."""
    frame = frames[0]
    if frame.axes is None or frame.position is None or frame.spacing is None:
        spacing = None if frame.spacing is None else (frame.thickness or frame.spacing[0], *frame.spacing)
        said = () if frame.axes is not None else ("The file does not say how the picture lies in the patient.",)
        return replace(lying_nowhere(values, spacing, (*notes, *said)), slices=_slices(frames, 0))
    along_rows, along_columns = frame.axes
    # A slice alone without a thickness counts as thick as its rows are apart: areas are exact, volumes not meant.
    depth = step or frame.thickness or frame.spacing[0]
    affine = np.eye(4)
    affine[:3, 0] = np.cross(along_rows, along_columns) * depth
    affine[:3, 1] = along_columns * frame.spacing[0]
    affine[:3, 2] = along_rows * frame.spacing[1]
    affine[:3, 3] = frame.position
    turn = turn_of(affine)
    axis = turn.order.index(0)
    ordered = frames[::-1] if turn.flips[axis] else frames
    return replace(placed(values, affine, notes), slices=_slices(ordered, axis))


def _slices(frames: Sequence[Frame], axis: int) -> Slices | None:
    """Return the files' own UIDs of the planes in their order; None where a file does not state them."""
    datasets = [frame.header.dataset for frame in frames]
    if any(not one.get("SOPClassUID") or not one.get("SOPInstanceUID") for one in datasets):
        return None
    return Slices(
        axis=axis,
        classes=tuple(str(one.SOPClassUID) for one in datasets),
        instances=tuple(str(one.SOPInstanceUID) for one in datasets),
        frames=tuple(frame.number + 1 if "NumberOfFrames" in frame.header.dataset else None for frame in frames),
    )
