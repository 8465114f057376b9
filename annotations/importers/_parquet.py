"""Rows of a Parquet file, in the shape of the rows of a text table."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from annotations.importers._text import CELL_BYTES
from annotations.importers.base import ImportProblem

MAGIC = b"PAR1"
MAX_ROWS = 20_000_000
MAX_COLUMNS = 2_000
# Unpacked, as the file itself says: a group is what has to be held at a time.
MAX_GROUP_BYTES = 2**30
BATCH = 2_000

Row = dict[str, str]
# The library ships no types.
_arrow: Any = pa
_FAULTS: tuple[type[Exception], ...] = (_arrow.ArrowException, OSError, ValueError)


class ParquetTable:
    """A table whose header has been read; iterate over ``rows``. A line is the number of a row, from 1.

    Parameters
    ----------
    stream : binary file
        That can be read anywhere.
    """

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._file: Any = pq.ParquetFile(stream)
            about = self._file.metadata
            groups = [about.row_group(place).total_byte_size for place in range(about.num_row_groups)]
            schema = self._file.schema_arrow
        except _FAULTS as error:
            raise ImportProblem("not-parquet", "The file is no Parquet file that can be read.") from error
        if about.num_rows > MAX_ROWS or len(schema) > MAX_COLUMNS or max(groups, default=0) > MAX_GROUP_BYTES:
            message = f"A table has at most {MAX_ROWS} rows, {MAX_COLUMNS} columns and a group 1 GiB unpacked here."
            raise ImportProblem("too-large", message)
        self.header = [name.strip() for name in schema.names]
        for field in schema:
            _refuse_other_types(field)

    def rows(self) -> Iterator[tuple[int, Row | ImportProblem]]:
        """Yield each row with its number."""
        line = 0
        try:
            for batch in self._file.iter_batches(batch_size=BATCH):
                columns = [column.to_pylist() for column in batch.columns]
                for values in zip(*columns, strict=True):
                    line += 1
                    yield line, self._row(values, line)
        except _FAULTS as error:
            if isinstance(error, ImportProblem):
                raise
            message = f"The file cannot be read after row {line}."
            raise ImportProblem("not-parquet", message, line=line + 1) from error

    def _row(self, values: tuple[Any, ...], line: int) -> Row | ImportProblem:
        row = {name: _text(value) for name, value in zip(self.header, values, strict=True)}
        for name, text in row.items():
            if len(text) > CELL_BYTES:
                message = f"A cell holds at most {CELL_BYTES // 2**20} MiB."
                return ImportProblem("cell-too-large", message, line=line, column=name)
            if "\x00" in text:
                return ImportProblem("nul-byte", "The cell holds a NUL byte.", line=line, column=name)
        return row


def _refuse_other_types(field: Any) -> None:
    """Refuse a column whose values are no texts, numbers or truth values; a reader cannot tell what else means."""
    kind = field.type.value_type if _arrow.types.is_dictionary(field.type) else field.type
    plain = (
        _arrow.types.is_string, _arrow.types.is_large_string, _arrow.types.is_integer, _arrow.types.is_floating,
        _arrow.types.is_boolean, _arrow.types.is_null,
    )  # fmt: skip
    if not any(check(kind) for check in plain):
        message = f"The column holds values of the type {str(kind)[:40]}; texts, numbers and true or false are read."
        raise ImportProblem("bad-type", message, column=str(field.name)[:80])


def _text(value: Any) -> str:
    """Return a value as a text table holds it: nothing for null, 3 for the 3.0 of a column with gaps."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return str(value).strip()
