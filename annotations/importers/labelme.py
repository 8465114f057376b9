"""Outlines drawn in LabelMe: the JSON of the desktop program and the XML of the older web tool.

A file is one picture, and so one case, by the picture's name, and may come with others in a zip;
``imagePath`` is read as that name and never opened, ``imageData`` not at all. In the XML each polygon
names its reader; in the JSON none is named, so the option says. Shapes of one label and ``group_id`` are
one finding. Coordinates are pixel corners. Sources: wkentaro/labelme, file format of version 5 (2024);
Russell et al. 2008, doi:10.1007/s11263-007-0090-8.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

from annotations.importers._file import case_of, check_options, json_of, whole
from annotations.importers._several import case_named, each
from annotations.importers._shapes import (
    TARGET_OPTIONS,
    Grid,
    Place,
    Target,
    box_points,
    grid_of,
    nothing,
    outlined,
    ring,
    target_of,
)
from annotations.importers._xml import number_of, root_of, size_of, text_of
from annotations.importers.base import Imported, Importer, ImportProblem

OPTIONS = {
    "reader": "Key of the reader whose work the file holds; needed for JSON; in XML in place of the names given",
    **TARGET_OPTIONS,
    "case": "The case of the picture; else the name of its file",
}

Answers = Iterator[Imported | ImportProblem]
Rings = list[dict[str, Any]]


def read(stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]) -> Answers:
    """Return the answers of a LabelMe file; which of the two forms it has is told by its first character.

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
        ``line`` counts shapes from 1; an object that the XML calls deleted is passed over.
    """
    check_options(options, OPTIONS)
    target = target_of(questions, options)

    def read_one(data: bytes, name: str) -> Answers:
        case = case_named(options, name)
        if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
            return _xml(root_of(data, "annotation", "LabelMe's XML"), case, target, options)
        return _document(json_of(data), case, target, options)

    return each(whole(stream), (".json", ".xml"), read_one)


def _document(document: object, case: str, target: Target, options: Mapping[str, str]) -> Answers:
    if not options.get("reader"):
        raise ImportProblem("missing-option", f"reader: {OPTIONS['reader']}.", column="reader")
    if not isinstance(document, Mapping) or not isinstance(document.get("shapes"), list):
        raise ImportProblem("not-labelme", "A file of LabelMe is a JSON object with a list of shapes.")
    case = case or case_of(document.get("imagePath"), column="imagePath")
    grid = grid_of(_size(document.get("imageHeight")), _size(document.get("imageWidth")))
    return _json(document["shapes"], Place(1, case, options["reader"], "", grid), target)


def _json(shapes: list[Any], whose: Place, target: Target) -> Answers:
    if not shapes:
        yield from nothing(whose, target)
        return
    groups: dict[tuple[str, str], tuple[int, Rings]] = {}
    for line, shape in enumerate(shapes, start=1):
        try:
            key = _group(shape, line)
            rings = groups.setdefault(key, (line, []))[1]
            rings.append(ring(_points(shape, line)))
        except ImportProblem as problem:
            yield problem
    for (label, mark), (line, rings) in groups.items():
        if rings:
            place = Place(line, whose.case, whose.reader, mark, whose.grid, f"shapes/{line - 1}")
            yield from outlined(place, rings, target, label)


def _group(shape: object, line: int) -> tuple[str, str]:
    """Return the label of a shape and the mark of the finding that it is part of."""
    if not isinstance(shape, Mapping) or not isinstance(shape.get("label"), str):
        raise ImportProblem("not-a-shape", "A shape is a JSON object with a label.", line=line)
    group = shape.get("group_id")
    if group is None:
        return shape["label"], str(line)
    if type(group) is not int or not 0 <= group < 2**53:
        raise ImportProblem("bad-group", "A group_id is a whole number or null.", line=line, column="group_id")
    # The label belongs to the mark: LabelMe counts the groups of each label on their own.
    return shape["label"], f"{shape['label'][:80]} {group}"


def _points(shape: Mapping[str, Any], line: int) -> list[Any]:
    kind, points = shape.get("shape_type", "polygon"), shape.get("points")
    pairs = isinstance(points, list) and all(isinstance(point, list) and len(point) == 2 for point in points)
    if not isinstance(points, list) or not pairs:
        raise ImportProblem("bad-polygon", "A shape needs a list of points [x, y].", line=line, column="points")
    if kind == "polygon":
        return points
    if kind == "rectangle" and len(points) == 2:
        (left, top), (right, bottom) = points
        return list(box_points(left, top, right, bottom))
    message = f"A shape of the type {str(kind)[:40]!r} is not read; polygons and rectangles are."
    raise ImportProblem("unsupported-shape", message, line=line, column="shape_type")


def _xml(root: Element, case: str, target: Target, options: Mapping[str, str]) -> Answers:
    case = case or case_of(text_of(root, "filename"), column="filename")
    grid = grid_of(size_of(root.findtext("imagesize/nrows")), size_of(root.findtext("imagesize/ncols")))
    found = False
    for line, item in enumerate(root.findall("object"), start=1):
        if text_of(item, "deleted") == "1":
            continue
        found = True
        try:
            yield from _object(item, line, (case, grid), target, options)
        except ImportProblem as problem:
            yield problem
    if not found:
        if not options.get("reader"):
            raise ImportProblem("missing-option", "A file without objects names no reader; name one in 'reader'.")
        yield from nothing(Place(1, case, options["reader"], "", grid), target)


def _object(
    item: Element, line: int, picture: tuple[str, Grid | None], target: Target, options: Mapping[str, str]
) -> Answers:
    polygon = item.find("polygon")
    if polygon is None:
        message = "The object has no polygon; masks kept in pictures of their own are not read."
        raise ImportProblem("unsupported-shape", message, line=line, column="object")
    reader = options.get("reader") or text_of(polygon, "username")
    if not reader:
        raise ImportProblem("no-reader", "The polygon names no reader; name one in 'reader'.", line=line)
    points = [
        (number_of(point.findtext("x"), "x", line), number_of(point.findtext("y"), "y", line))
        for point in polygon.findall("pt")
    ]
    mark = text_of(item, "id") or str(line)
    place = Place(line, picture[0], reader, mark, picture[1], f"object[{line}]")
    yield from outlined(place, [ring(points)], target, text_of(item, "name"))


def _size(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 2**30 else None


SPEC = Importer(title="LabelMe (JSON, XML)", suffixes=(".json", ".xml", ".zip"), read=read, options=OPTIONS)
