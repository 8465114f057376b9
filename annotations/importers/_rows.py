"""Lines of a comma-separated table, one at a time, with the faults that a line can have.

The ``csv`` module keeps one limit on the length of a cell for the whole process. It is raised here, to
the 8 MiB that an outline may need, and never lowered: two imports at a time can only raise it to the
same value, and other users of the module lose nothing but a default. The limit of this importer is
checked on its own.
"""

import csv
from collections.abc import Iterator
from typing import Any, BinaryIO, TypeAlias

from annotations.importers._parquet import MAGIC, ParquetTable
from annotations.importers._text import CELL_BYTES, lines
from annotations.importers.base import ImportProblem

Row = dict[str, str]


class Table:
    """A table whose header has been read; iterate over ``rows``.

    Parameters
    ----------
    stream : binary file
        UTF-8 or, with a byte order mark, UTF-16; RFC 4180.
    """

    def __init__(self, stream: BinaryIO) -> None:
        csv.field_size_limit(max(csv.field_size_limit(), CELL_BYTES))
        # The csv module exports no name for the type of its readers.
        self._reader: Any = csv.reader(lines(stream), strict=True)
        try:
            self.header = [name.strip() for name in next(self._reader, [])]
        except csv.Error as error:
            message = f"The header cannot be read as comma-separated names: {error}."
            raise ImportProblem("bad-header", message, line=1) from error

    def rows(self) -> Iterator[tuple[int, Row | ImportProblem]]:
        """Yield each line with its number; blank lines are passed over."""
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                _check_closed(error, line)
                yield line, ImportProblem("bad-quoting", f"The line cannot be read as CSV: {error}.", line=line)
                continue
            if cells is None:
                return
            if not cells:
                continue
            try:
                yield line, _row(cells, self.header, line)
            except ImportProblem as problem:
                yield line, problem


AnyTable: TypeAlias = Table | ParquetTable


def table_of(stream: BinaryIO) -> AnyTable:
    """Return the table of a stream, which its first bytes tell apart: text, or Parquet, whose header is its end."""
    if not stream.seekable():
        return Table(stream)
    start = stream.tell()
    is_parquet = stream.read(len(MAGIC)) == MAGIC
    stream.seek(start)
    return ParquetTable(stream) if is_parquet else Table(stream)


def _check_closed(error: csv.Error, line: int) -> None:
    """Raise for a quote that swallowed the rest of the file: the lines after it cannot be trusted."""
    if "unexpected end of data" in str(error) or "field larger than field limit" in str(error):
        message = f"A quote opened in the answer on line {line} is not closed within {CELL_BYTES // 2**20} MiB."
        raise ImportProblem("unclosed-quote", message, line=line) from error


def _row(cells: list[str], header: list[str], line: int) -> Row:
    if len(cells) != len(header):
        message = f"The line has {len(cells)} cells, the header {len(header)}."
        raise ImportProblem("wrong-width", message, line=line)
    row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    for name, cell in row.items():
        if "\x00" in cell:
            raise ImportProblem("nul-byte", "The cell holds a NUL byte.", line=line, column=name)
        if not cell.isascii() and any("\ud800" <= character <= "\udfff" for character in cell):
            message = "The cell holds bytes that are not text in the file's encoding."
            raise ImportProblem("undecodable", message, line=line, column=name)
    return row
