"""A wide table of answers as CSV text: one line a case and reader, one column a question.

An empty cell is a question that was not answered. ``nothing found`` and ``cannot assess: reason`` may
stand in any cell. A question that takes several findings has no room here: it needs the long table. The
text is UTF-8 or, with a byte order mark, UTF-16; the delimiter is the comma and quoting is RFC 4180's.
"""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from annotations.importers._cells import seconds_of, value_of
from annotations.importers._file import check_options, names, pairs
from annotations.importers._rows import AnyTable, Row, table_of
from annotations.importers.base import Imported, Importer, ImportProblem

OPTIONS = {
    "case": "Column that names the case (default case)",
    "reader": "Column that names the reader (default reader)",
    "columns": "Which question a column answers: BI-RADS=birads, width=size; columns named like a question need none",
    "ignore": "Columns that are no answers, with commas; a column seconds is the reading time",
    "units": "Unit of a measurement whose cells hold the number alone: size=mm",
}
_SECONDS = "seconds"


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
        As ``OPTIONS`` describes.

    Returns
    -------
    iterator
        All answers of a line have its number; the reading time goes with the first of them.
    """
    check_options(options, OPTIONS)
    table = table_of(stream)
    case, reader = options.get("case") or "case", options.get("reader") or "reader"
    others = {case, reader, _SECONDS, *names(options, "ignore")}
    named = pairs(options, "columns")
    _check_header(table.header, (case, reader))
    asked = {name: named.get(name, name) for name in table.header if name not in others}
    for name, code in asked.items():
        if code not in questions:
            shown = name.encode("utf-8", "replace").decode()[:80]
            message = f"The column {shown!r} answers no question; say which in 'columns', or leave it in 'ignore'."
            raise ImportProblem("unknown-column", message, line=1, column=shown)
    if len(set(asked.values())) != len(asked):
        raise ImportProblem("duplicate-column", "Two columns answer one question.", line=1)
    return _answers(table, (case, reader), asked, questions, pairs(options, "units"))


def _check_header(header: list[str], needed: tuple[str, str]) -> None:
    if len(set(header)) != len(header):
        raise ImportProblem("duplicate-column", "Two columns have one name.", line=1)
    for name in needed:
        if name not in header:
            raise ImportProblem("missing-column", f"The column {name!r} is missing.", line=1, column=name)


def _answers(
    table: AnyTable,
    keys: tuple[str, str],
    asked: Mapping[str, str],
    questions: Mapping[str, str],
    units: Mapping[str, str],
) -> Iterator[Imported | ImportProblem]:
    for line, row in table.rows():
        if isinstance(row, ImportProblem):
            yield row
            continue
        missing = next((name for name in keys if not row[name]), None)
        if missing is not None:
            yield ImportProblem("empty-cell", f"The {missing} is missing.", line=line, column=missing)
            continue
        try:
            seconds = seconds_of(row.get(_SECONDS, ""), line)
        except ImportProblem as problem:
            yield problem
            continue
        for name, code in asked.items():
            if not row[name]:
                continue
            try:
                value = _value(row, name, questions[code], units.get(code, ""), line)
            except ImportProblem as problem:
                yield problem
                continue
            yield Imported(line, row[keys[0]], row[keys[1]], code, "", value, seconds)
            seconds = None


def _value(row: Row, name: str, kind: str, unit: str, line: int) -> dict[str, object]:
    text = row[name]
    plain = text.lower().replace("_", " ")
    if plain == "nothing found":
        return {"kind": "nothing_found"}
    if plain.startswith("cannot assess"):
        return {"kind": "cannot_assess", "reason": text[len("cannot assess") :].lstrip(": ")}
    return value_of(text, kind, unit, line, name)


SPEC = Importer(title="Wide table (CSV, Parquet)", suffixes=(".csv", ".parquet"), read=read, options=OPTIONS)
