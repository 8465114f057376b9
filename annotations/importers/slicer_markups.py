"""Markups of 3D Slicer: points as landmarks, lines as lengths, regions of interest as boxes.

The JSON of Slicer 4.13 and later (``.mrk.json``) and the older lists of fiducials (``.fcsv``), both in millimetres of
the patient, which become voxels on the case's image. Sources: Slicer, markups schema 1.0.3 (2024); MRML fiducial CSV.
"""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from annotations.importers._file import check_options, json_of, pairs, whole
from annotations.importers._label_map import MAP_OPTIONS
from annotations.importers._several import case_named, each
from annotations.importers.base import Imported, Importer, ImportProblem

OPTIONS = {
    "case": MAP_OPTIONS["case"],
    "reader": MAP_OPTIONS["reader"],
    "question": "Code of the question: landmarks for points, a measurement for lengths of lines, a box for regions",
    "points": "Which point of the question a label is: F-1=apex, F-2=base; others keep their label",
    "one_answer": "yes: the question takes one answer a case, so no mark is given (default no)",
}
ENDINGS = (".mrk.json", ".fcsv")
KINDS = {"landmarks": ("Fiducial", "PointList"), "measurement": ("Line",), "box": ("ROI",)}
# Signs of (x, y, z) that turn a system into LPS; the numbers are those of the older files.
SYSTEMS = {"LPS": (1.0, 1.0, 1.0), "RAS": (-1.0, -1.0, 1.0), "0": (-1.0, -1.0, 1.0), "1": (1.0, 1.0, 1.0)}
UNSEEN = ("undefined", "missing")
MAX_MARKUPS = 10_000

Point = tuple[float, float, float]
Answers = Iterator[Imported | ImportProblem]


