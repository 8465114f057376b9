"""DICOM Segmentation objects: one mask for each segment, put where its planes lie in the patient.

Binary, labelmap, and fractional ones with a threshold. The planes of a segmentation may be few of the image's and
stand in any order; they are put back by their positions in millimetres, never by their number. Sources: DICOM PS3.3
A.51, A.94 and C.8.20 (2024e); Bridge CP et al. J Digit Imaging 35:1719-1737, 2022. doi:10.1007/s10278-022-00683-y. Read
by highdicom.
"""

import io
import math
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

import highdicom
import numpy as np
import numpy.typing as npt
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID, SegmentationStorage

from annotations.images._orientation import turn_of, turned_affine
from annotations.images.base import ImageProblem
from annotations.images.dicom import FAULTS as DICOM_FAULTS
from annotations.images.dicom import quiet
from annotations.importers._file import whole
from annotations.importers._label_map import MAP_OPTIONS, MAX_VOXELS, Asked, Layer, answers, options_of
from annotations.importers._several import case_named, each
from annotations.importers.base import Imported, Importer, ImportProblem, Lies

THRESHOLD = "threshold"
OPTIONS = {
    **{name: words for name, words in MAP_OPTIONS.items() if name != "labels"},
    "labels": "What segments of the file are called here: Liver=liver; others keep their label",
    THRESHOLD: "For fractional segments: what share of a voxel, above 0 and up to 1, makes it part of the mask",
}
ENDINGS = (".dcm",)
LABEL_MAP = UID("1.2.840.10008.5.1.4.1.1.66.7")
CLASSES = frozenset({SegmentationStorage, LABEL_MAP})
MAX_SEGMENTS = 256
FRACTIONAL = "FRACTIONAL"
SAME_STEP = 1e-3
BROKEN = "The segmentation is not well formed and cannot be read."
# What the libraries raise over a damaged object; highdicom asks a database in memory for its frames.
FAULTS = (*DICOM_FAULTS, sqlite3.Error)


