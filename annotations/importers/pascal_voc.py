"""Boxes in the XML of the PASCAL VOC challenge, one file a picture, alone or in a zip.

The challenge counts pixels from 1 and includes the last, so a box from 1 to 3 covers three pixels; many
tools write corners counted from 0 under the same names. Which of the two a file means cannot be seen
from it, so the option says. Difficult and truncated objects are read like any other. Source: Everingham
et al. 2010, doi:10.1007/s11263-009-0275-4; VOC development kit (2012).
"""

from collections.abc import Iterator, Mapping
from typing import BinaryIO
from xml.etree.ElementTree import Element

from annotations.importers._file import case_of, check_options, whole
from annotations.importers._several import case_named, each
from annotations.importers._shapes import (
    TARGET_OPTIONS,
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
    "reader": "Key of the reader whose work the file holds; needed",
    **TARGET_OPTIONS,
    "case": "The case of the picture; else the name of its file",
    "coordinates": "pixels: counted from 1, the last one included, as the challenge has it (default); "
    "corners: counted from 0, as Roboflow and others write",
}


def read(
    stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[Imported | ImportProblem]:
    """Return the answers of a VOC file; the document is parsed before this returns.

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
        ``line`` counts objects from 1, and is the mark.
    """
    check_options(options, OPTIONS, ("reader",))
    target = target_of(questions, options)
    coordinates = options.get("coordinates", "pixels")
    if coordinates not in ("pixels", "corners"):
        raise ImportProblem("bad-option", "The coordinates are 'pixels' or 'corners'.", column="coordinates")
    first = 1 if coordinates == "pixels" else 0

    def read_one(data: bytes, name: str) -> Iterator[Imported | ImportProblem]:
        root = root_of(data, "annotation", "PASCAL VOC")
        case = case_named(options, name) or case_of(text_of(root, "filename"), column="filename")
        grid = grid_of(size_of(root.findtext("size/height")), size_of(root.findtext("size/width")))
        return _objects(root.findall("object"), Place(1, case, options["reader"], "", grid), target, first)

    return each(whole(stream), (".xml",), read_one)


def _objects(objects: list[Element], whose: Place, target: Target, first: int) -> Iterator[Imported | ImportProblem]:
    if not objects:
        yield from nothing(whose, target)
    for line, item in enumerate(objects, start=1):
        place = Place(line, whose.case, whose.reader, str(line), whose.grid, f"object[{line}]")
        try:
            left, top, right, bottom = (
                number_of(item.findtext(f"bndbox/{name}"), name, line) for name in ("xmin", "ymin", "xmax", "ymax")
            )
        except ImportProblem as problem:
            yield problem
            continue
        points = box_points(left - first, top - first, right, bottom)
        yield from outlined(place, [ring(points)], target, text_of(item, "name"))


SPEC = Importer(title="PASCAL VOC (XML)", suffixes=(".xml", ".zip"), read=read, options=OPTIONS)
