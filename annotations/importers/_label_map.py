"""A volume of whole numbers, each the name of a region: one mask for each number but 0."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.importers._file import check_options, pairs, yes
from annotations.importers._shapes import (
    MAX_MARKED,
    TARGET_OPTIONS,
    Place,
    Target,
    marked,
    nothing,
    target_of,
)
from annotations.importers.base import Imported, ImportProblem

MAX_LABELS = 256
MAX_VOXELS = 2**28
MAP_OPTIONS = {
    "case": "The case that the volume belongs to; needed, but in a zip, where the name of each file is its case",
    "reader": "Key of the reader whose work the file holds; needed",
    **TARGET_OPTIONS,
    "ending": "What follows the case in the names of a zip's files, _seg; files that do not end so are not read",
    "labels": "What the numbers mean: 1=tumour, 2=oedema; numbers that are not named are refused",
    "together": "yes: all numbers are one mask, without a mark (default no)",
}

Labels = npt.NDArray[np.generic]
Names = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Layer:
    """A volume of numbers [z, y, x] in LPS; ``names`` gives what the file itself calls them."""

    values: Labels
    names: Names


@dataclass(frozen=True, slots=True)
class Asked:
    """The options, read once; the names that a file gives stand behind ``meaning``."""

    target: Target
    reader: str
    meaning: Names
    together: bool


def options_of(questions: Mapping[str, str], options: Mapping[str, str]) -> Asked:
    """Return what the options ask for; refuse what is missing."""
    check_options(options, MAP_OPTIONS, ("reader", "question"))
    target = target_of(questions, options)
    if target.kind != "mask":
        message = "A label map is pixels; name a mask question in the option 'question'."
        raise ImportProblem("wrong-question", message, column="question")
    meaning: dict[int, str] = {}
    for number, name in pairs(options, "labels").items():
        if not (number.isascii() and number.isdecimal() and 0 < int(number[:9]) < 2**16 and len(number) < 9):
            raise ImportProblem("bad-option", "The labels are written 1=tumour, 2=oedema.", column="labels")
        meaning[int(number)] = name
    together = yes(options, "together")
    return Asked(replace(target, one=target.one or together), options["reader"], meaning, together)


def answers(
    layers: list[Layer],
    spacing_mm: tuple[float, float, float],
    case: str,
    asked: Asked,
) -> Iterator[Imported | ImportProblem]:
    """Yield one mask for each number, or one of them all.

    Parameters
    ----------
    layers : list of Layer
        One, or several where regions overlap; all of one shape.
    spacing_mm : tuple of float
        Along (z, y, x), millimetres.
    case : str
        Whose image it is.
    asked : Asked
        The options.
    """
    target = asked.target
    nz, ny, nx = layers[0].values.shape
    whose = Place(1, case, asked.reader, "", (nz, ny, nx))
    found = _together(layers) if asked.together else _apart(layers, asked.meaning)
    empty = True
    for line, (mark, name, places) in enumerate(found, start=1):
        empty = False
        place = replace(whose, line=line, mark=mark, column=f"label {mark}" if mark else "")
        if target.one and line > 1:
            message = "The question takes one answer a case; this is a second label. The option 'together' joins them."
            yield ImportProblem("several-labels", message, line=line, column=place.column)
            continue
        if name is None:
            message = f"The number {mark} has no name in the option 'labels'."
            yield ImportProblem("unknown-label", message, line=line, column="labels")
            continue
        for answer in marked(place, places, target, name):
            is_mask = isinstance(answer, Imported) and answer.question == target.question
            yield replace(answer, spacing_mm=spacing_mm) if is_mask and isinstance(answer, Imported) else answer
    if empty:
        yield from nothing(whose, target)


def whole_numbers(values: npt.NDArray[Any], error: float = 0.0) -> npt.NDArray[np.int64] | Labels:
    """Return voxels as whole numbers, or raise ImportProblem when they are none: a probability map, a picture.

    Parameters
    ----------
    values : ndarray
        Of any real type.
    error : float
        How far rounding in the file may have moved a number.
    """
    if values.dtype.kind in "iub":
        return values
    rounded = np.rint(values)
    if not np.isfinite(values).all() or float(np.abs(values - rounded).max()) > error:
        message = "The voxels are no whole numbers; a label map holds the number of a region in each."
        raise ImportProblem("not-a-label-map", message)
    if float(np.abs(rounded).max()) >= 2**31:
        raise ImportProblem("not-a-label-map", "The voxels hold numbers too large for labels.")
    numbers: npt.NDArray[np.int64] = rounded.astype(np.int64)
    return numbers


def _apart(layers: list[Layer], meaning: Names) -> Iterator[tuple[str, str | None, npt.NDArray[np.int64]]]:
    several = len(layers) > 1
    for order, layer in enumerate(layers, start=1):
        flat = np.ascontiguousarray(layer.values).ravel()
        places = _places(flat)
        numbers = flat[places]
        found = np.unique(numbers)
        if found.size > MAX_LABELS or (found.size and int(found.min()) < 0):
            message = f"The volume holds {found.size} numbers, from {found.min()} on; is it a picture?"
            raise ImportProblem("not-a-label-map", message)
        for number in found.tolist():
            given = layer.names or meaning
            name = meaning.get(number, layer.names.get(number)) if given else str(number)
            yield f"{order}.{number}" if several else str(number), name, places[numbers == number]


def _together(layers: list[Layer]) -> Iterator[tuple[str, str | None, npt.NDArray[np.int64]]]:
    joined = np.zeros(layers[0].values.shape, dtype=np.bool_)
    for layer in layers:
        joined |= layer.values != 0
    places = _places(joined.ravel())
    if places.size:
        yield "", "", places


def _places(flat: Labels) -> npt.NDArray[np.int64]:
    count = int(np.count_nonzero(flat))
    if count > 4 * MAX_MARKED:
        raise ImportProblem("too-large", f"A label map has at most {4 * MAX_MARKED} marked voxels here.")
    return np.flatnonzero(flat)
