"""Regions of interest of MITK (``MITK ROI`` version 1): boxes along the axes of the grid that the file describes.

Min and Max are indices of that grid; its origin is the centre of the first voxel, so they become millimetres and then
voxels of the case's image. Source: MITK, "MITK ROI" (developer manual, 2024).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from annotations.importers._file import check_options, json_of, whole
from annotations.importers._label_map import MAP_OPTIONS
from annotations.importers._several import case_named, each
from annotations.importers._shapes import TARGET_OPTIONS, Place, Target, named, nothing, target_of
from annotations.importers.base import Imported, Importer, ImportProblem
from annotations.labels.base import LabelError, finite

OPTIONS = {
    "case": MAP_OPTIONS["case"],
    "reader": MAP_OPTIONS["reader"],
    **{name: words for name, words in TARGET_OPTIONS.items() if name != "question"},
    "question": "Code of the box question that the regions answer",
    "bounds": "voxels: Min and Max are the first and the last voxel (the default); corners: they are the box's corners",
}
ENDINGS = (".json",)
MAX_REGIONS = 10_000
# From the index of a voxel to the corners of the box, at its low and its high end.
EDGES = {"voxels": (-0.5, 0.5), "corners": (0.0, 0.0)}

Edges = tuple[float, float]
Answers = Iterator[Imported | ImportProblem]


def read(stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]) -> Answers:
    """Return the boxes of a file, or of all those of a zip.

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
        ``line`` counts the regions; the mark is the region's ID.
    """
    check_options(options, OPTIONS, ("reader", "question"))
    target = target_of(questions, options)
    if target.kind != "box":
        message = "Regions are boxes; name a box question in the option 'question'."
        raise ImportProblem("wrong-question", message, column="question")
    bounds = options.get("bounds") or "voxels"
    if bounds not in EDGES:
        raise ImportProblem("bad-option", "The bounds are 'voxels' or 'corners'.", column="bounds")

    def read_one(data: bytes, name: str) -> Answers:
        document = json_of(data)
        if not isinstance(document, Mapping) or document.get("FileFormat") != "MITK ROI":
            raise ImportProblem("not-mitk", "A JSON object with FileFormat 'MITK ROI' is needed.")
        if document.get("Version") != 1:
            raise ImportProblem("not-mitk", "Version 1 of the format is read.", column="Version")
        whose = Place(1, case_named(options, name, ENDINGS), options["reader"], "", None)
        return _answers(document, whose, target, EDGES[bounds])

    return each(whole(stream), ENDINGS, read_one)


def _answers(document: Mapping[str, Any], whose: Place, target: Target, edges: Edges) -> Answers:
    geometry, regions = document.get("Geometry"), document.get("ROIs")
    if not isinstance(geometry, Mapping) or not isinstance(regions, list) or len(regions) > MAX_REGIONS:
        message = f"The file needs a Geometry and at most {MAX_REGIONS} ROIs."
        raise ImportProblem("not-mitk", message)
    origin, spacing = _three(geometry, "Origin", None), _three(geometry, "Spacing", None)
    for line, region in enumerate(regions, start=1):
        if target.one and line > 1:
            message = "The question takes one answer a case; this is a second region."
            yield ImportProblem("several-labels", message, line=line)
            continue
        try:
            corners = _corners(region, line, edges)
        except ImportProblem as problem:
            yield problem
            continue
        low, high = ([o + at * step for o, at, step in zip(origin, corner, spacing, strict=True)] for corner in corners)
        place = Place(line, whose.case, whose.reader, "" if target.one else str(region.get("ID", line))[:80], None)
        value = {"kind": "box", "low": low, "high": high}
        yield Imported(line, place.case, place.reader, target.question, place.mark, value, in_patient=True)
        if target.category:
            yield from named(place, target, _name_of(region))
    if not regions:
        yield from nothing(whose, target)


def _corners(region: object, line: int, edges: Edges) -> tuple[Sequence[float], Sequence[float]]:
    if not isinstance(region, Mapping):
        raise ImportProblem("not-mitk", "A region is an object.", line=line)
    if "TimeSteps" in region:
        raise ImportProblem("several-times", "A region that moves in time is no box of one image.", line=line)
    low, high = (_three(region, name, line) for name in ("Min", "Max"))
    return [part + edges[0] for part in low], [part + edges[1] for part in high]


def _three(where: Mapping[str, Any], name: str, line: int | None) -> list[float]:
    parts = where.get(name)
    try:
        numbers = [finite(part, "") for part in parts] if isinstance(parts, list) else []
    except LabelError as error:
        raise ImportProblem("bad-point", f"{name} is three finite numbers.", line=line, column=name) from error
    if len(numbers) != 3:
        raise ImportProblem("bad-point", f"{name} is three finite numbers.", line=line, column=name)
    return numbers


def _name_of(region: Mapping[str, Any]) -> str:
    properties = region.get("Properties")
    texts = properties.get("StringProperty") if isinstance(properties, Mapping) else None
    return str(texts.get("name", "")) if isinstance(texts, Mapping) else ""


SPEC = Importer(title="MITK regions of interest", suffixes=(".json", ".zip"), read=read, options=OPTIONS)
