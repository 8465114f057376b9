"""The gold labels as long rows, one a unit: what the long tables in CSV and in Parquet have in common."""

from collections.abc import Mapping
from typing import Any

from annotations.labels.base import ANSWER_MEMBER, canonical
from reports.exporters._csv import Cell
from reports.exporters.base import Record

COLUMNS = (
    "case",
    "subject",
    "question",
    "finding",
    "finding_number",
    "kind",
    "value",
    "unit",
    "disposition",
    "cell",
    "decided_by",
    "method",
    "decision",
    "support",
    "votes",
    "n_reads",
    "n_dissent",
    "cause",
    "rationale",
    "protocol",
    "schema",
)
OUTLINE = "outline"


def row_of(record: Record) -> list[Cell]:
    """Return one unit in the order of the columns."""
    label, provenance = record["label"], record["provenance"]
    return [
        record["case"],
        record["subject"],
        record["question"],
        record["finding"],
        record["number"] if record["finding"] else None,
        label["kind"],
        value_of(label),
        label.get("unit", ""),
        record["disposition"],
        record["cell"],
        provenance["adjudicator"] if provenance["by"] == "adjudication" else provenance.get("accepted_by", "rule"),
        record["method"],
        provenance.get("decision", ""),
        record["support"],
        canonical(record["votes"]),
        len(record["inputs"]),
        sum(entry["says"] != OUTLINE for entry in record["dissent"]),
        provenance.get("cause", ""),
        provenance.get("rationale", ""),
        record["protocol"]["number"],
        record["schema"]["version"],
    ]


def value_of(label: Mapping[str, Any]) -> Cell:
    """Return a label as one cell."""
    if label["kind"] in ANSWER_MEMBER:
        value: Cell = label[ANSWER_MEMBER[label["kind"]]]
        return value
    return "" if label["kind"] == "nothing_found" else canonical(label)
