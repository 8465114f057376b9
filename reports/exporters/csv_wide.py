"""The gold labels as one wide table, a row a case and a row a finding, a group of columns a question."""

from collections.abc import Mapping
from typing import Any

from annotations.labels.base import ANSWER_MEMBER, canonical
from reports.exporters._csv import Cell, write_csv
from reports.exporters.base import Exporter, GoldBundle, Record

KEYS = ("case", "subject", "finding")
GROUP = ("", ".answer", ".disposition", ".support", ".n_reads", ".n_dissent")
OUTLINE = "outline"


def table(bundle: GoldBundle) -> bytes:
    """Return CSV (RFC 4180, UTF-8, CRLF) of every unit, settled or not.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        The row with an empty ``finding`` holds the answers about the case. For the question ``q``: ``q`` is
        the code, level or number, for a region its canonical JSON text; ``q.answer`` the kind of the gold
        label, empty where there is none; ``q.disposition`` says why, and is empty where the question does
        not apply to the row. A text that a spreadsheet could run begins with ``'``.
    """
    codes = [str(question["code"]) for question in bundle.schema["questions"]]
    rows: dict[tuple[str, str], dict[str, Record]] = {}
    for record in bundle.records:
        rows.setdefault((record["case"], record["finding"]), {})[record["question"]] = record
    columns = [*KEYS, *(code + suffix for code in codes for suffix in GROUP)]
    return write_csv(columns, (_row(unit, found, codes) for unit, found in rows.items()))


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


SPEC = Exporter(
    title="Wide table (CSV)",
    suffix="csv",
    media_type="text/csv; charset=utf-8",
    function=table,
    loses=(
        "Units of measurements stand in the schema alone.",
        "The dissenting answers are counted, not quoted; causes and rationales are in the long table.",
    ),
)
