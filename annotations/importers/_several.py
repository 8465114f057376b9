"""Formats with a file for each picture: one such file, or a zip of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from annotations.importers._archive import Archive
from annotations.importers._file import MAX_BYTES, case_of
from annotations.importers.base import Imported, ImportProblem

ZIP = b"PK\x03\x04"

Answers = Iterator[Imported | ImportProblem]


def each(data: bytes, endings: tuple[str, ...], read_one: Callable[[bytes, str], Answers]) -> Answers:
    """Return the answers of a file, or of all the files of a zip that have one of the endings.

    Parameters
    ----------
    data : bytes
        The file or the zip.
    endings : tuple of str
        Lower case, with the dot.
    read_one : callable
        ``read_one(content, name)`` with the name within the zip, empty for a file alone.

    Returns
    -------
    iterator
        In a zip, lines go on from file to file, and a fault of one file is a problem that names it.
    """
    if not data.startswith(ZIP):
        return read_one(data, "")
    archive = Archive(data)
    # What a Mac adds beside each file begins with a dot.
    names = [
        name
        for name in archive.names()
        if name.lower().endswith(endings) and not PurePosixPath(name).name.startswith(".")
    ]
    if not names:
        raise ImportProblem("no-labels", f"The zip holds no file that ends in {' or '.join(endings)}.")
    return _files(archive, names, read_one)


def case_named(options: Mapping[str, str], name: str, endings: tuple[str, ...] = ()) -> str:
    """Return the case of the option, or that of a file of a zip where its content names none.

    Parameters
    ----------
    options : mapping
        With or without ``case``.
    name : str
        The file's name within a zip; empty for a file alone.
    endings : tuple of str
        What to cut off the name, the longest first; empty where the content names the case, and "" is returned.
    """
    given = options.get("case", "")
    if name and given:
        raise ImportProblem("bad-option", "A zip holds many cases; leave the option 'case' out.", column="case")
    if given or not endings:
        return given
    if not name:
        message = "case: the case that the file belongs to; needed where it is handed in alone."
        raise ImportProblem("missing-option", message, column="case")
    plain = PurePosixPath(name).name
    ending = next(one for one in endings if plain.lower().endswith(one))
    return case_of(plain[: -len(ending)] + ".x", column=name[:200])


def _files(archive: Archive, names: list[str], read_one: Callable[[bytes, str], Answers]) -> Answers:
    before = 0
    for name in names:
        last = 0
        try:
            content = archive.read(name, MAX_BYTES + 1)
            if len(content) > MAX_BYTES:
                raise ImportProblem("too-large", f"A file of a zip is at most {MAX_BYTES // 2**20} MiB.")
            for answer in read_one(content, name):
                last = max(last, answer.line or 1)
                yield _moved(answer, before, name)
        except ImportProblem as problem:
            last += 1
            yield ImportProblem(problem.code, problem.message, line=before + last, column=_place(name, problem))
        before += max(last, 1)


def _moved(answer: Imported | ImportProblem, before: int, name: str) -> Imported | ImportProblem:
    if isinstance(answer, Imported):
        return replace(answer, line=before + answer.line)
    line = before + (answer.line or 1)
    return ImportProblem(answer.code, answer.message, line=line, column=_place(name, answer))


def _place(name: str, problem: ImportProblem) -> str:
    return f"{name[:200]} {problem.column or ''}".strip()
