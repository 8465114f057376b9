"""A zip of unknown honesty: checked by its directory, then read a bounded member at a time."""

import io
import lzma
import zipfile
import zlib

from annotations.importers.base import ImportProblem

MAX_MEMBERS = 10_000
MAX_PLAIN = 2**31
_ENCRYPTED = 1


class Archive:
    """A zip whose directory has been checked; nothing is written to disk.

    Parameters
    ----------
    data : bytes
        The whole file.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise ImportProblem("not-a-zip", "The file cannot be read as a zip.") from error
        members = [member for member in self._zip.infolist() if not member.is_dir()]
        if len(members) > MAX_MEMBERS:
            raise ImportProblem("too-many-files", f"A zip holds at most {MAX_MEMBERS} files here.")
        if sum(member.file_size for member in members) > MAX_PLAIN:
            raise ImportProblem("too-large", f"The zip unpacks to more than {MAX_PLAIN // 2**30} GiB.")
        self._members = {self._checked(member): member for member in members}
        if len(self._members) != len(members):
            raise ImportProblem("duplicate-name", "Two files of the zip have one name.")

    def names(self) -> list[str]:
        """Return the names of the files, sorted."""
        return sorted(self._members)

    def read(self, name: str, limit: int) -> bytes:
        """Return at most ``limit`` bytes from the front of a file, or raise ImportProblem when it is broken."""
        try:
            with self._zip.open(self._members[name]) as member:
                return member.read(limit)
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
            raise ImportProblem("broken-zip", f"{name[:80]!r} cannot be unpacked.", column=name[:200]) from error
        except (NotImplementedError, RuntimeError) as error:
            message = f"{name[:80]!r} is packed in a way that is not read."
            raise ImportProblem("unsupported-zip", message, column=name[:200]) from error

    @staticmethod
    def _checked(member: zipfile.ZipInfo) -> str:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ":" in name[:3] or ".." in name.split("/"):
            raise ImportProblem("bad-name", f"The zip holds a path that leaves it: {name[:80]!r}.")
        if member.flag_bits & _ENCRYPTED:
            raise ImportProblem("encrypted", "The zip is encrypted.")
        return name
