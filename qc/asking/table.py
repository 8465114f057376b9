"""A CSV file of reads as the rows that are posted."""

import csv
import io
import json
from typing import Any

from qc.asking.base import READ_MEMBERS, AskError


def reads_of_csv(text: str) -> list[dict[str, Any]]:
    """Return one read a line.

    Parameters
    ----------
    text : str
        With a heading: unit, reader, answer, and patient, stratum, repeat where they are known. An answer that is a
        JSON list, object or number is taken as such, unless the column is headed ``code``: then it is a text.

    Raises
    ------
    AskError
        Another heading, or a line that has more or fewer fields.
    """
    lines = csv.reader(io.StringIO(text), strict=True)
    try:
        heading = next(lines, [])
        is_code = "code" in heading
        members = ["answer" if name == "code" else name for name in heading]
        unknown = sorted(set(members) - set(READ_MEMBERS))
        if unknown or not {"unit", "reader", "answer"} <= set(members):
            message = "The heading names unit, reader and answer (or code), and patient, stratum, repeat where known."
            raise AskError("bad-heading", "#/file", message)
        return [_read(members, fields, lines.line_num, is_code=is_code) for fields in lines if fields]
    except csv.Error as error:
        raise AskError("bad-csv", "#/file", f"Line {lines.line_num} is no CSV: {error}.") from error


def _read(members: list[str], fields: list[str], line: int, *, is_code: bool) -> dict[str, Any]:
    if len(fields) != len(members):
        raise AskError("bad-line", "#/file", f"Line {line} has {len(fields)} fields, the heading {len(members)}.")
    row: dict[str, Any] = {name: value for name, value in zip(members, fields, strict=True) if value != ""}
    if "repeat" in row:
        row["repeat"] = _value(row["repeat"])
    if "answer" in row and not is_code:
        row["answer"] = _value(row["answer"])
    return row


def _value(text: str) -> Any:
    """Return a JSON list, object, number, true or false as such, everything else as a text."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if value is None or isinstance(value, str) else value
