"""CSV by RFC 4180 whose texts no spreadsheet takes for a formula, and the way back."""

import csv
import io
from collections.abc import Iterable, Sequence

# A text that begins so could be run by a spreadsheet; ' itself is listed so that the guard can be undone.
_GUARDED = ("=", "+", "-", "@", "\t", "\r", "'")
# A field of our own files may hold a whole mask.
_LONGEST_FIELD = 2**31 - 1

Cell = str | int | float | None


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return UTF-8 CSV with a header and CRLF line ends; numbers as Python writes them, None as empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def read_csv(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a file that ``write_csv`` wrote; ValueError for anything else."""
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    try:
        lines = list(reader)
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error
    if not lines:
        raise ValueError("line 1: a header is needed")
    header = lines[0]
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            raise ValueError(f"row {number}: {len(header)} fields are needed")
    return [dict(zip(header, map(_text, line), strict=True)) for line in lines[1:]]


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return "'" + value if value.startswith(_GUARDED) else value
    return repr(value)


def _text(field: str) -> str:
    return field.removeprefix("'")
