"""The gold labels as one long table, a row a unit, for spreadsheets and data frames."""

from collections.abc import Mapping
from typing import Any

from annotations.labels.base import ANSWER_MEMBER, canonical
from reports.exporters._csv import Cell, write_csv
from reports.exporters.base import Exporter, GoldBundle, Record

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


def table(bundle: GoldBundle) -> bytes:
    """Return CSV (RFC 4180, UTF-8, CRLF) of every unit with a gold label.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        ``value`` is the code, level or number; for a region its canonical JSON text; empty where the
        label says that nothing was found. ``votes`` and ``n_dissent`` stand in every row, so that a
        6 to 4 cannot look like a 10 to 0. A text that a spreadsheet could run begins with ``'``.
    """
    return write_csv(COLUMNS, (row_of(record) for record in bundle.gold()))


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
        provenance["adjudicator"] if provenance["by"] == "adjudication" else "rule",
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


SPEC = Exporter(
    title="Long table (CSV)",
    suffix="csv",
    media_type="text/csv; charset=utf-8",
    function=table,
    loses=("The dissenting answers are counted, not quoted.", "Units without a gold label are not in it."),
)
