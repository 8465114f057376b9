"""The gold labels as one long Parquet table, a row a unit, each column of one type.

Source: Apache Parquet format 2.9 (parquet.apache.org/docs/file-format), written by Apache Arrow's pyarrow.
"""

from typing import Any

from reports.exporters._long import COLUMNS, row_of
from reports.exporters._parquet import COUNT, NUMBER, TEXT, Column, parquet
from reports.exporters.base import Exporter, GoldBundle

TYPES = {"finding_number": COUNT, "support": NUMBER, "n_reads": COUNT, "n_dissent": COUNT}
VERSIONS = {"protocol": COUNT, "schema": COUNT}


def table(bundle: GoldBundle) -> bytes:
    """Return a Parquet file of every unit with a gold label.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        The columns of the long CSV table, and ``number``: the value of a measurement as a double, in ``unit``.
        ``value`` is a text for every kind, so that the column has one type. Nothing is escaped, because no
        spreadsheet takes a Parquet text for a formula.
    """
    columns = [Column(name, {**TYPES, **VERSIONS}.get(name, TEXT)) for name in COLUMNS]
    place = COLUMNS.index("value")
    columns.insert(place + 1, Column("number", NUMBER))
    return parquet(bundle, columns, (_row(row_of(record), place) for record in bundle.gold()))


def _row(cells: list[Any], place: int) -> list[Any]:
    value = cells[place]
    number = float(value) if isinstance(value, int | float) else None
    text = repr(value) if isinstance(value, int | float) else value
    return [*cells[:place], text, number, *cells[place + 1 :]]


SPEC = Exporter(
    title="Long table (Parquet)",
    suffix="parquet",
    media_type="application/vnd.apache.parquet",
    function=table,
    loses=("The dissenting answers are counted, not quoted.", "Units without a gold label are not in it."),
)
