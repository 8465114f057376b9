"""Cases from a table: one a line, with the patient's pseudonym; every other column is an attribute."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from annotations.intake import NewCase

CASE, SUBJECT = "case", "subject"
LONGEST_KEY = 120
LONGEST_VALUE = 200
MOST_CASES = 100_000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one line; 0 for the table itself."""

    line: int
    column: str
    words: str


@dataclass(frozen=True, slots=True)
class CaseTable:
    """The cases of a table and what is wrong with it."""

    cases: tuple[NewCase, ...]
    faults: tuple[Fault, ...]


def read_case_table(text: str) -> CaseTable:
    """Return the cases that a text in CSV holds, separated by commas, semicolons or tabs."""
    head = text.lstrip("\ufeff").split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=separator, strict=True)
    try:
        columns = [name.strip() for name in next(rows, [])]
        faults = list(_head_faults(columns))
        if faults:
            return CaseTable((), tuple(faults))
        return _body(columns, rows)
    except csv.Error as error:
        return CaseTable((), (Fault(rows.line_num, "", f"This is no CSV: {error}."),))


def _head_faults(columns: list[str]) -> Iterator[Fault]:
    for name in (CASE, SUBJECT):
        if name not in columns:
            yield Fault(1, name, f"The first line names the columns; {name} is missing.")
    for name in sorted({name for name in columns if columns.count(name) > 1}):
        yield Fault(1, name, f"Two columns are called {name or 'nothing'}.")


def _body(columns: list[str], rows: Iterator[list[str]]) -> CaseTable:
    cases: dict[str, NewCase] = {}
    faults: list[Fault] = []
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(columns):
            faults.append(Fault(line, "", f"{len(columns)} cells are needed, here are {len(row)}."))
            continue
        cells = {name: cell.strip() for name, cell in zip(columns, row, strict=True)}
        fault = _fault(line, cells, cases)
        if fault is not None:
            faults.append(fault)
            continue
        strata = {name: cell for name, cell in cells.items() if name not in (CASE, SUBJECT) and name and cell}
        cases[cells[CASE]] = NewCase(cells[CASE], cells[SUBJECT], strata)
        if len(cases) > MOST_CASES:
            return CaseTable((), (Fault(line, "", f"A table holds at most {MOST_CASES:,} cases."),))
    if not cases and not faults:
        faults.append(Fault(0, "", "The table holds no case."))
    return CaseTable(tuple(cases.values()), tuple(faults))


def _fault(line: int, cells: dict[str, str], cases: dict[str, NewCase]) -> Fault | None:
    for name in (CASE, SUBJECT):
        if not cells[name]:
            return Fault(line, name, f"The {name} is empty.")
        if len(cells[name]) > LONGEST_KEY or not cells[name].isprintable():
            return Fault(line, name, f"A {name} has at most {LONGEST_KEY} printable characters.")
    if cells[CASE] in cases:
        return Fault(line, CASE, f"The case {cells[CASE]} stands on an earlier line too.")
    long = next((name for name, cell in cells.items() if len(cell) > LONGEST_VALUE), None)
    if long is not None:
        return Fault(line, long, f"An attribute has at most {LONGEST_VALUE} characters.")
    return None
