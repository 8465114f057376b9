"""One answer written as a text or a plain value: a code, a level, a number with its unit, a JSON object."""

import re
from typing import Any

import orjson

from annotations.importers.base import ImportProblem

_NUMBER = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)\s*(\S.*)?", re.ASCII | re.DOTALL)


# Kinds written as a JSON object; where the answer is one list, the list alone will do.
MEMBERS = {
    "polygon": "",
    "mask": "",
    "box": "",
    "landmarks": "",
    "multilabel": "codes",
    "ranking": "order",
    "interval": "spans",
}


def value_of(text: str, kind: str, unit: str, line: int, column: str = "value") -> dict[str, Any]:
    """Return the raw label that a cell's text is.

    Parameters
    ----------
    text : str
        Not empty, without spaces at its ends.
    kind : str
        The question's label kind.
    unit : str
        Unit of a measurement whose cell may hold the number alone; empty where the cell must say it.
    line, column
        Where it stands, for the refusal.
    """
    if kind == "category":
        return {"kind": kind, "code": text}
    if kind == "grade":
        return {"kind": kind, "level": text}
    if kind == "measurement":
        return _measurement(text, unit, line, column)
    if kind == "multilabel" and text[0] not in "[{":
        return {"kind": kind, "codes": [code.strip() for code in text.split("|")]}
    if kind == "ranking" and text[0] not in "[{":
        return {"kind": kind, "order": [[code.strip() for code in tier.split("=")] for tier in text.split(">")]}
    if kind in MEMBERS:
        return _object(text, kind, line, column)
    message = f"A table cannot hold answers of the kind {kind!r}."
    raise ImportProblem("unsupported-kind", message, line=line, column="question")


def plain_value(value: object, kind: str, unit: str, line: int, column: str) -> dict[str, Any]:
    """Return the raw label that a JSON value is: a text, a number, true or false.

    Parameters
    ----------
    value : object
        As the file holds it.
    kind : str
        ``category``, ``grade`` or ``measurement``; other kinds are refused.
    unit : str
        Unit of a measurement; a number without one is refused.
    line, column
        Where it stands, for the refusal.
    """
    if kind not in ("category", "grade", "measurement"):
        message = f"A plain value is no answer of the kind {kind!r}."
        raise ImportProblem("unsupported-kind", message, line=line, column=column)
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, int | float):
        if kind == "measurement":
            if not unit:
                message = "The file holds a number alone; name its unit in the option 'unit'."
                raise ImportProblem("missing-unit", message, line=line, column=column)
            return {"kind": kind, "number": value, "unit": unit}
        # Tools write a count of stars as 4.0 too.
        value = str(int(value)) if abs(value) < 2**53 and value == int(value) else str(value)[:64]
    if not isinstance(value, str) or not value.strip():
        message = "A text, a number, true or false is needed here."
        raise ImportProblem("not-a-value", message, line=line, column=column)
    return value_of(value.strip(), kind, unit, line, column)


def seconds_of(text: str, line: int, column: str = "seconds") -> float | None:
    """Return a reading time, None where the cell is empty."""
    if not text:
        return None
    found = _NUMBER.fullmatch(text)
    seconds = float(found[1]) if found and not found[2] else -1.0
    if not 0 <= seconds < float("inf"):
        message = "The seconds are not a number from 0, written with a decimal point."
        raise ImportProblem("not-a-number", message, line=line, column=column)
    return seconds


def plain_seconds(value: object) -> float | None:
    """Return a reading time of a JSON file, None where it is missing or no time at all."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # The comparison with infinity also turns away a whole number that no float can hold.
    return float(value) if 0 <= value < 1e12 else None


def _measurement(text: str, unit: str, line: int, column: str) -> dict[str, Any]:
    found = _NUMBER.fullmatch(text)
    # What follows the number must look like a unit: in "12,5" and "1_000" it is the rest of a number.
    if not found or not (found[2] is None or found[2][0].isalpha() or found[2][0] in "%‰°/"):
        message = f"{text[:40]!r} is not a number with a decimal point, alone or followed by its unit."
        raise ImportProblem("not-a-number", message, line=line, column=column)
    written = found[2] or ""
    if unit and written and unit != written:
        message = f"The value says {written[:40]!r}, the unit {unit[:40]!r}."
        raise ImportProblem("contradiction", message, line=line, column="unit")
    if not unit and not written:
        message = "The unit is missing: write it after the number or in the column 'unit'."
        raise ImportProblem("missing-unit", message, line=line, column=column)
    return {"kind": "measurement", "number": float(found[1]), "unit": unit or written}


def _object(text: str, kind: str, line: int, column: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        message = f"The value is not JSON: {error.msg}."
        raise ImportProblem("not-json", message, line=line, column=column) from error
    if isinstance(value, list) and MEMBERS[kind]:
        return {"kind": kind, MEMBERS[kind]: value}
    if not isinstance(value, dict):
        raise ImportProblem("not-an-object", f"A {kind} is a JSON object.", line=line, column=column)
    if value.get("kind", kind) != kind:
        message = f"The value is not of the kind {kind!r} that the question takes."
        raise ImportProblem("wrong-kind", message, line=line, column=column)
    return {**value, "kind": kind}
