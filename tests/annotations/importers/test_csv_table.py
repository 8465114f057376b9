import csv
import io
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotations.importers import _text
from annotations.importers.base import Imported, ImportProblem
from annotations.importers.csv_table import SPEC
from tests.shared import shared

QUESTIONS = {
    "finding": "category",
    "birads": "grade",
    "size": "measurement",
    "outline": "polygon",
    "region": "mask",
    "odd": "unheard-of",
}
HEAD = "case,reader,question,value\n"
FULL = "case,reader,question,mark,value,unit,answer,seconds\n"


def read(text: str | bytes, questions: dict[str, str] = QUESTIONS) -> list[Imported | ImportProblem]:
    data = text.encode() if isinstance(text, str) else text
    return list(SPEC.read(io.BytesIO(data), questions, {}))


def one(text: str | bytes) -> Imported:
    (found,) = read(text)
    assert isinstance(found, Imported), found
    return found


def problem(text: str | bytes) -> tuple[str, int | None, str | None]:
    (found,) = read(text)
    assert isinstance(found, ImportProblem), found
    return found.code, found.line, found.column


def test_a_long_table():
    found = read(
        FULL
        + "c1,ada,finding,1,benign,,,12.5\n"
        + "c1,ben,birads,,4,,value,\n"
        + "c2,ada,size,2,7.25,mm,,0\n"
        + "c2,ben,size,,12.5 mm,,,\n"
        + "c3,ada,finding,,,,nothing found,3\n"
        + "c3,ben,birads,,motion artefact,,Cannot_Assess,\n"
    )
    assert found == [
        Imported(2, "c1", "ada", "finding", "1", {"kind": "category", "code": "benign"}, 12.5),
        Imported(3, "c1", "ben", "birads", "", {"kind": "grade", "level": "4"}),
        Imported(4, "c2", "ada", "size", "2", {"kind": "measurement", "number": 7.25, "unit": "mm"}, 0.0),
        Imported(5, "c2", "ben", "size", "", {"kind": "measurement", "number": 12.5, "unit": "mm"}),
        Imported(6, "c3", "ada", "finding", "", {"kind": "nothing_found"}, 3.0),
        Imported(7, "c3", "ben", "birads", "", {"kind": "cannot_assess", "reason": "motion artefact"}),
    ]


def test_columns_in_any_order_and_spaces_around_cells():
    found = one("value, question ,reader,case\n benign ,finding, ada ,c1\n")
    assert (found.case, found.reader, found.value["code"]) == ("c1", "ada", "benign")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_encodings(encoding, ending):
    mark = "\ufeff" if encoding.endswith(("-le", "-be")) else ""
    text = mark + HEAD + "Fall-ä,Ångström,finding,好\n" * 3
    found = read(text.replace("\n", ending).encode(encoding))
    assert [entry.line for entry in found] == [2, 3, 4]
    assert found[2] == Imported(4, "Fall-ä", "Ångström", "finding", "", {"kind": "category", "code": "好"})


def test_an_outline_in_a_cell():
    rings = [{"slice": 0, "hole": False, "points": [[1, 1], [2, 1], [2, 2]]}]
    cell = json.dumps({"rings": rings}).replace('"', '""')
    assert one(f'{HEAD}c1,ada,outline,"{cell}"\n').value == {"kind": "polygon", "rings": rings}


def test_a_cell_of_a_megabyte_and_the_limit_of_the_module_never_falls():
    before = csv.field_size_limit()
    points = [[number / 10, 1.5] for number in range(90_000)]
    cell = json.dumps({"rings": [{"points": points}]}).replace('"', '""')
    assert len(cell) > 2**20
    assert len(one(f'{HEAD}c1,ada,outline,"{cell}"\n').value["rings"][0]["points"]) == 90_000
    assert csv.field_size_limit() >= before


def test_quoted_line_feeds_count_as_lines():
    found = read(f'{HEAD}c1,ada,finding,"be\nnign"\n\nc2,ada,finding,x\n')
    assert [entry.line for entry in found] == [2, 5]


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("", "no-header", None),
        ("\n", "no-header", None),
        ("case,reader,question,valeu\n", "unknown-column", "valeu"),
        ("case,reader,question\n", "missing-column", "value"),
        ("case,reader,question,value,case\n", "duplicate-column", "case"),
        ("case;reader;question;value\n", "unknown-column", "case;reader;question;value"),
        ('case,reader,"question,value\n', "bad-header", None),
        (b"\xff\xfec", "undecodable", None),
    ],
)
def test_a_header_that_cannot_be_used_is_raised_at_once(text, code, column):
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(ImportProblem) as raised:
        SPEC.read(io.BytesIO(data), QUESTIONS, {})
    assert (raised.value.code, raised.value.line, raised.value.column) == (code, 1, column)


def test_an_unknown_column_is_told_the_known_ones():
    with pytest.raises(ImportProblem, match=r"'valeu'.*case, reader, question, value, mark, unit, answer, seconds"):
        read("case,reader,question,valeu\n")


