"""Open a package that may be hostile: a zip archive or a folder, held in memory, never unpacked to disk."""

import re
import zipfile
import zlib
from pathlib import Path

from reports.verification.base import PackageProblem

# Flat names only: no folders, no way up, nothing hidden.
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
NESTED = (".zip", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".7z", ".zst")
MOST_FILES = 100
MOST_BYTES = 1_500_000_000
MOST_FILE_BYTES = 1_000_000_000
# Our text files shrink about tenfold; beyond this a small archive is a trap.
MOST_RATIO = 250
RATIO_FREE_BYTES = 1_000_000
ENCRYPTED = 0x1


def open_package(path: Path) -> dict[str, bytes]:
    """Return the files of a package by name.

    Parameters
    ----------
    path : Path
        A zip archive, or the folder that it was unpacked to.

    Returns
    -------
    dict of str to bytes

    Raises
    ------
    PackageProblem
        When it is no package, or could harm whoever opens it: paths, nested archives, too many or too large
        files, a compression that nobody needs.
    """
    if path.is_dir():
        return files_of_folder(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return files_of_archive(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise PackageProblem(path.name, f"This is no readable zip archive ({error}).") from error


def files_of_folder(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder; links are refused, for they may lead anywhere."""
    entries = sorted(folder.iterdir())
    check_count(len(entries))
    for entry in entries:
        check_name(entry.name)
        if entry.is_symlink() or not entry.is_file():
            raise PackageProblem(entry.name, "A package holds plain files only.")
    check_sizes({entry.name: entry.stat().st_size for entry in entries})
    return {entry.name: entry.read_bytes() for entry in entries}


def files_of_archive(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Return the files of an archive, after looking at its whole table of contents."""
    entries = archive.infolist()
    check_count(len(entries))
    names: set[str] = set()
    for entry in entries:
        check_name(entry.filename)
        if entry.filename in names:
            raise PackageProblem(entry.filename, "The archive holds two files of this name.")
        names.add(entry.filename)
        if entry.flag_bits & ENCRYPTED:
            raise PackageProblem(entry.filename, "An encrypted file cannot be checked.")
        if entry.file_size > max(RATIO_FREE_BYTES, MOST_RATIO * entry.compress_size):
            raise PackageProblem(entry.filename, "The file is compressed more than its content explains.")
    check_sizes({entry.filename: entry.file_size for entry in entries})
    return {entry.filename: content_of(archive, entry) for entry in entries}


def content_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return one file, reading no further than the size that the table of contents declares."""
    with archive.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise PackageProblem(entry.filename, "The file is not as long as the archive says.")
    return content


def check_count(number: int) -> None:
    """Refuse an archive with more files than a package has."""
    if number > MOST_FILES:
        raise PackageProblem("package", f"It holds {number} files; a package has at most {MOST_FILES}.")


def check_name(name: str) -> None:
    """Refuse a name that is a path, hidden, or another archive."""
    if not NAME.fullmatch(name):
        raise PackageProblem(repr(name), "A file of a package has a plain lower-case name without folders.")
    if name.endswith(NESTED):
        raise PackageProblem(name, "A package holds no archive.")


def check_sizes(sizes: dict[str, int]) -> None:
    """Refuse files that are larger than any package needs."""
    for name, size in sizes.items():
        if size > MOST_FILE_BYTES:
            raise PackageProblem(name, f"The file has {size} bytes; at most {MOST_FILE_BYTES} are read.")
    if sum(sizes.values()) > MOST_BYTES:
        raise PackageProblem("package", f"The files have {sum(sizes.values())} bytes; at most {MOST_BYTES} are read.")
