"""Answers of a reader study of grand-challenge.org, as its API lists them (``/reader-studies/answers/``).

Texts, numbers, yes or no and choices are answers by value; a distance measurement is its length. Points,
boxes, polygons and ellipses are in millimetres of the patient, which become pixels only on the grid of
their image; the API does not send it, so they are refused here. A choice may be the number of an option.
Source: comic/grand-challenge.org, ``reader_studies`` (answer types, 2024).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from annotations.importers._cells import plain_seconds, plain_value
from annotations.importers._file import check_options, json_of, pairs, whole
from annotations.importers.base import Imported, Importer, ImportProblem

OPTIONS = {
    "questions": "Which question of the project each of the study answers, by its key: 0b1c…=birads",
    "readers": "Which reader each creator is: ada@example.org=ada; others by what the file says",
    "cases": "Which case each display set is, by its key: 7f3a…=case-1; others by what the file says",
    "choices": "What the numbers of options mean: 12=benign, 13=malignant",
    "unit": "Unit of measurements that the file holds as numbers alone; lengths are millimetres",
}

Answers = Iterator[Imported | ImportProblem]


@dataclass(frozen=True, slots=True)
class _Plan:
    """The options, read once."""

    kinds: Mapping[str, str]
    questions: Mapping[str, str]
    readers: Mapping[str, str]
    cases: Mapping[str, str]
    choices: Mapping[str, str]
    unit: str


def read(stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]) -> Answers:
    """Return the answers of a list, or of a page of the API with its ``results``.

    Parameters
    ----------
    stream : binary file
        Read whole; at most 200 MiB.
    questions : mapping
        Question code to label kind.
    options : mapping
        As ``OPTIONS`` describes.

    Returns
    -------
    iterator
        ``line`` counts the entries from 1; an answer of null is a question left open and passed over.
    """
    check_options(options, OPTIONS)
    plan = _Plan(
        kinds=questions,
        questions=pairs(options, "questions"),
        readers=pairs(options, "readers"),
        cases=pairs(options, "cases"),
        choices=pairs(options, "choices"),
        unit=options.get("unit", ""),
    )
    document = json_of(whole(stream))
    entries = document.get("results") if isinstance(document, Mapping) else document
    wanted = ("answer", "question", "display_set", "creator")
    if not isinstance(entries, list) or not all(
        isinstance(entry, Mapping) and all(name in entry for name in wanted) for entry in entries
    ):
        message = f"A list of answers is needed, each an object with {', '.join(wanted)}, as the API sends them."
        raise ImportProblem("not-grand-challenge", message)
    return _entries(entries, plan)


def _entries(entries: list[Mapping[str, Any]], plan: _Plan) -> Answers:
    for line, entry in enumerate(entries, start=1):
        if entry["answer"] is None:
            continue
        try:
            yield from _entry(entry, line, plan)
        except ImportProblem as problem:
            yield problem


def _entry(entry: Mapping[str, Any], line: int, plan: _Plan) -> Answers:
    case, reader = (_known(entry, name, known, line) for name, known in _keys(plan))
    code = _known(entry, "question", plan.questions, line)
    if code not in plan.kinds:
        message = f"The study's question {code[:80]!r} is none of the project; say which in 'questions'."
        raise ImportProblem("unknown-question", message, line=line, column="question")
    times = (entry.get(name) for name in ("total_edit_duration", "last_edit_duration"))
    seconds = next((_duration(time) for time in times if time is not None), None)
    for order, answer in enumerate(_values(entry["answer"], line), start=1):
        given = plan.choices.get(str(answer), answer) if isinstance(answer, int) else answer
        mark = str(order) if isinstance(entry["answer"], Mapping) and "lines" in entry["answer"] else ""
        unit = "mm" if isinstance(entry["answer"], Mapping) else plan.unit
        value = plain_value(given, plan.kinds[code], unit, line, "answer")
        yield Imported(line, case, reader, code, mark, value, seconds if order == 1 else None)


def _keys(plan: _Plan) -> tuple[tuple[str, Mapping[str, str]], ...]:
    return ("display_set", plan.cases), ("creator", plan.readers)


def _values(answer: object, line: int) -> Iterator[object]:
    """Yield what one entry answers: a value, or the lengths of its lines in millimetres."""
    if isinstance(answer, str | int | float):
        yield answer
        return
    if isinstance(answer, list):
        if len(answer) != 1 or not isinstance(answer[0], str | int):
            message = "A question takes exactly one choice here."
            raise ImportProblem("several-choices", message, line=line, column="answer")
        yield answer[0]
        return
    if not isinstance(answer, Mapping):
        raise ImportProblem("not-a-value", "This is no answer.", line=line, column="answer")
    if answer.get("type") == "Distance measurement":
        yield _length(answer, line)
    elif answer.get("type") == "Multiple distance measurements" and isinstance(answer.get("lines"), list):
        for one in answer["lines"]:
            yield _length(one, line)
    else:
        what = str(answer.get("type"))[:40]
        message = f"{what}: its millimetres become pixels only on the image's grid, which the file does not hold."
        raise ImportProblem("needs-grid", message, line=line, column="answer/type")


def _length(one: object, line: int) -> float:
    ends = [one.get("start"), one.get("end")] if isinstance(one, Mapping) else []
    points = [end for end in ends if isinstance(end, list) and len(end) == 3 and all(map(_is_place, end))]
    if len(points) != 2:
        raise ImportProblem("bad-line", "A line needs a start and an end [x, y, z].", line=line, column="answer")
    return math.dist(points[0], points[1])


def _is_place(part: object) -> bool:
    return isinstance(part, int | float) and not isinstance(part, bool) and abs(part) < 1e9


def _known(entry: Mapping[str, Any], name: str, known: Mapping[str, str], line: int) -> str:
    """Return what an option calls a key or an address whose last part is the key, else the key itself."""
    value = entry[name]
    if isinstance(value, Mapping):
        value = value.get("pk")
    text = str(value) if isinstance(value, str) or (type(value) is int and abs(value) < 2**64) else ""
    key = text.rstrip("/").rpartition("/")[2]
    if not key:
        raise ImportProblem("missing-member", f"The entry does not say its {name}.", line=line, column=name)
    return known.get(text, known.get(key, key))


def _duration(value: object) -> float | None:
    """Return seconds from a number or from ``hh:mm:ss``, None for anything else."""
    if isinstance(value, str):
        parts = value.split(":")
        if len(parts) == 3 and all(part.replace(".", "", 1).isdecimal() and len(part) < 12 for part in parts):
            return sum(float(part) * size for part, size in zip(parts, (3600, 60, 1), strict=True))
        return None
    return plain_seconds(value)


SPEC = Importer(title="Grand Challenge answers (JSON)", suffixes=(".json",), read=read, options=OPTIONS)
