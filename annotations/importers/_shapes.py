"""Outlines and pixels of one finding, turned into the answers of the questions that a file speaks to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.importers._file import check_kind, yes
from annotations.importers.base import Imported, ImportProblem
from annotations.labels import _runs
from annotations.labels._raster import PIXEL_CENTRE, rasterise
from annotations.labels._rings import check_inside, check_simple, parse_rings
from annotations.labels.base import LabelError, pointer
from annotations.labels.polygon import Polygon

REGIONS = ("polygon", "mask")
DRAWN = (*REGIONS, "box")
MAX_MARKED = 2**25  # pixels of one finding whose places are held at a time: 256 MiB
TARGET_OPTIONS = {
    "question": "Code of the polygon, mask or box question that the outlines or boxes answer",
    "category_question": "Code of the category question that the names of the labels answer, on the same mark",
    "one_answer": "yes: the question takes one answer a case, so no mark is given (default no)",
}

Grid = tuple[int, int, int]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Target:
    """The questions that outlines answer.

    Parameters
    ----------
    question, kind : str
        Code and label kind of the question of the outlines; both empty where none is named.
    category : str
        Code of the question that the names of labels answer; empty for none.
    one : bool
        Whether the question takes one answer a case.
    """

    question: str
    kind: str
    category: str
    one: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding stands in the file and whose it is; ``grid`` is (z, y, x) in voxels, None if unknown."""

    line: int
    case: str
    reader: str
    mark: str
    grid: Grid | None
    column: str = ""


def target_of(questions: Mapping[str, str], options: Mapping[str, str]) -> Target:
    """Return the questions that the options ``question``, ``category_question`` and ``one_answer`` name."""
    question = check_kind(questions, options, "question", DRAWN)
    category = check_kind(questions, options, "category_question", ("category",))
    return Target(question, questions.get(question, ""), category, yes(options, "one_answer"))


def grid_of(height: int | None, width: int | None, depth: int = 1) -> Grid | None:
    """Return the grid of a picture, None where one of its sizes is not known."""
    return (depth, height, width) if height and width else None


def ring(points: Sequence[Sequence[Any]], index: int = 0) -> dict[str, Any]:
    """Return a ring on a slice, as a polygon's JSON holds it; the points are not checked here."""
    return {"slice": index, "hole": False, "points": [list(point) for point in points]}


