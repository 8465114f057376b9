"""The gold labels as one wide Parquet table, a row a case and a row a finding, a group of columns a question.

Source: Apache Parquet format 2.9 (parquet.apache.org/docs/file-format), written by Apache Arrow's pyarrow.
"""

from reports.exporters._csv import Cell
from reports.exporters._parquet import COUNT, NUMBER, TEXT, Column, parquet
from reports.exporters._wide import GROUP, KEYS, wide_rows
from reports.exporters.base import Exporter, GoldBundle

TYPES = {".answer": TEXT, ".disposition": TEXT, ".support": NUMBER, ".n_reads": COUNT, ".n_dissent": COUNT}


def table(bundle: GoldBundle) -> bytes:
    """Return a Parquet file of every unit, settled or not.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        The columns of the wide CSV table. The column of a measurement is a double and states its unit in the
        field's metadata; every other answer is a text. What has no answer is null.
    """
    columns = [Column(name, TEXT) for name in KEYS]
    for question in bundle.schema["questions"]:
        unit = str(question["definition"].get("unit", ""))
        own = NUMBER if question["kind"] == "measurement" else TEXT
        columns.extend(
            Column(question["code"] + suffix, TYPES.get(suffix, own), "" if suffix else unit) for suffix in GROUP
        )
    numeric = [place for place, column in enumerate(columns) if column.type == NUMBER]
    return parquet(bundle, columns, (_row(cells, numeric) for cells in wide_rows(bundle)))


def _row(cells: list[Cell], numeric: list[int]) -> list[Cell]:
    for place in numeric:
        value = cells[place]
        cells[place] = float(value) if isinstance(value, int | float) else None
    return cells


SPEC = Exporter(
    title="Wide table (Parquet)",
    suffix="parquet",
    media_type="application/vnd.apache.parquet",
    function=table,
    loses=("The dissenting answers are counted, not quoted; causes and rationales are in the long table.",),
)
