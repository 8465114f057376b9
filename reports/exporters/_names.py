"""File names made from the keys of cases: safe on every system, different for different cases, readable."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
_LONGEST = 100
# Names that Windows gives to devices, whatever follows the dot.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def file_stems(cases: Iterable[str]) -> dict[str, str]:
    """Return for each case the name that its files begin with.

    Parameters
    ----------
    cases : iterable of str
        Keys, of any characters.

    Returns
    -------
    dict
        Case to a text of ``A-Z a-z 0-9 . _ - %``; other characters are written ``%XX`` (RFC 3986) by their
        UTF-8 bytes, so that a plain key stays as it is. A text of more than 100 characters is cut and, as
        are two that differ in case alone, ended by digits of the key's SHA-256.
    """
    stems = {case: _escaped(case) for case in cases}
    shared = Counter(stem.casefold() for stem in stems.values())
    return {
        case: stem if len(stem) <= _LONGEST and shared[stem.casefold()] == 1 else _ended(stem, case)
        for case, stem in stems.items()
    }


def plane_name(stem: str, index: int, depth: int) -> str:
    """Return the name of the picture of one slice; a case of a single slice has no number.

    Parameters
    ----------
    stem : str
        As ``file_stems`` returns it; it never holds the ``+`` before the number.
    index, depth : int
        Slice from 0, and how many there are.
    """
    return stem if depth == 1 else f"{stem}+slice{index:04d}"


def _escaped(case: str) -> str:
    raw = case.encode("utf-8", "surrogatepass")
    text = "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in raw)
    if text.startswith(".") or _DEVICES.match(text):
        return f"%{ord(text[0]):02X}{text[1:]}"
    return text.removesuffix(".") + "%2E" if text.endswith(".") else text


def _ended(stem: str, case: str) -> str:
    digest = hashlib.sha256(case.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{stem[:_LONGEST]}%-{digest}"
