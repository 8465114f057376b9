"""What changed between two releases, unit by unit, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.exporters.base import Record

Unit = tuple[str, str, str]

# A label that changed or went is a major change, a new one minor, anything else a patch.
MAJOR = "major"
MINOR = "minor"
PATCH = "patch"


@dataclass(frozen=True, slots=True)
class Change:
    """One unit that is not what it was.

    Parameters
    ----------
    case, question, finding : str
        The unit.
    what : str
        added, removed, label, disposition, provenance or evidence.
    cause : str
        adjudication, finding (the finding it describes was settled), exclusion, schema, protocol, reads or
        settled; why the newer release differs.
    before, after : mapping or None
        Disposition and label on either side; None where the unit is not there.
    """

    case: str
    question: str
    finding: str
    what: str
    cause: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "case": self.case,
            "question": self.question,
            "finding": self.finding,
            "what": self.what,
            "cause": self.cause,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes between two releases, sorted, and how many units stayed as they were."""

    changes: tuple[Change, ...]
    n_same: int

    @property
    def bump(self) -> str:
        """Return the least change of version: a label changed or went, units were added, or neither."""
        if any(is_major(change) for change in self.changes):
            return MAJOR
        return MINOR if any(gains_label(change) for change in self.changes) else PATCH

    def counts(self) -> dict[str, int]:
        """Return how many units changed in which way."""
        kinds = [change.what for change in self.changes]
        return {kind: kinds.count(kind) for kind in sorted(set(kinds))}

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        changes = [change.as_dict() for change in self.changes]
        return {"bump": self.bump, "counts": self.counts(), "n_same": self.n_same, "changes": changes}


def is_major(change: Change) -> bool:
    """Say whether a gold label of the older release changed or went."""
    return labelled(change.before) and change.what in {"label", "removed"}


def gains_label(change: Change) -> bool:
    """Say whether the newer release holds a label where the older had none."""
    return labelled(change.after) and not labelled(change.before)


def labelled(side: Mapping[str, Any] | None) -> bool:
    """Say whether a side of a change has a gold label."""
    return side is not None and side["label"] is not None


def difference(old: Mapping[Unit, Record], new: Mapping[Unit, Record], n_same: int = 0) -> Difference:
    """Return what changed between two sets of records.

    Parameters
    ----------
    old, new : mapping
        Unit (case, question, finding) to its record; units that are known to be equal may be left out
        of both and counted in ``n_same``.
    n_same : int
        Units already known to be equal.
    """
    changes: list[Change] = []
    for unit in sorted(old.keys() | new.keys()):
        before, after = old.get(unit), new.get(unit)
        if before == after:
            n_same += 1
            continue
        changes.append(Change(*unit, what_changed(before, after), cause_of(before, after), side(before), side(after)))
    return Difference(tuple(changes), n_same)


def side(record: Record | None) -> dict[str, Any] | None:
    """Return what a change shows of one record."""
    return {"disposition": record["disposition"], "label": record["label"]} if record is not None else None


def what_changed(before: Record | None, after: Record | None) -> str:
    """Return the first of label, disposition, provenance and evidence that differs."""
    if before is None:
        return "added"
    if after is None:
        return "removed"
    for member in ("label", "disposition", "provenance"):
        if before[member] != after[member]:
            return member
    return "evidence"


def cause_of(before: Record | None, after: Record | None) -> str:
    """Return why the newer release differs."""
    if before is None or after is None:
        return "reads"
    old, new = before["provenance"], after["provenance"]
    if new["by"] == "adjudication" and new != old:
        return "adjudication"
    reasons = {before["reason"], after["reason"]}
    if before["reason"] != after["reason"] and "excluded" in {after["disposition"], before["disposition"]}:
        return "finding" if "not applicable" in reasons else "exclusion"
    for member, cause in (("schema", "schema"), ("protocol", "protocol"), ("inputs", "reads")):
        if before[member] != after[member]:
            return cause
    return "settled"