def read(
    stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[Imported | ImportProblem]:
    """Return the masks of a segmentation, or of all those of a zip; one alone is read before this returns.

    Parameters
    ----------
    stream : binary file
        Read whole; at most 200 MiB packed.
    questions : mapping
        Question code to label kind.
    options : mapping
        As ``OPTIONS`` describes.

    Returns
    -------
    iterator
        ``line`` and mark are the number of the segment; ``lies`` says where the mask's own grid stands.
    """
    plain = {name: text for name, text in options.items() if name not in (THRESHOLD, "labels")}
    asked = options_of(questions, plain)
    threshold, renamed = _threshold(options), _renamed(options.get("labels", ""))

    def read_one(data: bytes, name: str) -> Iterator[Imported | ImportProblem]:
        case = case_named(options, name, ENDINGS)
        return _guarded(_answers(_opened(data), case, asked, (threshold, renamed)))

    return each(whole(stream), ENDINGS, read_one)


def _guarded(found: Iterator[Imported | ImportProblem]) -> Iterator[Imported | ImportProblem]:
    """Yield answers; name the file as broken where a value that is read only now cannot be."""
    try:
        with quiet():
            yield from found
    except FAULTS as error:
        if isinstance(error, ImportProblem):
            raise
        raise ImportProblem("broken-segmentation", BROKEN) from error


def _threshold(options: Mapping[str, str]) -> float | None:
    text = options.get(THRESHOLD, "")
    try:
        value = float(text) if text else None
    except ValueError:
        value = math.nan
    if value is not None and not 0 < value <= 1:
        raise ImportProblem("bad-option", "A threshold lies above 0 and is at most 1.", column=THRESHOLD)
    return value


def _renamed(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(name.strip() and sign and code.strip() for name, sign, code in pairs):
        raise ImportProblem("bad-option", "Segments are renamed as Liver=liver, Left lung=lung.", column="labels")
    return {name.strip(): code.strip() for name, _, code in pairs}


def _opened(data: bytes) -> Any:
    """Return the segmentation; refuse what is none, or promises more than this reads, before it is decoded."""
    try:
        with quiet():
            dataset = dcmread(io.BytesIO(data))
            # Values are read when they are asked for, and so may fail here as well.
            kind = dataset.get("SOPClassUID")
            if kind not in CLASSES:
                name = getattr(kind, "name", "of an unknown kind")
                raise ImportProblem("not-a-segmentation", f"This DICOM object is no segmentation but: {name}.")
            _check_size(dataset)
            _check_places(dataset)
            return highdicom.seg.Segmentation.from_dataset(dataset, copy=False)
    except InvalidDicomError as error:
        raise ImportProblem("not-dicom", "The bytes are no DICOM file.") from error
    except FAULTS as error:
        if isinstance(error, ImportProblem):
            raise
        raise ImportProblem("broken-segmentation", BROKEN) from error


def _check_size(dataset: Dataset) -> None:
    sizes = [dataset.get(name) for name in ("Rows", "Columns")]
    frames = dataset.get("NumberOfFrames", 1)
    if not all(isinstance(size, int) and size > 0 for size in sizes) or not str(frames).isdecimal():
        raise ImportProblem("broken-segmentation", "Rows, columns or the number of frames are missing.")
    if math.prod(sizes) * int(frames) > MAX_VOXELS:  # type: ignore[arg-type]
        raise ImportProblem("too-large", f"A segmentation has at most {MAX_VOXELS} voxels here.")
    if len(dataset.get("SegmentSequence", ())) > MAX_SEGMENTS:
        raise ImportProblem("too-large", f"A segmentation has at most {MAX_SEGMENTS} segments here.")


def _check_places(dataset: Dataset) -> None:
    """Refuse planes of which the file does not say where they lie: a film, a slide in tiles."""
    groups = [*dataset.get("SharedFunctionalGroupsSequence", ()), *dataset.get("PerFrameFunctionalGroupsSequence", ())]
    placed = [group for group in groups if group.get("PlanePositionSequence")]
    if not placed or not all(place.PlanePositionSequence[0].get("ImagePositionPatient") for place in placed):
        message = "The file does not say where its planes lie in the patient, so that they cannot be put on an image."
        raise ImportProblem("no-positions", message)


def _answers(
    found: Any, case: str, asked: Asked, how: tuple[float | None, Mapping[str, str]]
) -> Iterator[Imported | ImportProblem]:
    """Yield the answers of every segment, each with the place of its own grid."""
    threshold, renamed = how
    if str(found.SegmentationType) == FRACTIONAL and threshold is None:
        message = "The segments are fractional; the option 'threshold' says what share of a voxel belongs to the mask."
        raise ImportProblem("fractional", message, column=THRESHOLD)
    joined: npt.NDArray[np.bool_] | None = None
    numbers = [int(number) for number in found.segment_numbers]
    for number in numbers:
        voxels, lies = _segment(found, number, threshold)
        if asked.together:
            joined = voxels if joined is None else joined | voxels
            if number != numbers[-1]:
                continue
            voxels = joined
        label = str(found.get_segment_description(number).SegmentLabel)
        layer = Layer(voxels.astype(np.uint8) * number, {number: renamed.get(label, label)})
        for answer in answers([layer], lies.spacing_mm, case, asked):
            placed = replace(answer, lies=lies) if isinstance(answer, Imported) and "runs" in answer.value else answer
            yield replace(placed, line=number) if isinstance(placed, Imported) else placed


def _segment(found: Any, number: int, threshold: float | None) -> tuple[npt.NDArray[np.bool_], Lies]:
    """Return the voxels [z, y, x] of one segment on the patient's axes, and where their grid stands."""
    try:
        with quiet():
            volume = found.get_volume(segment_numbers=[number])
        values, affine = _spread(np.asarray(volume.array)[..., 0], np.array(volume.affine), _step(found))
        turn = turn_of(affine)
    except (*FAULTS, ImageProblem) as error:
        if isinstance(error, ImportProblem):
            raise
        message = f"The planes of segment {number} are no volume with one distance between them."
        raise ImportProblem("not-a-volume", message, line=number) from error
    voxels = np.ascontiguousarray(turn.apply(values >= threshold if threshold is not None else values > 0))
    turned = turned_affine(affine, turn, values.shape)
    steps = np.linalg.norm(turned[:3, :3], axis=0)
    axes = tuple(tuple(float(part) for part in turned[:3, axis] / steps[axis]) for axis in range(3))
    spacing = (float(steps[2]), float(steps[1]), float(steps[0]))
    x, y, z = (float(part) for part in turned[:3, 3])
    return voxels.astype(np.bool_), Lies((x, y, z), axes, spacing)


def _step(found: Any) -> float | None:
    """Return the millimetres between planes that the file states; None where it states none."""
    groups = [*found.get("SharedFunctionalGroupsSequence", ()), *found.get("PerFrameFunctionalGroupsSequence", ())[:1]]
    for name in ("SpacingBetweenSlices", "SliceThickness"):
        for group in groups:
            measures = group.get("PixelMeasuresSequence")
            if measures and measures[0].get(name):
                return abs(float(measures[0].get(name)))
    return None


def _spread(
    values: npt.NDArray[Any], affine: npt.NDArray[np.float64], stated: float | None
) -> tuple[npt.NDArray[Any], npt.NDArray[np.float64]]:
    """Return planes one step apart: those that a segment leaves out between its own are empty.

    A single plane does not tell how far the next would be; then the step is the one that the file states.
    """
    affine = affine.astype(np.float64)
    apart = float(np.linalg.norm(affine[:3, 0]))
    if len(values) == 1:
        if stated is None:
            raise ImportProblem("no-spacing", "A segment is one plane, and the distance of the next is not stated.")
        affine[:3, 0] *= stated / apart
        return values, affine
    times = round(apart / stated) if stated else 1
    if times <= 1 or abs(apart - times * (stated or apart)) > SAME_STEP * apart:
        return values, affine
    filled = np.zeros(((len(values) - 1) * times + 1, *values.shape[1:]), dtype=values.dtype)
    filled[::times] = values
    affine[:3, 0] /= times
    return filled, affine


SPEC = Importer(title="DICOM Segmentation", suffixes=(".dcm", ".zip"), read=read, options=OPTIONS)
