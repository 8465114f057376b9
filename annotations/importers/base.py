"""What every importer shares: one read value, one refusal, one specification."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt

# A closed line in one plane: points (x, y, z), millimetres, LPS.
Contour: TypeAlias = npt.NDArray[np.float64]


class ImportProblem(ValueError):
    """Something in a file cannot be taken.

    Raised for a fault of the whole file; yielded among the values for a fault of one line, so that
    the good lines around it are not lost.

    Parameters
    ----------
    code : str
        Stable, hyphenated name of the fault.
    message : str
        One sentence: what is wrong and what would be right.
    line : int or None
        Line (text) or entry (JSON) counted from 1; None for the whole file.
    column : str or None
        Field or JSON pointer.
    """

    def __init__(self, code: str, message: str, *, line: int | None = None, column: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Lies:
    """Where a grid stands in the patient.

    Parameters
    ----------
    origin_mm : tuple of float
        Centre of the voxel [0, 0, 0] as (x, y, z), millimetres, LPS.
    direction : tuple of tuple of float
        Unit vectors (x, y, z; LPS) along which the indices x, y and z grow, in this order.
    spacing_mm : tuple of float
        Between voxel centres along (z, y, x), millimetres.
    """

    origin_mm: tuple[float, float, float]
    direction: tuple[tuple[float, ...], ...]
    spacing_mm: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Imported:
    """One answer found in a file, before the schema has seen it.

    Parameters
    ----------
    line : int
        Line (text) or entry (JSON) counted from 1.
    case, reader, question : str
        Keys as the file names them.
    mark : str
        The reader's own number for one of several findings; empty where there is one answer a case.
    value : mapping
        Raw label JSON with its ``kind``; parsed against the schema by intake.
    seconds : float or None
        Active reading time, where the tool recorded it.
    spacing_mm : tuple of float or None
        Millimetres between voxel centres along (z, y, x), where the file states them for a mask: they
        must be those of the case's image.
    lies : Lies or None
        Where the mask's own grid stands in the patient, when it is not the image's, on which the mask is then put.
    contours : tuple of Contour
        Closed lines that lie in the patient and are drawn on the case's image to make the mask, which ``value`` leaves
        out; one within another is a hole.
    in_patient : bool
        Whether the points of ``value`` (landmarks, the corners of a box) are (x, y, z) in millimetres, LPS, that become
        voxels on the case's image.
    """

    line: int
    case: str
    reader: str
    question: str
    mark: str
    value: Mapping[str, Any]
    seconds: float | None = None
    spacing_mm: tuple[float, float, float] | None = None
    lies: Lies | None = None
    contours: tuple[Contour, ...] = field(default=(), compare=False)
    in_patient: bool = False


@dataclass(frozen=True, slots=True)
class Importer:
    """The catalogue entry of a file format.

    Parameters
    ----------
    title : str
        Name for people.
    suffixes : tuple of str
        File name endings, lower case, with the dot.
    read : callable
        ``read(stream, questions, options)``: a lazy stream of Imported and ImportProblem.
        ``questions`` maps question code to label kind; ``options`` are the importer's own.
    options : mapping
        Option name to what it means, for the form, the API and the command line.
    """

    title: str
    suffixes: tuple[str, ...]
    read: Callable[[BinaryIO, Mapping[str, str], Mapping[str, str]], Iterator[Imported | ImportProblem]]
    options: Mapping[str, str] = field(default_factory=dict)
