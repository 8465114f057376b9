"""One reader's outlines in the COCO object format (cocodataset.org, "Data format", 2014).

One file holds one reader's work: COCO has no reader, so the option names one. An image is a case, by
the name of its file without folders and ending; an annotation is one mark. Coordinates are pixel
corners, so polygons follow the rule ``pixel_centre``. A box question takes each annotation's ``bbox``; for the others
boxes are derived from the outline and not read, as areas and attributes of the tool are not.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import orjson

from annotations.importers._coco_index import Document, index
from annotations.importers._file import check_kind, check_options, whole
from annotations.importers._shapes import DRAWN, box_points, boxed, filled, ring
from annotations.importers.base import Imported, Importer, ImportProblem
from annotations.labels import _runs
from annotations.labels._raster import PIXEL_CENTRE
from annotations.labels.base import LabelError, pointer

MAX_BYTES = 512 * 2**20
OPTIONS = {
    "reader": "Key of the reader whose work the file holds; needed",
    "question": "Code of the polygon, mask or box question that the annotations answer; needed",
    "category_question": "Code of the category question that the category names answer, on the same mark",
}

Entry = Mapping[str, Any]


def read(
    stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[Imported | ImportProblem]:
    """Return the answers of a COCO file; everything but single annotations is checked before this returns.

    Parameters
    ----------
    stream : binary file
        Read whole; at most 512 MiB.
    questions : mapping
        Question code to label kind.
    options : mapping
        ``reader``, ``question`` and optionally ``category_question``.

    Returns
    -------
    iterator
        ``line`` is the entry in ``annotations`` counted from 1; an image without annotations gives
        ``nothing_found``, and its line goes on counting through ``images`` after the last annotation.
        With ``category_question`` an annotation gives two answers with one line and one mark.
    """
    check_options(options, OPTIONS, ("reader", "question"))
    check_kind(questions, options, "question", DRAWN)
    check_kind(questions, options, "category_question", ("category",))
    data = whole(stream, MAX_BYTES)
    document = index(_json(data.removeprefix(b"\xef\xbb\xbf")))
    return _answers(document, questions, options)


def _json(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        line, place = error.lineno, error.colno
        where = f"line {line}, column {place} (character {error.pos} of a file of {len(data)} bytes)"
        message = f"The text is not JSON from {where} on: {error.msg}."
        raise ImportProblem("not-json", message, line=line) from error


def _answers(
    document: Document, questions: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[Imported | ImportProblem]:
    reader, question = options["reader"], options["question"]
    seen: set[str] = set()
    for line, entry in enumerate(document.annotations, start=1):
        try:
            image, mark = document.image_of(entry, line), _mark(entry, seen, line)
            category = document.category_of(entry, line) if options.get("category_question") else ""
            value = _value(entry, image, questions[question], line)
        except ImportProblem as problem:
            yield problem
            continue
        except LabelError as error:
            where = "segmentation" + error.pointer.removeprefix("/rings")
            yield ImportProblem(error.code, error.message, line=line, column=where)
            continue
        case = document.cases[image["id"]]
        yield Imported(line, case, reader, question, mark, value)
        if category:
            code = {"kind": "category", "code": category}
            yield Imported(line, case, reader, options["category_question"], mark, code)
    for position, identifier in enumerate(document.cases, start=len(document.annotations) + 1):
        if identifier not in document.annotated:
            yield Imported(position, document.cases[identifier], reader, question, "", {"kind": "nothing_found"})


def _mark(entry: Entry, seen: set[str], line: int) -> str:
    identifier = entry.get("id")
    if type(identifier) not in (int, str) or identifier == "":
        message = "The annotation needs an id, a whole number or a text."
        raise ImportProblem("missing-id", message, line=line, column="id")
    mark = str(identifier)
    if mark in seen:
        raise ImportProblem("duplicate-id", f"The id {mark[:40]} was used before.", line=line, column="id")
    seen.add(mark)
    return mark


def _value(entry: Entry, image: Entry, kind: str, line: int) -> dict[str, Any]:
    if kind == "box":
        return boxed([ring(box_points(*_sides(entry, line)))])
    segmentation = entry.get("segmentation")
    if not segmentation:
        message = "The annotation has no segmentation; a box alone says no outline."
        raise ImportProblem("no-segmentation", message, line=line, column="segmentation")
    if isinstance(segmentation, list):
        points = [_pairs(flat, position) for position, flat in enumerate(segmentation)]
        rings = [ring(pairs) for pairs in points]
        return filled(rings, _shape(image, line)) if kind == "mask" else _outline(rings)
    if kind != "mask":
        message = "The segmentation is run lengths, which are pixels; import them into a mask question."
        raise ImportProblem("pixels-for-outline", message, line=line, column="segmentation")
    return {"kind": "mask", "shape": [*_shape(image, line)], "coco_rle": segmentation, "slice": 0}


def _sides(entry: Entry, line: int) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of an annotation's box in pixel corners."""
    box = entry.get("bbox")
    if not isinstance(box, list) or len(box) != 4 or any(type(side) not in (int, float) for side in box):
        message = "A box is four numbers: left, top, width and height in pixels."
        raise ImportProblem("bad-box", message, line=line, column="bbox")
    left, top, width, height = box
    return left, top, left + width, top + height


def _pairs(flat: object, position: int) -> list[list[Any]]:
    if not isinstance(flat, list) or len(flat) < 6 or len(flat) % 2:
        message = "A polygon is a list x, y, x, y, … of at least three points."
        raise LabelError("bad-polygon", pointer(position), message)
    return [[flat[index], flat[index + 1]] for index in range(0, len(flat), 2)]


def _outline(rings: list[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": "polygon", "rule": PIXEL_CENTRE, "rings": rings}


def _shape(image: Entry, line: int) -> tuple[int, int, int]:
    height, width = image.get("height"), image.get("width")
    if type(height) is not int or type(width) is not int:
        message = f"The image {str(image.get('file_name'))[:80]!r} needs a height and a width to hold a mask."
        raise ImportProblem("no-size", message, line=line, column="image_id")
    shape = (1, height, width)
    _runs.check_shape(shape)
    return shape


SPEC = Importer(title="COCO objects (JSON)", suffixes=(".json",), read=read, options=OPTIONS)
