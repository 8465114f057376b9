"""The gold labels as flat rows with one type a column, for catalogues of data sets."""

from collections.abc import Iterator
from typing import Any

from annotations.labels.base import ANSWER_MEMBER, canonical
from reports.exporters.base import GoldBundle

# Column to its type (text, number or count) and what it holds.
COLUMNS: dict[str, tuple[str, str]] = {
    "case": ("text", "Key of the case that was read."),
    "subject": ("text", "Pseudonym of the patient; split by it."),
    "question": ("text", "Code of the question."),
    "finding": ("text", "The finding that the answer is about; empty for the case."),
    "kind": ("text", "Kind of the label."),
    "value": ("text", "Code, level or number as a text; empty for a region and where nothing was found."),
    "label": ("text", "The whole label as JSON; regions as run lengths or rings."),
    "disposition": ("text", "How it was settled: by the rule or by a physician."),
    "decided_by": ("text", "rule, human_ai_pair (a person and a model agreed) or adjudication."),
    "support": ("number", "Share of the readers, or of the voxels' votes, behind the label; missing where unknown."),
    "soft": ("text", "Share of the readers behind each code, as JSON."),
    "n_reads": ("count", "Reads that the label rests on."),
    "n_dissent": ("count", "Reads that say something else."),
}


def flat_rows(bundle: GoldBundle) -> Iterator[dict[str, Any]]:
    """Yield one row for each unit with a gold label, with the members of ``COLUMNS`` in their order."""
    for record in bundle.gold():
        label = record["label"]
        member = ANSWER_MEMBER.get(label["kind"])
        yield {
            "case": record["case"],
            "subject": record["subject"],
            "question": record["question"],
            "finding": record["finding"],
            "kind": label["kind"],
            "value": str(label[member]) if member else "",
            "label": canonical(label),
            "disposition": record["disposition"],
            "decided_by": record["provenance"].get("accepted_by", record["provenance"]["by"]),
            "support": None if record["support"] is None else float(record["support"]),
            "soft": canonical(record.get("soft", {})),
            "n_reads": len(record["inputs"]),
            "n_dissent": sum(entry["says"] != "outline" for entry in record["dissent"]),
        }
