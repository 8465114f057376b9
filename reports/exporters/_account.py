"""What datasheet and dossier say in the same words: the ledger as a sum, a figure with its bounds, the limits."""

from collections.abc import Iterable, Mapping
from typing import Any

DISPOSITIONS = {
    "auto_accepted": "accepted by the protocol's rules",
    "adjudicated": "adjudicated by a physician",
    "panel": "decided by a panel",
    "objective": "objective truth",
    "in_dispute": "in dispute",
    "excluded": "excluded",
    "collecting": "still collecting reads or waiting for evaluation",
}
LIMITS = (
    "Units without a gold label are listed in open.jsonl with the reason; they are not in gold.jsonl or gold.csv.",
    "A finding may be settled while another finding of the same case is open; `cell` says how the whole question "
    "stands for the case, so filter by it where a missing finding would be read as background.",
    "Consensus is not truth: where all readers err alike, the label errs with them. Votes and dissent stand beside "
    "every label.",
    "Reader and patient names are pseudonyms of the project. No pixels are part of the package.",
)


# As settling writes it into the provenance of a label.
HUMAN_AI_PAIR = "human_ai_pair"


def models_said(document: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what whoever uses the labels must know of models first, by heading; nothing where none had a part.

    Parameters
    ----------
    document : mapping
        The protocol.
    records : iterable of mapping
        The records of the release.
    """
    said = {}
    if document.get("model_votes"):
        said["Models voted."] = "Reads of models count in these labels like those of people."
    if document.get("protocol") == "ai_second_reader":
        pairs = sum(record["provenance"].get("accepted_by") == HUMAN_AI_PAIR for record in records)
        said["A model read second."] = (
            f"{pairs} labels rest on one person and the model {document['model']}, who agreed "
            f"({HUMAN_AI_PAIR} in their provenance). This is no test set for that model or its relatives."
        )
    return said


def ledger_sentence(ledger: Mapping[str, Any]) -> str:
    """Return the seven dispositions as a sum that closes to the number of cells."""
    counts = ledger["counts"]
    total = sum(counts.values())
    parts = " + ".join(f"{counts[name]} {words}" for name, words in DISPOSITIONS.items() if counts.get(name))
    return f"Of {ledger['n_cases']} cases × {ledger['n_questions']} questions: {parts or 0} = {total}."


def written(estimate: Mapping[str, Any]) -> tuple[str, str]:
    """Return value and bounds in words; what is undefined says why."""
    if estimate["value"] is None:
        return f"undefined ({estimate['undefined']})", ""
    unit = f" {estimate['unit']}" if estimate["unit"] else ""
    value = f"{estimate['value']:.4f}{unit}"
    if estimate["low"] is None:
        return value, f"none ({estimate['interval_undefined']})"
    return value, f"{estimate['low']:.4f} to {estimate['high']:.4f} ({estimate['level']:.0%})"
