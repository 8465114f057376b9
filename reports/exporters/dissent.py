"""The minority report: every read that does not say what the gold label says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ABSENT = "absent"
PRESENT = "present"
OTHER = "other"
OUTLINE = "outline"
CANNOT_ASSESS = "cannot_assess"

REGIONS = frozenset({"mask", "polygon"})
# Marks that a reader may leave out, and answers that two readers never give alike to the last digit.
MARKS = REGIONS | {"box"}
DRAWN = MARKS | {"landmarks", "interval"}


@dataclass(frozen=True, slots=True)
class ReadFacts:
    """One revision of one answer, without the voxels of a region.

    Parameters
    ----------
    reader, mark : str
        Who, and the reader's own number of a finding.
    revision : int
        From 1.
    digest : str
        SHA-256 of the label, by which it is found in reads.jsonl.
    kind : str
        Kind of the label.
    label : mapping or None
        The label; None for a region, which reads.jsonl holds.
    """

    reader: str
    mark: str
    revision: int
    digest: str
    kind: str
    label: Mapping[str, Any] | None

    def reference(self) -> dict[str, Any]:
        """Return what finds the read in reads.jsonl, within its case and question."""
        return {"reader": self.reader, "mark": self.mark, "revision": self.revision, "digest": self.digest}


def dissent_of(
    label: Mapping[str, Any],
    label_digest: str,
    used: Sequence[ReadFacts],
    answers: Iterable[ReadFacts],
    voxels: Mapping[str, int],
) -> list[dict[str, Any]]:
    """Return what each reader said instead of the gold label of one unit.

    Parameters
    ----------
    label, label_digest : mapping, str
        The gold label and the SHA-256 of its canonical form.
    used : sequence of ReadFacts
        The reads that the unit rests on.
    answers : iterable of ReadFacts
        Other counted answers that bear on the unit: of readers who did not mark the finding, or could
        not assess it. One a reader is enough.
    voxels : mapping
        Reader to the number of voxels drawn, for regions.

    Returns
    -------
    list of dict
        ``says`` is other (another code, level, number, set or order), outline (drawn otherwise), present (a finding
        that the gold set does not hold), absent (no mark where the gold set has one) or cannot_assess.
    """
    entries: list[dict[str, Any]] = []
    for read in used:
        if read.digest == label_digest:
            continue
        entry = {**read.reference(), "says": said(read, label)}
        if read.label is not None:
            entry["label"] = dict(read.label)
        elif read.reader in voxels:
            entry["n_voxels"] = voxels[read.reader]
        entries.append(entry)
    seen = {read.reader for read in used}
    for read in sorted(answers, key=lambda one: (one.reader, one.mark)):
        if read.reader in seen or read.digest == label_digest:
            continue
        if read.kind == CANNOT_ASSESS:
            entries.append({**read.reference(), "says": CANNOT_ASSESS, "label": dict(read.label or {})})
        elif label["kind"] in MARKS:
            entries.append({"reader": read.reader, "says": ABSENT})
        else:
            continue
        seen.add(read.reader)
    return sorted(entries, key=lambda entry: (entry["reader"], entry.get("mark", "")))


def said(read: ReadFacts, label: Mapping[str, Any]) -> str:
    """Return in one word how a used read differs from the gold label."""
    if read.kind == CANNOT_ASSESS:
        return CANNOT_ASSESS
    if read.kind not in DRAWN:
        return ABSENT if read.kind == "nothing_found" and label["kind"] in MARKS else OTHER
    return OUTLINE if label["kind"] in DRAWN else PRESENT


def soft_label(details: Mapping[str, Any], votes: Mapping[str, int]) -> dict[str, float]:
    """Return the share of the readers behind each code; empty where codes were not voted on.

    Of sets, each code has a share of its own; they do not add up to 1.

    Parameters
    ----------
    details : mapping
        What settling wrote: ``codes`` (or ``sets`` of codes) by reader where there are any.
    votes : mapping
        Code to number of readers.
    """
    sets = details.get("sets", {}).values()
    if sets:
        chosen = sorted({str(code) for one in sets for code in one})
        return {code: sum(code in one for one in sets) / len(sets) for code in chosen}
    codes = [str(code) for code in details.get("codes", {}).values()]
    counts = {code: codes.count(code) for code in sorted(set(codes))} or dict(sorted(votes.items()))
    total = sum(counts.values())
    return {code: count / total for code, count in counts.items()} if total else {}
