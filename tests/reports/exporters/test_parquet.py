"""The Parquet tables, read back by their library and held against the CSV that shares their rows."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reports.exporters import _parquet
from reports.exporters._csv import read_csv
from reports.exporters.base import export
from reports.exporters.csv_table import SPEC as LONG_CSV
from reports.exporters.csv_wide import SPEC as WIDE_CSV
from reports.exporters.parquet_table import SPEC as LONG
from reports.exporters.parquet_wide import SPEC as WIDE
from tests.reports.exporters.bundles import bundle, question, record
from tests.reports.exporters.regions import HOSTILE, QUESTIONS, release


def read(spec, made):
    return pq.read_table(io.BytesIO(export(spec, made)))


def text(value):
    return "" if value is None else value if isinstance(value, str) else repr(value)


@pytest.mark.parametrize(("spec", "csv"), [(LONG, LONG_CSV), (WIDE, WIDE_CSV)])
def test_it_holds_what_the_csv_table_holds(spec, csv):
    made = release()
    rows = read(spec, made).to_pylist()
    table = read_csv(export(csv, made))
    assert [{name: text(value) for name, value in row.items() if name != "number"} for row in rows] == table
    assert {row["case"] for row in rows} >= {"c1", HOSTILE}


def test_columns_have_one_type_each_and_numbers_stay_numbers():
    table = read(LONG, release())
    types = {field.name: field.type for field in table.schema}
    assert types["support"] == types["number"] == pa.float64()
    assert types["n_reads"] == types["finding_number"] == types["schema"] == pa.int64()
    assert {name for name, kind in types.items() if kind == pa.string()} >= {"case", "value", "votes", "rationale"}
    (size,) = [row for row in table.to_pylist() if row["question"] == "size"]
    assert (size["number"], size["value"], size["unit"]) == (4.5, "4.5", "mm")


def test_a_measurement_is_a_double_with_its_unit_in_the_wide_table():
    asked = {**question("size", "measurement", "ratio"), "definition": {"unit": "mm"}}
    made = bundle(
        [record("c1", "size", {"kind": "measurement", "number": 3, "unit": "mm"}), record("c2", "size")], [asked]
    )
    table = read(WIDE, made)
    field = table.schema.field("size")
    assert (field.type, field.metadata) == (pa.float64(), {b"unit": b"mm"})
    assert table.column("size").to_pylist() == [3.0, None]


def test_the_file_says_which_release_it_is_of():
    held = json.loads(read(LONG, release()).schema.metadata[b"consilium"])
    assert (held["project"], held["number"], held["digest"]) == ("p", 1, release().release["digest"])


def test_a_formula_stays_as_it_is_because_no_spreadsheet_runs_it():
    made = bundle([record("=1+1", label={"kind": "category", "code": "a"})])
    assert read(LONG, made).column("case").to_pylist() == ["=1+1"]


@pytest.mark.parametrize("n_rows", [0, 1, 4, 5, 9])
def test_rows_go_through_in_groups(monkeypatch, n_rows):
    monkeypatch.setattr(_parquet, "GROUP_ROWS", 4)
    made = bundle([record(f"c{n}", label={"kind": "category", "code": "a"}) for n in range(n_rows)])
    content = export(LONG, made)
    assert pq.read_table(io.BytesIO(content)).column("case").to_pylist() == [f"c{n}" for n in range(n_rows)]
    assert pq.ParquetFile(io.BytesIO(content)).num_row_groups == -(-n_rows // 4)


def test_every_question_has_its_columns():
    names = read(WIDE, release()).column_names
    assert {one["code"] for one in QUESTIONS} <= set(names)
