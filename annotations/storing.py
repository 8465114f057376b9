"""Bytes kept under their digest: stored before any row names them, so that every file that a row names exists."""

import hashlib
import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage


def store_bytes(content: bytes | memoryview, folder: str) -> tuple[str, str]:
    """Keep bytes under their digest before any row names them; returns digest and storage path.

    A view of an array is written from where it stands: a volume of a gigabyte is not held twice.
    """
    digest = hashlib.sha256(content).hexdigest()
    path = f"{folder}/{digest[:2]}/{digest}"
    if default_storage.exists(path):
        if default_storage.size(path) == len(content):
            return digest, path
        # Half a file, left by a disk that was full before files were put in their place whole.
        default_storage.delete(path)
    default_storage.save(path, file_of(content))
    return digest, path


def file_of(content: bytes | memoryview) -> File:  # type: ignore[type-arg]
    """Return bytes as a file that storages can save."""
    if isinstance(content, bytes):
        return ContentFile(content)
    found: File = File(io.BufferedReader(Viewed(content)))  # type: ignore[type-arg]
    found.size = len(content)
    return found


class Placed(io.RawIOBase):
    """A file that can be read anywhere; whoever makes it says how long it is and reads from ``_at``."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self._length = length
        self._at = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, counted from the start, from here or from the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(base + offset, 0)
        return self._at


class Viewed(Placed):
    """Bytes that stand somewhere else, as a file."""

    def __init__(self, content: memoryview) -> None:
        super().__init__(len(content))
        self._content = content

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer; 0 at the end."""
        piece = self._content[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def stored_bytes(path: str) -> bytes:
    """Return the bytes of a stored file."""
    with default_storage.open(path, "rb") as stream:
        return bytes(stream.read())


class Joined(Placed):
    """Stored files one after another as one; one of them is held at a time.

    Parameters
    ----------
    paths : sequence of str
        Where they are stored, in order.
    sizes : sequence of int
        Bytes of each.
    """

    def __init__(self, paths: Sequence[str], sizes: Sequence[int]) -> None:
        super().__init__(sum(sizes))
        self._paths = paths
        self._starts = [0, *accumulate(sizes)]
        self._held: tuple[int, bytes] = (-1, b"")

    def part(self, path: str) -> bytes:
        """Return the bytes of a part."""
        return stored_bytes(path)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer from the part in which the next byte stands; 0 at the end."""
        if self._at >= self._starts[-1]:
            return 0
        place = bisect_right(self._starts, self._at) - 1
        if self._held[0] != place:
            self._held = place, self.part(self._paths[place])
        start = self._at - self._starts[place]
        piece = self._held[1][start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
