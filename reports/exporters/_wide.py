"""The gold labels as wide rows, one a case and one a finding: what the wide tables have in common."""

from collections.abc import Iterator, Mapping
from typing import Any

from annotations.labels.base import ANSWER_MEMBER, canonical
from reports.exporters._csv import Cell
from reports.exporters.base import GoldBundle, Record

KEYS = ("case", "subject", "finding")
GROUP = ("", ".answer", ".disposition", ".support", ".n_reads", ".n_dissent")
OUTLINE = "outline"


def wide_rows(bundle: GoldBundle) -> Iterator[list[Cell]]:
    """Yield case, subject and finding with the group of each question, in the order of the schema."""
    codes = codes_of(bundle)
    rows: dict[tuple[str, str], dict[str, Record]] = {}
    for record in bundle.records:
        rows.setdefault((record["case"], record["finding"]), {})[record["question"]] = record
    return (_row(unit, found, codes) for unit, found in rows.items())


def codes_of(bundle: GoldBundle) -> list[str]:
    """Return the codes of the questions in the order of the schema."""
    return [str(question["code"]) for question in bundle.schema["questions"]]


def _row(unit: tuple[str, str], found: Mapping[str, Record], codes: list[str]) -> list[Cell]:
    case, finding = unit
    subject = next(iter(found.values()))["subject"]
    cells: list[Cell] = [case, subject, finding]
    for code in codes:
        cells.extend(_group(found[code]) if code in found else [None] * len(GROUP))
    return cells


def _group(record: Record) -> list[Cell]:
    label = record["label"]
    return [
        None if label is None else _value(label),
        None if label is None else label["kind"],
        record["disposition"],
        record["support"],
        len(record["inputs"]),
        sum(entry["says"] != OUTLINE for entry in record["dissent"]),
    ]


def _value(label: Mapping[str, Any]) -> Cell:
    member = ANSWER_MEMBER.get(label["kind"])
    if member:
        value: Cell = label[member]
        return value
    return None if label["kind"] in {"nothing_found", "cannot_assess"} else canonical(label)
