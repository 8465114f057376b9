"""Pictures and videos annotated in CVAT ("CVAT for images 1.1", "CVAT for video 1.1").

A picture is a case, by the name of its file; a video is one case whose frames are slices. Polygons,
boxes (turned ones too) and masks are findings, tags and attributes are answers by name. A track that
leaves frames to the tool's interpolation is refused: nobody drew these outlines. Coordinates are pixel
corners. Source: docs.cvat.ai, "CVAT for images 1.1 / CVAT for video 1.1" (2024).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

from annotations.importers._cells import value_of
from annotations.importers._cvat_shapes import Film, points_of, run_places, track_rings
from annotations.importers._file import case_of, check_kind, check_options, pairs, whole
from annotations.importers._shapes import (
    TARGET_OPTIONS,
    Place,
    Target,
    grid_of,
    marked,
    named,
    nothing,
    outlined,
    ring,
    target_of,
)
from annotations.importers._xml import elements, size_of
from annotations.importers.base import Imported, Importer, ImportProblem

OPTIONS = {
    "reader": "Key of the reader whose work the file holds; needed",
    **TARGET_OPTIONS,
    "attributes": "Which question an attribute answers: malignancy=grade, margin=margin; others are not read",
    "tag_question": "Code of the category question that a picture's tag answers",
    "subset": "Only pictures of this subset of a project (Train, Validation …) are read",
    "case": "The case of a video; else the name of its file",
    "unit": "Unit of measurements that attributes hold",
}

Answers = Iterator[Imported | ImportProblem]


@dataclass(frozen=True, slots=True)
class _Plan:
    """The options, read once."""

    questions: Mapping[str, str]
    reader: str
    target: Target
    attributes: Mapping[str, str]
    tag: str
    subset: str
    case: str
    unit: str


def read(stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]) -> Answers:
    """Return the answers of a CVAT dump, a picture or a track at a time.

    Parameters
    ----------
    stream : binary file
        At most 200 MiB.
    questions : mapping
        Question code to label kind.
    options : mapping
        As ``OPTIONS`` describes.

    Returns
    -------
    iterator
        ``line`` counts pictures without a finding, findings, tags and tracks through the file from 1.
    """
    check_options(options, OPTIONS, ("reader",))
    attributes = pairs(options, "attributes")
    for name, code in attributes.items():
        if questions.get(code) not in ("category", "grade", "measurement"):
            message = f"The attribute {name[:40]!r} should answer {code[:40]!r}, which takes no text or number."
            raise ImportProblem("wrong-question", message, column="attributes")
    plan = _Plan(
        questions=questions,
        reader=options["reader"],
        target=target_of(questions, options),
        attributes=attributes,
        tag=check_kind(questions, options, "tag_question", ("category",)),
        subset=options.get("subset", ""),
        case=options.get("case", ""),
        unit=options.get("unit", ""),
    )
    data = whole(stream)
    if b"<annotations" not in data[:4096]:
        raise ImportProblem("not-cvat", "A dump of CVAT is an XML document that begins with 'annotations'.")
    return _document(data, plan)


def _document(data: bytes, plan: _Plan) -> Answers:
    line, film = 1, Film("", 0, 1, 0, None)
    seen: set[str] = set()
    for element in elements(data, 1):
        if element.tag == "meta":
            film = Film.of(element, plan.case)
        elif element.tag == "image":
            if plan.subset and element.get("subset", "") != plan.subset:
                continue
            _check_new(element, seen, line)
            yield from _image(element, plan, line)
            line += max(len(element), 1)
        elif element.tag == "track":
            yield from _track(element, plan, film, line)
            line += 1


def _check_new(element: Element, seen: set[str], line: int) -> None:
    case = case_of(element.get("name"), line=line, column="name")
    if case in seen:
        message = f"Two pictures would be the case {case[:80]!r}; name one subset in the option 'subset'."
        raise ImportProblem("ambiguous-case", message, line=line, column="name")
    seen.add(case)


def _image(element: Element, plan: _Plan, line: int) -> Answers:
    case = case_of(element.get("name"), line=line, column="name")
    grid = grid_of(size_of(element.get("height")), size_of(element.get("width")))
    if not len(element):
        yield from nothing(Place(line, case, plan.reader, "", grid), plan.target)
        return
    for order, shape in enumerate(element, start=1):
        column = f"{case}/{shape.tag}[{order}]"
        place = Place(line + order - 1, case, plan.reader, str(order), grid, column)
        try:
            yield from _tag(shape, place, plan) if shape.tag == "tag" else _shape(shape, place, plan)
        except ImportProblem as problem:
            yield ImportProblem(problem.code, problem.message, line=place.line, column=problem.column or column)


def _tag(tag: Element, place: Place, plan: _Plan) -> Answers:
    if not plan.tag and not plan.attributes:
        raise ImportProblem("no-question", "The picture has a tag; name the question it answers in 'tag_question'.")
    of_case = Place(place.line, place.case, place.reader, "", place.grid, place.column)
    if plan.tag:
        yield from named(of_case, Target("", "", plan.tag, one=True), tag.get("label", ""))
    yield from _attributes(tag, of_case, plan)


def _shape(shape: Element, place: Place, plan: _Plan) -> Answers:
    code = shape.get("label", "")
    if shape.tag == "mask":
        yield from marked(place, run_places(shape, place), plan.target, code)
    else:
        yield from outlined(place, [ring(points_of(shape, place.line))], plan.target, code)
    yield from _attributes(shape, place, plan)


def _attributes(element: Element, place: Place, plan: _Plan) -> Answers:
    mark = "" if plan.target.one else place.mark
    for attribute in element.findall("attribute"):
        name, text = attribute.get("name", ""), (attribute.text or "").strip()
        question = plan.attributes.get(name)
        if question is None:
            continue
        if not text:
            message = f"The attribute {name[:40]!r} is empty."
            yield ImportProblem("empty-cell", message, line=place.line, column=place.column)
            continue
        value: dict[str, Any] = value_of(text, plan.questions[question], plan.unit, place.line, place.column)
        yield Imported(place.line, place.case, place.reader, question, mark, value)


def _track(track: Element, plan: _Plan, film: Film, line: int) -> Answers:
    mark = track.get("id", "") or str(line)
    column = f"track[{mark}]"
    try:
        place = Place(line, case_of(film.source, line=line, column="source"), plan.reader, mark, film.grid, column)
        rings = track_rings(track, film, line)
        yield from outlined(place, rings, plan.target, track.get("label", ""))
    except ImportProblem as problem:
        yield ImportProblem(problem.code, problem.message, line=line, column=problem.column or column)


SPEC = Importer(title="CVAT (XML)", suffixes=(".xml",), read=read, options=OPTIONS)
