"""How many pixels a PNG or JPEG has, from its first bytes alone; the pixels are not decoded."""

import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_STANDALONE = {0x01, *range(0xD0, 0xD9)}
_NO_FRAME = {0xC4, 0xC8, 0xCC}


def size_of(head: bytes) -> tuple[int, int] | None:
    """Return (height, width) in pixels; None for another format, or where the size lies further on.

    Parameters
    ----------
    head : bytes
        The beginning of the file. PNG: ISO/IEC 15948, 11.2.2; JPEG: ITU-T T.81, B.2.2.
    """
    if head.startswith(_PNG) and len(head) >= 24:
        width, height = struct.unpack(">II", head[16:24])
        return (height, width) if height and width else None
    return _jpeg(head) if head.startswith(b"\xff\xd8") else None


def _jpeg(head: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:  # a filler
            at += 1
        elif marker in _STANDALONE:
            at += 2
        elif 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return (height, width) if height and width else None
        else:
            at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None
