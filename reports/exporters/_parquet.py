"""Rows as a Parquet file: what the long and the wide table have in common."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from annotations.labels.base import canonical
from reports.exporters.base import GoldBundle

TEXT, NUMBER, COUNT = "text", "number", "count"
# Rows held as Python values at a time; a group of the file is as many.
GROUP_ROWS = 20_000
# The library ships no types.
_arrow: Any = pa
_parquet: Any = pq
_TYPES = {TEXT: _arrow.string(), NUMBER: _arrow.float64(), COUNT: _arrow.int64()}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type (text, number or count) and the unit of its numbers, or an empty text."""

    name: str
    type: str
    unit: str = ""


def parquet(bundle: GoldBundle, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a Parquet file, the same bytes each time.

    Parameters
    ----------
    bundle : GoldBundle
        Its project and release stand in the file's metadata under ``consilium``, as canonical JSON.
    columns : sequence of Column
        Their names are unique.
    rows : iterable of sequence
        One value a column; None is null.
    """
    about = canonical({"project": bundle.project["slug"], **bundle.release}).encode()
    fields = [
        _arrow.field(one.name, _TYPES[one.type], metadata={b"unit": one.unit.encode()} if one.unit else None)
        for one in columns
    ]
    schema = _arrow.schema(fields, metadata={b"consilium": about})
    stream = io.BytesIO()
    with _parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        for part in _parts(rows):
            arrays = [
                _arrow.array(values, type=kind.type)
                for values, kind in zip(zip(*part, strict=True), schema, strict=True)
            ]
            writer.write_table(_arrow.Table.from_arrays(arrays, schema=schema))
    return stream.getvalue()


def _parts(rows: Iterable[Sequence[Any]]) -> Iterable[list[Sequence[Any]]]:
    waiting = iter(rows)
    while part := list(islice(waiting, GROUP_ROWS)):
        yield part
