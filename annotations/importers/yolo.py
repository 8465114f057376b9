"""Boxes, turned boxes and outlines as YOLO's tools write them: a text file a picture, alone or in a zip.

A line is a class number and four numbers (a box: centre and size), eight (a turned box) or more (an
outline), as shares of the picture; DOTA's lines (eight numbers in pixels, a name, a difficulty) are read
too. The shares say nothing without the size of the picture: it is read from the PNG or JPEG of the same
name in the zip, else from the option ``size``. A sixth number is a model's confidence, which is no
reader's answer and refused. ``data.yaml`` is not read: the names of the classes come from ``classes.txt``
or from the option. Source: docs.ultralytics.com, "Datasets" (2024); Xia et al. 2018,
doi:10.1109/CVPR.2018.00418 (DOTA).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import BinaryIO

from annotations.importers._archive import Archive
from annotations.importers._file import case_of, check_options, names, whole
from annotations.importers._picture_size import size_of
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
from annotations.importers.base import Imported, Importer, ImportProblem

MAX_TEXT = 8 * 2**20
OPTIONS = {
    "reader": "Key of the reader whose work the file holds; needed",
    **TARGET_OPTIONS,
    "names": "Names of the classes from number 0 on, with commas; else classes.txt of the zip, else the numbers",
    "size": "Pixels of every picture without one in the zip, WIDTHxHEIGHT",
    "folder": "Only texts in this folder of the zip are read, where it has several: segments",
    "case": "The case of a text file that is handed in alone; needed for one",
}
_LISTS = {"train", "val", "valid", "test", "classes", "obj", "readme", "readme.dataset", "readme.roboflow"}
_HEAD = 2**20
_SIZE = re.compile(r"([1-9][0-9]{0,5})x([1-9][0-9]{0,5})", re.ASCII)

Answers = Iterator[Imported | ImportProblem]


@dataclass(frozen=True, slots=True)
class _Text:
    """The lines of one picture."""

    name: str
    case: str
    size: tuple[int, int] | None
    lines: list[str]


def read(stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]) -> Answers:
    """Return the answers of a text file or a zip; the directory of the zip is checked before this returns.

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
        ``line`` counts the lines of all texts from 1, an empty text as one; the mark is the line of its text.
    """
    check_options(options, OPTIONS, ("reader",))
    target, size = target_of(questions, options), _size_option(options)
    data = whole(stream)
    classes = names(options, "names")
    if not data.startswith(b"PK"):
        check_options(options, OPTIONS, ("case",))
        text = _Text("", options["case"], size, _lines(data[: MAX_TEXT + 1], ""))
        return _answers([text], options["reader"], target, classes)
    archive = Archive(data)
    texts = [name for name in archive.names() if name.lower().endswith(".txt")]
    for name in texts:
        if not classes and PurePosixPath(name).name == "classes.txt":
            classes = tuple(line.strip() for line in _lines(archive.read(name, MAX_TEXT), name) if line.strip())
    folder = options.get("folder", "")
    wanted = [name for name in texts if PurePosixPath(name).stem.lower() not in _LISTS and _within(name, folder)]
    if not wanted:
        raise ImportProblem("no-labels", "The zip holds no text file with labels.")
    return _answers(_texts(archive, wanted, size), options["reader"], target, classes)


def _within(name: str, folder: str) -> bool:
    return not folder or folder.strip("/") in name.split("/")[:-1]


def _texts(archive: Archive, wanted: list[str], size: tuple[int, int] | None) -> Iterator[_Text]:
    pictures = {
        PurePosixPath(name).stem: name for name in archive.names() if name.lower().endswith((".png", ".jpg", ".jpeg"))
    }
    seen: dict[str, str] = {}
    for name in wanted:
        case = case_of(name)
        if case in seen:
            message = f"The texts {seen[case][:80]!r} and {name[:80]!r} would be one case, {case[:80]!r}."
            raise ImportProblem("ambiguous-case", message)
        seen[case] = name
        # A suffix like .jpg.txt stays in the case's name, so the picture is looked up by the text's own.
        picture = pictures.get(case)
        own = size_of(archive.read(picture, _HEAD)) if picture else None
        yield _Text(name, case, own or size, _lines(archive.read(name, MAX_TEXT + 1), name))


def _answers(texts: Iterator[_Text] | list[_Text], reader: str, target: Target, classes: tuple[str, ...]) -> Answers:
    before = 0
    for text in texts:
        grid = grid_of(*text.size) if text.size else None
        whose = Place(before + 1, text.case, reader, "", grid, text.name[:200])
        if not any(line.strip() for line in text.lines):
            yield from nothing(whose, target)
        for number, line in enumerate(text.lines, start=1):
            if line.strip():
                column = f"{text.name[:200]}:{number}".lstrip(":")
                place = replace(whose, line=before + number, mark=str(number), column=column)
                yield from _line(line.split(), place, target, classes)
        before += max(len(text.lines), 1)


def _line(cells: list[str], place: Place, target: Target, classes: tuple[str, ...]) -> Answers:
    try:
        if len(cells) == 10 and not _is_number(cells[8]):
            points = [(float(cells[at]), float(cells[at + 1])) for at in range(0, 8, 2)]
            yield from outlined(place, [ring(points)], target, cells[8])
            return
        number, shares = int(cells[0]), [float(cell) for cell in cells[1:]]
    except ValueError:
        message = "A line is a class number and shares of the picture, or eight pixels, a name and a difficulty."
        yield ImportProblem("not-yolo", message, line=place.line, column=place.column)
        return
    if len(shares) == 5:
        message = "A box with a confidence is a model's; it is no reader's answer."
        yield ImportProblem("confidence", message, line=place.line, column=place.column)
        return
    if len(shares) != 4 and (len(shares) < 6 or len(shares) % 2):
        message = f"A line has a class and 4, 6, 8, 10, … numbers; this one has {len(shares)}."
        yield ImportProblem("wrong-width", message, line=place.line, column=place.column)
        return
    if number < 0 or (classes and number >= len(classes)):
        message = f"There is no class {str(number)[:20]}; {len(classes)} are named."
        yield ImportProblem("unknown-class", message, line=place.line, column=place.column)
        return
    if place.grid is None:
        message = "The size of the picture is not known: put the picture into the zip, or name the option 'size'."
        yield ImportProblem("no-size", message, line=place.line, column=place.column)
        return
    points = _points(shares, place.grid[1], place.grid[2])
    yield from outlined(place, [ring(points)], target, classes[number] if classes else str(number))


def _points(shares: list[float], height: int, width: int) -> list[tuple[float, float]]:
    if len(shares) == 4:
        x, y, w, h = shares
        corners = box_points(x - w / 2, y - h / 2, x + w / 2, y + h / 2)
    else:
        corners = [(shares[at], shares[at + 1]) for at in range(0, len(shares), 2)]
    return [(x * width, y * height) for x, y in corners]


def _lines(data: bytes, name: str) -> list[str]:
    if len(data) > MAX_TEXT:
        raise ImportProblem("too-large", f"A text is at most {MAX_TEXT // 2**20} MiB.", column=name[:200] or None)
    try:
        return data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ImportProblem("undecodable", "The text is not UTF-8.", column=name[:200] or None) from error


def _size_option(options: Mapping[str, str]) -> tuple[int, int] | None:
    text = options.get("size", "")
    if not text:
        return None
    found = _SIZE.fullmatch(text)
    if not found:
        raise ImportProblem("bad-option", "The size is written WIDTHxHEIGHT, 640x480.", column="size")
    return int(found[2]), int(found[1])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


SPEC = Importer(title="YOLO (text, zip)", suffixes=(".zip", ".txt"), read=read, options=OPTIONS)
