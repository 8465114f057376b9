"""RT structure sets: each structure's closed lines, drawn on the image by where they lie in the patient.

The file holds no grid, so the voxels are made when the case's image is known. Sources: DICOM PS3.3 A.19, C.8.8.5 and
C.8.8.6 (2024e).
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import RTStructureSetStorage

from annotations.images.dicom import FAULTS, quiet
from annotations.importers._file import check_options, names, whole
from annotations.importers._label_map import MAP_OPTIONS
from annotations.importers._several import case_named, each
from annotations.importers._shapes import TARGET_OPTIONS, Place, Target, named, nothing, target_of
from annotations.importers.base import Contour, Imported, Importer, ImportProblem

STRUCTURES = "structures"
OPTIONS = {
    "case": MAP_OPTIONS["case"],
    "reader": MAP_OPTIONS["reader"],
    **TARGET_OPTIONS,
    STRUCTURES: "Which structures are read and what they are called here: GTV=tumour, Heart; without it all",
}
ENDINGS = (".dcm",)
CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
MAX_STRUCTURES = 256
MAX_POINTS = 5_000_000
MAX_MM = 1e6
BROKEN = "The structure set is not well formed and cannot be read."


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure as the file names it."""

    number: int
    name: str
    contours: tuple[Dataset, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The options, read once; ``names`` is empty where all structures are read."""

    target: Target
    reader: str
    names: Mapping[str, str]


def read(
    stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[Imported | ImportProblem]:
    """Return the structures of a set, or of all those of a zip.

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
        ``line`` and mark are the structure's number; ``contours`` are its lines in the patient.
    """
    check_options(options, OPTIONS, ("reader", "question"))
    target = target_of(questions, options)
    if target.kind != "mask":
        message = "Structures become voxels; name a mask question in the option 'question'."
        raise ImportProblem("wrong-question", message, column="question")
    parts = [one.partition("=") for one in names(options, STRUCTURES)]
    wanted = {name.strip(): code.strip() or name.strip() for name, _, code in parts}
    asked = Asked(target, options["reader"], wanted)

    def read_one(data: bytes, name: str) -> Iterator[Imported | ImportProblem]:
        return _answers(_opened(data), case_named(options, name, ENDINGS), asked)

    return each(whole(stream), ENDINGS, read_one)


def _opened(data: bytes) -> list[Structure]:
    """Return the structures; refuse what is no structure set."""
    if data[128:132] != b"DICM":
        raise ImportProblem("not-dicom", "The bytes are no DICOM file.")
    try:
        with quiet():
            dataset = dcmread(io.BytesIO(data))
            kind = dataset.get("SOPClassUID")
            if kind != RTStructureSetStorage:
                name = getattr(kind, "name", "of an unknown kind")
                raise ImportProblem("not-a-structure-set", f"This DICOM object is no structure set but: {name}.")
            titles = {int(one.ROINumber): str(one.get("ROIName", "")) for one in dataset.StructureSetROISequence}
            drawn = {
                int(one.ReferencedROINumber): tuple(one.get("ContourSequence") or ())
                for one in dataset.get("ROIContourSequence", ())
            }
    except FAULTS as error:
        if isinstance(error, ImportProblem):
            raise
        raise ImportProblem("broken-structure-set", BROKEN) from error
    if len(titles) > MAX_STRUCTURES:
        raise ImportProblem("too-large", f"A structure set has at most {MAX_STRUCTURES} structures here.")
    if not drawn.keys() <= titles.keys():
        raise ImportProblem("broken-structure-set", "Lines belong to a structure that the set does not name.")
    return [Structure(number, name, drawn.get(number, ())) for number, name in titles.items()]


def _answers(found: Sequence[Structure], case: str, asked: Asked) -> Iterator[Imported | ImportProblem]:
    there = {one.name for one in found}
    for name in sorted(asked.names.keys() - there):
        yield ImportProblem("no-structure", f"The set holds no structure called {name[:80]!r}.", column=STRUCTURES)
    taken = [one for one in found if not asked.names or one.name in asked.names]
    left = MAX_POINTS
    for order, one in enumerate(taken):
        place = Place(one.number, case, asked.reader, "" if asked.target.one else str(one.number), None)
        if asked.target.one and order:
            message = "The question takes one answer a case; this is a second structure."
            yield ImportProblem("several-labels", message, line=one.number, column=one.name[:80])
            continue
        try:
            contours = tuple(_points(contour) for contour in one.contours)
            left -= sum(len(points) for points in contours)
            _refuse_none(contours, left)
        except ImportProblem as problem:
            yield ImportProblem(problem.code, problem.message, line=one.number, column=one.name[:80])
            continue
        yield _answer(place, asked.target, contours)
        if asked.target.category:
            yield from named(place, replace(asked.target, question=""), asked.names.get(one.name, one.name))
    if not taken:
        yield from nothing(Place(1, case, asked.reader, "", None), asked.target)


def _answer(place: Place, target: Target, contours: tuple[Contour, ...]) -> Imported:
    value = {"kind": "mask"}
    return Imported(place.line, place.case, place.reader, target.question, place.mark, value, contours=contours)


def _refuse_none(contours: Sequence[Contour], left: int) -> None:
    if left < 0:
        raise ImportProblem("too-large", f"A structure set has at most {MAX_POINTS} points here.")
    if not contours:
        raise ImportProblem("no-contours", "The structure is named but has no line; was it ever drawn?")


def _points(contour: Dataset) -> Contour:
    """Return the points (n, 3) of one closed line, in millimetres."""
    try:
        with quiet():
            kind = str(contour.get("ContourGeometricType", ""))
            if kind not in CLOSED:
                message = f"A structure is made of closed lines on planes, not of {kind[:16] or 'lines of no kind'}."
                raise ImportProblem("not-closed", message)
            numbers = np.array([float(number) for number in contour.ContourData], dtype=np.float64)
            stated = int(contour.get("NumberOfContourPoints", len(numbers) // 3))
    except FAULTS as error:
        if isinstance(error, ImportProblem):
            raise
        raise ImportProblem("broken-contour", "A line is not well formed and cannot be read.") from error
    if len(numbers) % 3 or len(numbers) < 9 or stated * 3 != len(numbers):
        raise ImportProblem("broken-contour", "A line needs three points, and as many as the file says it has.")
    if not np.isfinite(numbers).all() or float(np.abs(numbers).max()) > MAX_MM:
        raise ImportProblem("broken-contour", f"A point lies more than {MAX_MM:g} mm from everything.")
    return numbers.reshape(-1, 3)


SPEC = Importer(title="DICOM RT Structure Set", suffixes=(".dcm", ".zip"), read=read, options=OPTIONS)