def test_no_option_is_known():
    with pytest.raises(ImportProblem) as raised:
        SPEC.read(io.BytesIO(HEAD.encode()), QUESTIONS, {"delimiter": ";"})
    assert raised.value.code == "unknown-option"


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("c1,ada,fnding,,benign,,,", "unknown-question", "question"),
        (",ada,finding,,benign,,,", "empty-cell", "case"),
        ("c1, ,finding,,benign,,,", "empty-cell", "reader"),
        ("c1,ada,,,benign,,,", "empty-cell", "question"),
        ("c1,ada,finding,,,,,", "empty-cell", "value"),
        ("c1,ada,finding,,benign,,", "wrong-width", None),
        ("c1,ada,finding,,benign,,,,", "wrong-width", None),
        ("c1,ada,finding,,be\x00nign,,,", "nul-byte", "value"),
        ("c1,ada,finding,,benign,mm,,", "contradiction", "unit"),
        ("c1,ada,finding,,benign,,maybe,", "unknown-answer", "answer"),
        ("c1,ada,finding,,benign,,nothing found,", "contradiction", "value"),
        ("c1,ada,finding,3,,,nothing found,", "contradiction", "mark"),
        ("c1,ada,size,,12.5,,,", "missing-unit", "value"),
        ("c1,ada,size,,12.5 cm,mm,,", "contradiction", "unit"),
        ('c1,ada,size,,"12,5",mm,,', "not-a-number", "value"),
        ("c1,ada,size,,1.2.3,mm,,", "not-a-number", "value"),
        ("c1,ada,size,,nan,mm,,", "not-a-number", "value"),
        ("c1,ada,size,,1_000,mm,,", "not-a-number", "value"),
        ("c1,ada,size,,\u0661\u0662,mm,,", "not-a-number", "value"),
        ("c1,ada,size,,twelve mm,,,", "not-a-number", "value"),
        ("c1,ada,outline,,[1],,,", "not-an-object", "value"),
        ("c1,ada,outline,,{,,,", "not-json", "value"),
        ('c1,ada,region,,"{""runs"": NaN}",,,', "not-json", "value"),
        ('c1,ada,region,,"{""kind"": ""polygon""}",,,', "wrong-kind", "value"),
        ("c1,ada,odd,,x,,,", "unsupported-kind", "question"),
        ("c1,ada,finding,,benign,,,-1", "not-a-number", "seconds"),
        ("c1,ada,finding,,benign,,,inf", "not-a-number", "seconds"),
        ("c1,ada,finding,,benign,,,1e999", "not-a-number", "seconds"),
        ("c1,ada,finding,,benign,,,5 s", "not-a-number", "seconds"),
        ('c1,ada,finding,,"be"nign,,,', "bad-quoting", None),
    ],
)
def test_a_bad_line_is_a_problem_with_its_place_and_the_next_is_read(row, code, column):
    found = read(f"{FULL}{row}\nc9,ada,finding,,benign,,,\n")
    assert isinstance(found[0], ImportProblem)
    assert (found[0].code, found[0].line, found[0].column) == (code, 2, column)
    assert found[0].message.endswith(".")
    assert isinstance(found[1], Imported)
    assert found[1].line == 3


@pytest.mark.parametrize(("text", "number"), [("1e2 mm", 100.0), ("-.5 mm", -0.5), ("+3. mm", 3.0), ("1e3mm", 1000.0)])
def test_numbers_as_people_write_them(text, number):
    found = one(f"{FULL}c1,ada,size,,{text},,,\n").value
    assert (found["number"], found["unit"]) == (number, "mm")


def test_bytes_that_are_no_text_spoil_only_their_cell():
    found = read(HEAD.encode() + b"c1,ada,finding,be\xffnign\nc2,ada,finding,benign\n")
    assert (found[0].code, found[0].line, found[0].column) == ("undecodable", 2, "value")
    assert found[1].case == "c2"
    wide = read((HEAD + "c1,ada,finding,a\ud800b\nc2,ada,finding,x\n").encode("utf-16", "surrogatepass"))
    assert (wide[0].code, wide[0].line, wide[0].column) == ("undecodable", 2, "value")
    assert wide[1].case == "c2"


def test_a_quote_that_never_closes_is_told_where_it_opens():
    stream = SPEC.read(
        io.BytesIO(f'{HEAD}c1,ada,finding,x\nc2,ada,finding,"be\nc3,ada,finding,x\n'.encode()), QUESTIONS, {}
    )
    assert next(stream).line == 2
    with pytest.raises(ImportProblem) as raised:
        next(stream)
    assert (raised.value.code, raised.value.line) == ("unclosed-quote", 3)


def test_a_file_without_line_feeds_is_not_read_into_memory():
    class Endless(io.RawIOBase):
        served = 0

        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= 2**20
            self.served += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(ImportProblem, match="longer than 16 MiB"):
        SPEC.read(stream, QUESTIONS, {})
    assert stream.served < 2 * _text.CELL_BYTES + 2**20


def test_the_stream_is_read_as_it_is_asked_for():
    body = HEAD.encode() + b"c1,ada,finding,benign\n" * 50_000
    stream = io.BytesIO(body)
    rows = SPEC.read(stream, QUESTIONS, {})
    next(rows)
    assert stream.tell() < len(body) // 2
    assert sum(1 for _ in rows) == 49_999
    assert not stream.closed


@given(st.binary(max_size=60))
@example(b'"')
def test_any_bytes_are_answers_or_problems(data):
    try:
        for entry in read(HEAD.encode() + data):
            if isinstance(entry, Imported):
                entry.value["kind"].encode()
    except ImportProblem as refusal:
        assert refusal.code in ("unclosed-quote", "undecodable")  # the fault of a file, seen only on the way


@given(st.binary(max_size=40))
def test_any_file_is_read_or_refused(data):
    try:
        read(data)
    except ImportProblem as refusal:
        refusal.message.encode()


def test_tables_of_other_tools_are_refused_by_their_header():
    files = sorted(shared("formats/csv").glob("*/*.csv"))
    assert files
    for path in files:
        with path.open("rb") as stream, pytest.raises(ImportProblem) as raised:
            SPEC.read(stream, QUESTIONS, {})
        assert raised.value.code in ("unknown-column", "bad-header")
        assert raised.value.line == 1
