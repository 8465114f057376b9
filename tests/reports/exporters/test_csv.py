import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.exporters._csv import read_csv, write_csv

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "'"])
def test_no_text_is_a_formula(start):
    content = write_csv(["text"], [[start + "1+1"]]).decode()
    assert list(csv.reader(io.StringIO(content, newline="")))[1] == ["'" + start + "1+1"]


def test_numbers_are_numbers_and_nothing_is_empty():
    assert write_csv(["a", "b", "c", "d"], [[-1.5, 0.1, -3, None]]) == b"a,b,c,d\r\n-1.5,0.1,-3,\r\n"


def test_fields_are_quoted_as_rfc_4180_says():
    content = write_csv(["a", "b"], [['say "x"', "two\nlines"]])
    assert content == b'a,b\r\n"say ""x""","two\nlines"\r\n'


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=5))
def test_what_was_written_is_read(rows):
    assert [list(row.values()) for row in read_csv(write_csv(["a", "b"], rows))] == rows


@pytest.mark.parametrize("content", [b"", b"a,b\r\n1\r\n", b'a\r\n"x\r\n', b"\xff"])
def test_a_broken_table_is_refused(content):
    with pytest.raises(ValueError):
        read_csv(content)
