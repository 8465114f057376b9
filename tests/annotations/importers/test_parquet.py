"""Parquet tables: the same answers as their text, and types that no reader can tell are refused."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotations.importers import csv_table, csv_wide
from annotations.importers._guess import guess
from annotations.importers.base import Imported, ImportProblem
from tests.annotations.importers.samples import parquet

QUESTIONS = {"type": "category", "grade": "grade", "size": "measurement", "clear": "category"}
LONG = {
    "case": ["c1", "c2", "c3"],
    "reader": ["ada", "ada", None],
    "question": ["grade", "size", "type"],
    "value": ["3", "12.5", "benign"],
    "unit": [None, "mm", None],
    "seconds": [4.0, None, 1.0],
}


def long(data, **options):
    return list(csv_table.read(io.BytesIO(data), QUESTIONS, options))


def test_rows_are_the_answers_of_the_same_text():
    found = long(parquet(LONG))
    text = b"case,reader,question,value,unit,seconds\nc1,ada,grade,3,,4\nc2,ada,size,12.5,mm,\nc3,,type,benign,,1\n"
    theirs = list(csv_table.read(io.BytesIO(text), QUESTIONS, {}))
    said = [(one.case, one.reader, one.question, one.value, one.seconds) for one in found[:2]]
    assert said == [(one.case, one.reader, one.question, one.value, one.seconds) for one in theirs[:2]]
    assert [one.line for one in found] == [1, 2, 3]
    assert (found[2].code, found[2].column) == (theirs[2].code, theirs[2].column) == ("empty-cell", "reader")


def test_numbers_of_a_wide_table_need_no_text_and_gaps_are_no_answers():
    columns = {"case": ["c1", "c2"], "reader": ["ada", "ben"], "grade": [3.0, None], "size": [7.25, 4.0]}
    found = list(csv_wide.read(io.BytesIO(parquet(columns)), QUESTIONS, {"units": "size=mm"}))
    assert [(one.line, one.question, one.value) for one in found] == [
        (1, "grade", {"kind": "grade", "level": "3"}),
        (1, "size", {"kind": "measurement", "number": 7.25, "unit": "mm"}),
        (2, "size", {"kind": "measurement", "number": 4.0, "unit": "mm"}),
    ]


def test_dictionaries_and_whole_numbers_are_read():
    columns = {
        "case": pa.array(["c1", "c1"]).dictionary_encode(),
        "reader": ["ada", "ben"],
        "grade": pa.array([3, 4], pa.int8()),
    }
    found = list(csv_wide.read(io.BytesIO(parquet(columns)), QUESTIONS, {}))
    assert [(one.case, one.value["level"]) for one in found] == [("c1", "3"), ("c1", "4")]


@pytest.mark.parametrize(
    ("data", "code", "column"),
    [
        (b"PAR1" + b"\xff" * 90 + b"PAR1", "not-parquet", None),
        (parquet(LONG)[:-9], "not-parquet", None),
        (parquet({**LONG, "value": [["a"], ["b"], []]}), "bad-type", "value"),
        (parquet({**LONG, "seconds": pa.array([1, 2, 3], pa.timestamp("s"))}), "bad-type", "seconds"),
        (parquet({name: cells for name, cells in LONG.items() if name != "value"}), "missing-column", "value"),
    ],
)
def test_what_cannot_be_read_is_refused_whole(data, code, column):
    with pytest.raises(ImportProblem) as caught:
        long(data)
    assert (caught.value.code, caught.value.column) == (code, column)


def test_a_page_that_is_damaged_stops_the_file_and_says_where():
    rows = 5_000
    columns = {name: [f"{name}-{n}" for n in range(rows)] for name in ("case", "reader", "question", "value")}
    columns["question"] = ["type"] * rows
    data = bytearray(parquet(columns, row_group_size=2_500))
    middle = pq.ParquetFile(io.BytesIO(bytes(data))).metadata.row_group(1).column(0).data_page_offset
    data[middle : middle + 40] = b"\xff" * 40
    read = []
    with pytest.raises(ImportProblem) as caught:
        read.extend(csv_table.read(io.BytesIO(bytes(data)), QUESTIONS, {}))
    assert caught.value.code == "not-parquet"
    assert caught.value.line
    assert all(isinstance(one, Imported) for one in read)


def test_the_bytes_tell_a_long_table():
    assert guess(parquet(LONG), "reads.parquet")[0] == ("csv_table", 0.95)
    assert [name for name, _ in guess(b"PAR1", "reads.parquet")] == ["csv_table", "csv_wide"]
