"""A long table of answers, one a line, as CSV text.

``case,reader,question,value`` are needed; ``mark,unit,answer,seconds`` are optional. The text is UTF-8
or, with a byte order mark, UTF-16; the delimiter is the comma and quoting is RFC 4180's.

The ``csv`` module keeps one limit on the length of a cell for the whole process. It is raised here, to
the 8 MiB that an outline may need, and never lowered: two imports at a time can only raise it to the
same value, and other users of the module lose nothing but a default. The limit of this importer is
checked on its own.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import orjson

from annotations.importers._text import CELL_BYTES, lines
from annotations.importers.base import Imported, Importer, ImportProblem

REQUIRED = ("case", "reader", "question", "value")
OPTIONAL = ("mark", "unit", "answer", "seconds")
ANSWERS = ("", "value", "nothing found", "cannot assess")

_NUMBER = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)\s*(\S.*)?", re.ASCII | re.DOTALL)

Row = dict[str, str]


def read(
    stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[Imported | ImportProblem]:
    """Return the answers of a table; the header is checked before this returns.

    Parameters
    ----------
    stream : binary file
        Read once, from where it stands, a piece at a time.
    questions : mapping
        Question code to label kind.
    options : mapping
        None are known.

    Returns
    -------
    iterator
        Imported for a line that can be taken, ImportProblem for one that cannot; blank lines are
        passed over. ImportProblem is raised for an unusable header, and for a quote that never closes.
    """
    for name in options:
        raise ImportProblem("unknown-option", f"The table has no option {name!r}.")
    csv.field_size_limit(max(csv.field_size_limit(), CELL_BYTES))
    reader = csv.reader(lines(stream), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise ImportProblem(
            "bad-header", f"The header cannot be read as comma-separated names: {error}.", line=1
        ) from error
    _check_header(header)
    return _answers(reader, header, questions)


def _check_header(header: list[str]) -> None:
    known = ", ".join((*REQUIRED, *OPTIONAL))
    if not header:
        raise ImportProblem("no-header", f"The first line must name the columns: {known}.", line=1)
    for position, name in enumerate(header):
        if name not in REQUIRED and name not in OPTIONAL:
            shown = name.encode("utf-8", "replace").decode()[:80]
            message = f"There is no column {shown!r}; the columns are: {known}."
            raise ImportProblem("unknown-column", message, line=1, column=shown)
        if name in header[:position]:
            raise ImportProblem("duplicate-column", f"The column {name!r} is named twice.", line=1, column=name)
    for name in REQUIRED:
        if name not in header:
            raise ImportProblem("missing-column", f"The column {name!r} is missing.", line=1, column=name)


def _answers(
    reader: Any,  # the csv module exports no name for the type of its readers
    header: list[str],
    questions: Mapping[str, str],
) -> Iterator[Imported | ImportProblem]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            _check_closed(error, line)
            yield ImportProblem("bad-quoting", f"The line cannot be read as CSV: {error}.", line=line)
            continue
        if cells is None:
            return
        if not cells:
            continue
        try:
            yield _answer(_row(cells, header, line), questions, line)
        except ImportProblem as problem:
            yield problem


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
    for name in ("case", "reader", "question"):
        if not row[name]:
            raise ImportProblem("empty-cell", f"The {name} is missing.", line=line, column=name)
    return row


def _answer(row: Row, questions: Mapping[str, str], line: int) -> Imported:
    code = row["question"]
    if code not in questions:
        known = ", ".join(list(questions)[:12])
        message = f"The project has no question {code[:80]!r}; its questions are: {known}."
        raise ImportProblem("unknown-question", message, line=line, column="question")
    answer = row.get("answer", "").lower().replace("_", " ")
    if answer not in ANSWERS:
        message = "An answer is empty, 'nothing found' or 'cannot assess'."
        raise ImportProblem("unknown-answer", message, line=line, column="answer")
    given = answer in ("", "value")
    value = _value(row, questions[code], line) if given else _without_value(row, answer, line)
    mark, seconds = row.get("mark", ""), _seconds(row.get("seconds", ""), line)
    return Imported(line, row["case"], row["reader"], code, mark, value, seconds)


def _without_value(row: Row, answer: str, line: int) -> dict[str, Any]:
    if answer == "cannot assess":
        return {"kind": "cannot_assess", "reason": row["value"]}
    for name in ("value", "mark", "unit"):
        if row.get(name):
            message = f"The answer 'nothing found' contradicts the {name} given."
            raise ImportProblem("contradiction", message, line=line, column=name)
    return {"kind": "nothing_found"}


def _value(row: Row, kind: str, line: int) -> dict[str, Any]:
    text = row["value"]
    if not text:
        message = "The value is missing; if that is meant, say so in the column 'answer'."
        raise ImportProblem("empty-cell", message, line=line, column="value")
    if row.get("unit") and kind != "measurement":
        message = f"A unit belongs to a measurement; this question takes the kind {kind!r}."
        raise ImportProblem("contradiction", message, line=line, column="unit")
    if kind == "category":
        return {"kind": kind, "code": text}
    if kind == "grade":
        return {"kind": kind, "level": text}
    if kind == "measurement":
        return _measurement(text, row.get("unit", ""), line)
    if kind in ("polygon", "mask"):
        return _object(text, kind, line)
    message = f"A table cannot hold answers of the kind {kind!r}."
    raise ImportProblem("unsupported-kind", message, line=line, column="question")


def _measurement(text: str, unit: str, line: int) -> dict[str, Any]:
    found = _NUMBER.fullmatch(text)
    # What follows the number must look like a unit: in "12,5" and "1_000" it is the rest of a number.
    if not found or not (found[2] is None or found[2][0].isalpha() or found[2][0] in "%‰°/"):
        message = f"{text[:40]!r} is not a number with a decimal point, alone or followed by its unit."
        raise ImportProblem("not-a-number", message, line=line, column="value")
    written = found[2] or ""
    if unit and written and unit != written:
        message = f"The value says {written[:40]!r}, the unit {unit[:40]!r}."
        raise ImportProblem("contradiction", message, line=line, column="unit")
    if not unit and not written:
        message = "The unit is missing: write it after the number or in the column 'unit'."
        raise ImportProblem("missing-unit", message, line=line, column="value")
    return {"kind": "measurement", "number": float(found[1]), "unit": unit or written}


def _object(text: str, kind: str, line: int) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        message = f"The value is not JSON: {error.msg}."
        raise ImportProblem("not-json", message, line=line, column="value") from error
    if not isinstance(value, dict):
        raise ImportProblem("not-an-object", f"A {kind} is a JSON object.", line=line, column="value")
    if value.get("kind", kind) != kind:
        message = f"The value is not of the kind {kind!r} that the question takes."
        raise ImportProblem("wrong-kind", message, line=line, column="value")
    return {**value, "kind": kind}


def _seconds(text: str, line: int) -> float | None:
    if not text:
        return None
    found = _NUMBER.fullmatch(text)
    seconds = float(found[1]) if found and not found[2] else -1.0
    if not 0 <= seconds < float("inf"):
        message = "The seconds are not a number from 0, written with a decimal point."
        raise ImportProblem("not-a-number", message, line=line, column="seconds")
    return seconds


SPEC = Importer(title="Table (CSV)", suffixes=(".csv",), read=read)