def box_points(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """Return the corners of an upright box, in pixel corners."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def turned(points: Sequence[Point], degrees: float, about: Point) -> list[Point]:
    """Return points turned clockwise on the screen (y runs down) about a point.

    Parameters
    ----------
    points : sequence of (x, y)
        In pixels.
    degrees : float
        Clockwise angle.
    about : (x, y)
        The point that stays.
    """
    angle = np.deg2rad(degrees)
    cosine, sine = float(np.cos(angle)), float(np.sin(angle))
    moved = ((x - about[0], y - about[1]) for x, y in points)
    return [(about[0] + x * cosine - y * sine, about[1] + x * sine + y * cosine) for x, y in moved]


def outlined(
    place: Place, rings: list[dict[str, Any]], target: Target, code: str
) -> Iterator[Imported | ImportProblem]:
    """Yield the answers of one finding that was drawn as outlines.

    Parameters
    ----------
    place : Place
        Where and whose.
    rings : list
        As ``ring`` returns them, in pixel corners.
    target : Target
        The questions.
    code : str
        Name of the label.
    """
    if not target.question:
        yield from named(place, target, code)
        return
    try:
        value = {"kind": "polygon", "rule": PIXEL_CENTRE, "rings": rings}
        if target.kind == "mask":
            value = filled(rings, _known(place))
        elif target.kind == "box":
            value = boxed(rings)
    except LabelError as error:
        yield ImportProblem(error.code, error.message, line=place.line, column=place.column + error.pointer)
        return
    except ImportProblem as problem:
        yield problem
        return
    yield _answer(place, target, target.question, value)
    yield from named(place, target, code)


def marked(
    place: Place, places: npt.NDArray[np.int64], target: Target, code: str
) -> Iterator[Imported | ImportProblem]:
    """Yield the answers of one finding that was marked as pixels.

    Parameters
    ----------
    place : Place
        Where and whose, with its grid.
    places : ndarray of int64
        Places of the marked voxels in C order of the grid, rising.
    target : Target
        The questions.
    code : str
        Name of the label.
    """
    if target.question and target.kind != "mask":
        message = "The finding is pixels; import it into a mask question."
        yield ImportProblem("pixels-for-outline", message, line=place.line, column=place.column or None)
        return
    if target.question:
        try:
            grid = _known(place)
            value = {"kind": "mask", "shape": [*grid], "runs": runs_at(places, grid)}
        except LabelError as error:
            yield ImportProblem(error.code, error.message, line=place.line, column=place.column or None)
            return
        except ImportProblem as problem:
            yield problem
            return
        yield _answer(place, target, target.question, value)
    yield from named(place, target, code)


def named(place: Place, target: Target, code: str) -> Iterator[Imported | ImportProblem]:
    """Yield the answer that the name of a label is, and a problem where nothing of a finding is asked for."""
    if target.category:
        if not code:
            message = "The finding has no label, which would be its category."
            yield ImportProblem("missing-label", message, line=place.line, column=place.column or None)
            return
        yield _answer(place, target, target.category, {"kind": "category", "code": code})
    elif not target.question:
        message = "The file holds findings; name the question that they answer in the option 'question'."
        yield ImportProblem("no-question", message, line=place.line, column=place.column or None)


def nothing(place: Place, target: Target) -> Iterator[Imported]:
    """Yield the negative reading of a picture without any finding, where outlines are asked for."""
    if target.question and not target.one:
        yield Imported(place.line, place.case, place.reader, target.question, "", {"kind": "nothing_found"})


def boxed(rings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the box that one upright rectangle on one slice is, refusing any other outline.

    Parameters
    ----------
    rings : sequence
        As ``ring`` returns them, in pixel corners.
    """
    points = rings[0]["points"] if len(rings) == 1 else []
    if not all(len(point) == 2 for point in points):
        raise LabelError("bad-point", "", "A point is two numbers, x and y.")
    if not all(type(number) in (int, float) for point in points for number in point):
        raise LabelError("not-a-number", "", "The corners of a box are numbers.")
    across, down = sorted({point[0] for point in points}), sorted({point[1] for point in points})
    corners = {tuple(point) for point in points}
    if len(across) != 2 or len(down) != 2 or corners != {(x, y) for x in across for y in down}:
        message = "The outline is no upright box; import it into a polygon or mask question."
        raise LabelError("outline-for-box", "", message)
    z = float(rings[0]["slice"])
    return {"kind": "box", "low": [z, down[0], across[0]], "high": [z + 1, down[1], across[1]]}


def runs_at(places: npt.NDArray[np.int64], grid: Grid) -> str:
    """Return the runs of a mask from the places of its voxels, without allocating the grid.

    Parameters
    ----------
    places : ndarray of int64
        In C order, rising, each once.
    grid : tuple of int
        Voxels along (z, y, x).
    """
    total = _runs.check_shape(grid)
    if not places.size:
        return _runs.pack(np.array([total], dtype=np.int64))
    breaks = np.flatnonzero(np.diff(places) != 1)
    starts = places[np.concatenate(([0], breaks + 1))]
    stops = places[np.concatenate((breaks, [places.size - 1]))] + 1
    bounds = np.stack((starts, stops), axis=1).ravel()
    lengths = np.diff(np.concatenate(([0], bounds, [total])))
    return _runs.pack(lengths if lengths[-1] else lengths[:-1])


def _answer(place: Place, target: Target, question: str, value: Mapping[str, Any]) -> Imported:
    return Imported(place.line, place.case, place.reader, question, "" if target.one else place.mark, value)


def _known(place: Place) -> Grid:
    if place.grid is None:
        message = "The file does not say how many pixels the image has, which a mask needs."
        raise ImportProblem("no-size", message, line=place.line, column=place.column or None)
    return place.grid


def filled(raw: list[dict[str, Any]], grid: Grid) -> dict[str, Any]:
    """Return the mask that outlines cover, refusing what a polygon question would refuse.

    Parameters
    ----------
    raw : list
        As ``ring`` returns them, in pixel corners.
    grid : tuple of int
        Voxels along (z, y, x); only the box that the outlines span is painted.
    """
    _runs.check_shape(grid)
    rings = parse_rings(raw)
    check_inside(rings, grid, centred=False)
    for position, one in enumerate(rings):
        check_simple(one.points, pointer("rings", position, "points"))
    polygon = Polygon(PIXEL_CENTRE, rings)
    z0, z1, y0, y1, x0, x1 = polygon.bounds()
    box = (z0, min(z1, grid[0]), min(y0, grid[1]), min(y1, grid[1]), min(x0, grid[2]), min(x1, grid[2]))
    depth, height, width = box[1] - box[0], box[3] - box[2], box[5] - box[4]
    if depth * height * width > MAX_MARKED:
        message = f"The outlines span more than {MAX_MARKED} pixels; import them into a polygon question."
        raise LabelError("too-large", "/rings", message)
    flat = np.flatnonzero(rasterise(polygon, box))
    z, rest = np.divmod(flat, max(height * width, 1))
    y, x = np.divmod(rest, max(width, 1))
    places = ((z + z0) * grid[1] + y + box[2]) * grid[2] + x + box[4]
    return {"kind": "mask", "shape": [*grid], "runs": runs_at(places.astype(np.int64), grid)}
