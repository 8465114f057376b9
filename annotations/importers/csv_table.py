"""A long table of answers, one a line, as CSV text.

``case,reader,question,value`` are needed; ``mark,unit,answer,seconds`` are optional. The text is UTF-8
or, with a byte order mark, UTF-16; the delimiter is the comma and quoting is RFC 4180's.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from annotations.importers._cells import seconds_of, value_of
from annotations.importers._rows import AnyTable, Row, table_of
from annotations.importers.base import Imported, Importer, ImportProblem

REQUIRED = ("case", "reader", "question", "value")
OPTIONAL = ("mark", "unit", "answer", "seconds")
ANSWERS = ("", "value", "nothing found", "cannot assess")


def read(
    stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[Imported | ImportProblem]:
    """Return the answers of a table; the header is checked before this returns.

    Parameters
    ----------
    stream : binary file
        Read once, from where it stands, a piece at a time; text, or Parquet with the same columns.
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
    table = table_of(stream)
    _check_header(table.header)
    return _answers(table, questions)


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


def _answers(table: AnyTable, questions: Mapping[str, str]) -> Iterator[Imported | ImportProblem]:
    for line, row in table.rows():
        if isinstance(row, ImportProblem):
            yield row
            continue
        try:
            _check_keys(row, line)
            yield _answer(row, questions, line)
        except ImportProblem as problem:
            yield problem


def _check_keys(row: Row, line: int) -> None:
    for name in ("case", "reader", "question"):
        if not row[name]:
            raise ImportProblem("empty-cell", f"The {name} is missing.", line=line, column=name)


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
    mark, seconds = row.get("mark", ""), seconds_of(row.get("seconds", ""), line)
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
    return value_of(text, kind, row.get("unit", ""), line)


SPEC = Importer(title="Table (CSV, Parquet)", suffixes=(".csv", ".parquet"), read=read)
