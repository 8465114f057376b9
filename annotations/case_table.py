"""Cases from a table: one a line, with the patient's pseudonym; every other column is an attribute."""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from annotations.intake import NewCase

CASE, SUBJECT = "case", "subject"
# Columns that speak of the grid of an image that is not handed in; both along z, y, x.
SHAPE, SPACING = "shape", "spacing_mm"
OWN = (CASE, SUBJECT, SHAPE, SPACING)
MOST_VOXELS = 2**31
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
    """The cases of a table, the line of each, and what is wrong with it; ``n_there`` of them are registered already."""

    cases: tuple[NewCase, ...]
    faults: tuple[Fault, ...]
    lines: Mapping[str, int] = field(default_factory=dict)
    n_there: int = 0


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


def against(table: CaseTable, there: Mapping[str, str]) -> CaseTable:
    """Return a table without the cases that are registered with another patient, which are faults.

    ``there`` gives the patient of every case that is registered already.
    """
    faults = [
        Fault(table.lines[case.key], SUBJECT, f"The case {case.key} is registered with another patient.")
        for case in table.cases
        if there.get(case.key, case.subject) != case.subject
    ]
    cases = tuple(case for case in table.cases if there.get(case.key, case.subject) == case.subject)
    found = sorted([*table.faults, *faults], key=lambda fault: fault.line)
    return CaseTable(cases, tuple(found), table.lines, sum(case.key in there for case in cases))


def _head_faults(columns: list[str]) -> Iterator[Fault]:
    for name in (CASE, SUBJECT):
        if name not in columns:
            yield Fault(1, name, f"The first line names the columns; {name} is missing.")
    for name in sorted({name for name in columns if columns.count(name) > 1}):
        yield Fault(1, name, f"Two columns are called {name or 'nothing'}.")


def _body(columns: list[str], rows: Iterator[list[str]]) -> CaseTable:
    cases: dict[str, NewCase] = {}
    lines: dict[str, int] = {}
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
        lines[cells[CASE]] = line
        cases[cells[CASE]] = _case(cells)
        if len(cases) > MOST_CASES:
            return CaseTable((), (Fault(line, "", f"A table holds at most {MOST_CASES:,} cases."),))
    if not cases and not faults:
        faults.append(Fault(0, "", "The table holds no case."))
    return CaseTable(tuple(cases.values()), tuple(faults), lines)


def _case(cells: Mapping[str, str]) -> NewCase:
    strata = {name: cell for name, cell in cells.items() if name not in OWN and name and cell}
    shape, spacing = numbers(cells.get(SHAPE, "")), numbers(cells.get(SPACING, ""))
    return NewCase(
        cells[CASE],
        cells[SUBJECT],
        strata,
        (int(shape[0]), int(shape[1]), int(shape[2])) if shape else None,
        (spacing[0], spacing[1], spacing[2]) if spacing else None,
    )


def numbers(text: str) -> list[float]:
    """Return three numbers written as ``40 x 512 x 512``; ValueError for anything else, nothing for an empty text."""
    if not text:
        return []
    found = [float(part) for part in text.lower().replace("×", "x").split("x")]
    if len(found) != 3 or not all(math.isfinite(number) and number > 0 for number in found):
        raise ValueError(text)
    return found


def _grid_fault(line: int, cells: Mapping[str, str]) -> Fault | None:
    for name in (SHAPE, SPACING):
        try:
            found = numbers(cells.get(name, ""))
        except ValueError:
            return Fault(line, name, f"{name} is three numbers along z, y and x: 40 x 512 x 512.")
        whole = all(number.is_integer() for number in found) and math.prod(found) <= MOST_VOXELS
        if name == SHAPE and not whole:
            return Fault(line, name, "A shape is three whole numbers of voxels, at most 2,147,483,648 together.")
    if cells.get(SPACING) and not cells.get(SHAPE):
        return Fault(line, SHAPE, "A spacing needs the shape beside it.")
    return None


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
    return _grid_fault(line, cells)
