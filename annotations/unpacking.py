"""Images that come in a zip: each file of it is one that was handed in."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from annotations.errors import InvalidInput
from annotations.imaging import LARGEST_FILE, Handed
from annotations.importers._archive import Archive
from annotations.importers.base import ImportProblem

ZIP = b"PK\x03\x04"
# A zip is held while its files are read one by one.
LARGEST_ZIP = 2**30
NO_IMAGES = ("__MACOSX", ".DS_Store", "DICOMDIR", "Thumbs.db")


def unpacked(files: Sequence[Handed]) -> list[Handed]:
    """Return the files with every zip replaced by the files in it, in the order of their names.

    Raises
    ------
    InvalidInput
        For a zip that is too large, broken, encrypted, or names a path that leaves it.
    """
    found: list[Handed] = []
    for place, handed in enumerate(files):
        with handed.opener() as stream:
            is_zip = stream.read(len(ZIP)) == ZIP
        found += list(_members(handed, place)) if is_zip else [handed]
    return found


def _members(handed: Handed, place: int) -> Iterator[Handed]:
    with handed.opener() as stream:
        content = stream.read(LARGEST_ZIP + 1)
    if len(content) > LARGEST_ZIP:
        raise InvalidInput.at(f"files/{place}", "too-large", "A zip of images is at most 1 GiB; hand in several.")
    try:
        archive = Archive(content)
    except ImportProblem as problem:
        raise InvalidInput.at(f"files/{place}", problem.code, problem.message) from problem
    for name in archive.names():
        if not any(part.startswith(".") or part in NO_IMAGES for part in name.split("/")):
            yield Handed(name, _opener(archive, name, place))


def _opener(archive: Archive, name: str, place: int) -> Any:
    @contextmanager
    def opened() -> Iterator[BytesIO]:
        try:
            yield BytesIO(archive.read(name, LARGEST_FILE + 1))
        except ImportProblem as problem:
            raise InvalidInput.at(f"files/{place}", problem.code, problem.message) from problem

    return opened