@dataclass(frozen=True, slots=True)
class Markup:
    """One object: its type, its named points (None where unseen), and the size of a region along (x, y, z)."""

    line: int
    type: str
    points: tuple[tuple[str, Point | None], ...]
    size: Point | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The options, read once."""

    question: str
    kind: str
    reader: str
    names: Mapping[str, str]
    one: bool


def read(stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]) -> Answers:
    """Return the answers that markups are, of one file or of all those of a zip.

    Parameters
    ----------
    stream : binary file
        Read whole; at most 200 MiB.
    questions : mapping
        Question code to label kind.
    options : mapping
        As ``OPTIONS`` describes.

    Returns
    -------
    iterator
        ``line`` and mark count the markups; the points of all lists are one answer.
    """
    check_options(options, OPTIONS, ("reader", "question"))
    code = options["question"]
    if questions.get(code) not in KINDS:
        message = f"Markups answer questions of the kinds {', '.join(KINDS)}; name one in the option 'question'."
        raise ImportProblem("wrong-question", message, column="question")
    one = options.get("one_answer", "") == "yes"
    asked = Asked(code, questions[code], options["reader"], pairs(options, "points"), one)

    def read_one(data: bytes, name: str) -> Answers:
        return _answers(_markups(data), case_named(options, name, ENDINGS), asked)

    return each(whole(stream), ENDINGS, read_one)


def _answers(found: Sequence[Markup], case: str, asked: Asked) -> Answers:
    fitting = [one for one in found if one.type in KINDS[asked.kind]]
    for other in found:
        if other not in fitting:
            message = f"A markup of the type {other.type[:40]!r} is no answer to a question of the kind {asked.kind}."
            yield ImportProblem("unsupported-markup", message, line=other.line)
    blank = Imported(1, case, asked.reader, asked.question, "", {})
    if asked.kind == "landmarks":
        if fitting:
            yield from _landmarks(fitting, blank, asked)
        return
    for order, one in enumerate(fitting):
        if asked.one and order:
            message = "The question takes one answer a case; this is a second markup."
            yield ImportProblem("several-markups", message, line=one.line)
            continue
        try:
            value = _length(one) if asked.kind == "measurement" else _box(one)
        except ImportProblem as problem:
            yield ImportProblem(problem.code, problem.message, line=one.line)
            continue
        mark = "" if asked.one else str(one.line)
        yield replace(blank, line=one.line, mark=mark, value=value, in_patient=asked.kind == "box")


def _landmarks(lists: Sequence[Markup], blank: Imported, asked: Asked) -> Answers:
    points: dict[str, list[float] | None] = {}
    for one in lists:
        for label, at in one.points:
            code = asked.names.get(label, label)
            if code in points:
                message = f"Two points are called {code[:80]!r}."
                yield ImportProblem("two-points", message, line=one.line, column="label")
                return
            points[code] = None if at is None else list(at)
    value = {"kind": "landmarks", "points": points}
    yield replace(blank, line=lists[0].line, value=value, in_patient=True)


def _length(one: Markup) -> dict[str, Any]:
    ends = [at for _, at in one.points if at is not None]
    if len(ends) != len(one.points) or len(ends) != 2:
        raise ImportProblem("unfinished", "A line has two ends that were set.")
    return {"kind": "measurement", "number": math.dist(*ends), "unit": "mm"}


def _box(one: Markup) -> dict[str, Any]:
    centre = one.points[0][1] if one.points else None
    if centre is None or one.size is None or min(one.size) <= 0:
        raise ImportProblem("unfinished", "A region has a centre and sizes above 0.")
    half = [step / 2 for step in one.size]
    low = [at - by for at, by in zip(centre, half, strict=True)]
    high = [at + by for at, by in zip(centre, half, strict=True)]
    return {"kind": "box", "low": low, "high": high}


def _markups(data: bytes) -> list[Markup]:
    return _of_json(data) if data.lstrip().startswith(b"{") else _of_fiducials(data)


def _of_json(data: bytes) -> list[Markup]:
    document = json_of(data)
    entries = document.get("markups")
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise ImportProblem("not-markups", "A JSON of Slicer with a list 'markups' is needed.")
    if len(entries) > MAX_MARKUPS:
        raise ImportProblem("too-large", f"A file holds at most {MAX_MARKUPS} markups here.")
    return [_markup(entry, line) for line, entry in enumerate(entries, start=1)]


def _markup(entry: Mapping[str, Any], line: int) -> Markup:
    signs = _signs(entry.get("coordinateSystem", "LPS"), line)
    if entry.get("coordinateUnits", "mm") not in ("mm", ["mm", "mm", "mm"]):
        raise ImportProblem("bad-unit", "Markups are in millimetres.", line=line, column="coordinateUnits")
    kind = str(entry.get("type", ""))
    if kind == "ROI":
        centre, size = entry.get("center"), entry.get("size")
        _refuse_turned(entry, line)
        sizes = None if size is None else _point(size, (1.0, 1.0, 1.0), line, "size")
        middle = None if centre is None else _point(centre, signs, line, "center")
        return Markup(line, kind, (("", middle),), sizes)
    points = entry.get("controlPoints", [])
    if not isinstance(points, list) or not all(isinstance(point, Mapping) for point in points):
        raise ImportProblem("not-markups", "The control points are a list of objects.", line=line)
    named = []
    for point in points:
        unseen = point.get("positionStatus") in UNSEEN or point.get("position") is None
        named.append(
            (str(point.get("label", "")), None if unseen else _point(point["position"], signs, line, "position"))
        )
    return Markup(line, kind, tuple(named))


def _refuse_turned(entry: Mapping[str, Any], line: int) -> None:
    if entry.get("roiType", "Box") != "Box":
        raise ImportProblem("unsupported-markup", "Only regions that are boxes are read.", line=line, column="roiType")
    turn = entry.get("orientation")
    straight = turn is None or (
        isinstance(turn, list)
        and len(turn) == 9
        and all(type(part) in (int, float) for part in turn)
        and all(abs(abs(part) - (place % 4 == 0)) < 1e-6 for place, part in enumerate(turn))
    )
    if not straight:
        raise ImportProblem(
            "turned", "A region that is turned is no box along the axes.", line=line, column="orientation"
        )


def _signs(system: object, line: int | None) -> Point:
    if str(system) not in SYSTEMS:
        message = f"The points are in LPS or RAS, not in {str(system)[:40]!r}."
        raise ImportProblem("bad-system", message, line=line, column="coordinateSystem")
    return SYSTEMS[str(system)]


def _point(value: object, signs: Point, line: int, column: str) -> Point:
    """Return three finite numbers, turned into LPS."""
    parts = value if isinstance(value, list | tuple) else ()
    if len(parts) != len(signs) or not all(type(part) in (int, float) and math.isfinite(part) for part in parts):
        raise ImportProblem("bad-point", "A point is three finite numbers.", line=line, column=column)
    x, y, z = (float(part) * sign for part, sign in zip(parts, signs, strict=True))
    return x, y, z


def _of_fiducials(data: bytes) -> list[Markup]:
    """Return the one list of points that an older file is; its rows count as lines of a refusal."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportProblem("not-markups", "The file is no text in UTF-8.") from error
    columns, signs, rows = ["label", "x", "y", "z"], SYSTEMS["RAS"], []
    for line, row in enumerate(text.splitlines(), start=1):
        if row.startswith("#"):
            name, _, said = (part.strip() for part in row.lstrip("# ").partition("="))
            columns = [one.strip() for one in said.split(",")] if name == "columns" else columns
            signs = _signs(said, line) if name == "CoordinateSystem" else signs
        elif row.strip():
            rows.append((line, row))
    if not {"x", "y", "z", "label"} <= set(columns) or "Fiducial" not in text[:200] or len(rows) > MAX_MARKUPS:
        raise ImportProblem("not-markups", "A list of fiducials of Slicer names its columns: label, x, y, z.")
    named = [_fiducial(row, columns, signs, line) for line, row in rows]
    return [Markup(1, "Fiducial", tuple(named))]


def _fiducial(row: str, columns: Sequence[str], signs: Point, line: int) -> tuple[str, Point]:
    try:
        cells = next(csv.reader(io.StringIO(row), strict=True))
        named = dict(zip(columns, cells, strict=False))
        parts = [float(named[axis]) for axis in "xyz"]
    except (csv.Error, KeyError, ValueError, StopIteration) as error:
        raise ImportProblem("bad-point", "A row is a label and three numbers.", line=line) from error
    return named.get("label", ""), _point(parts, signs, line, "x")


SPEC = Importer(title="Markups of 3D Slicer", suffixes=(".mrk.json", ".fcsv", ".zip"), read=read, options=OPTIONS)
