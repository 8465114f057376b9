"""Lines of a text file of unknown honesty, a bounded piece at a time."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from annotations.importers.base import ImportProblem

CELL_BYTES = 8 * 2**20
_PIECE = 2**16


def lines(stream: BinaryIO) -> Iterator[str]:
    r"""Yield the lines of a text, each with its line feed.

    Parameters
    ----------
    stream : binary file
        UTF-8, or UTF-16 with a byte order mark; only its ``read`` is used.

    Yields
    ------
    str
        Bytes that the encoding does not know are yielded as lone surrogates (U+D800 to U+DFFF), so that
        the reader of the lines can name the line and cell. ImportProblem is raised for a line longer than
        two cells can be.
    """
    head = stream.read(_PIECE)
    wide = head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    # UTF-8 faults escape byte by byte; UTF-16 faults are surrogates already and pass as they are.
    name, errors = ("utf-16", "surrogatepass") if wide else ("utf-8-sig", "surrogateescape")
    decoder = codecs.getincrementaldecoder(name)(errors)
    pending: list[str] = []
    held = number = 0
    piece = head
    while True:
        text = _decoded(decoder, piece, number + 1)
        *whole, rest = text.split("\n")
        for line in whole:
            number += 1
            yield "".join(pending) + line + "\n"
            pending, held = [], 0
        pending.append(rest)
        held += len(rest)
        if held > 2 * CELL_BYTES:
            message = f"The line is longer than {2 * CELL_BYTES // 2**20} MiB; is this a text file?"
            raise ImportProblem("line-too-long", message, line=number + 1)
        if not piece:
            break
        piece = stream.read(_PIECE)
    if held:
        yield "".join(pending)


def _decoded(decoder: codecs.IncrementalDecoder, piece: bytes, line: int) -> str:
    try:
        return decoder.decode(piece, final=not piece)
    except UnicodeDecodeError as error:
        message = f"The text breaks off within a character ({error.reason})."
        raise ImportProblem("undecodable", message, line=line) from error
