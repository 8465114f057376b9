"""The reader looked and cannot answer, for a stated reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from annotations.labels.base import Geometry, Kind, LabelError, check_kind

MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class CannotAssess:
    """A refusal to answer.

    Parameters
    ----------
    reason : str
        Why, in the reader's words; 1 to 500 characters.
    """

    kind: ClassVar[str] = "cannot_assess"
    reason: str

    def dump(self) -> dict[str, Any]:
        """Return ``{"kind": "cannot_assess", "reason": …}``."""
        return {"kind": self.kind, "reason": self.reason}


def parse(value: Mapping[str, Any], definition: Mapping[str, Any], geometry: Geometry | None) -> CannotAssess:
    """Return the refusal to answer; every question takes it.

    Parameters
    ----------
    value : mapping
        ``{"kind": "cannot_assess", "reason": "motion artefact"}``; spaces at the ends are dropped.
    definition : mapping
        Not used.
    geometry : Geometry or None
        Not used.
    """
    check_kind(value, "cannot_assess", ("reason",))
    reason = value["reason"]
    text = reason.strip() if isinstance(reason, str) else ""
    if not 1 <= len(text) <= MAX_REASON:
        raise LabelError("no-reason", "/reason", f"A reason of 1 to {MAX_REASON} characters is needed.")
    # Neither a lone surrogate nor NUL can be stored: UTF-8 has no form for the first, PostgreSQL none for the second.
    if any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in text):
        raise LabelError("bad-text", "/reason", "The reason holds a character that cannot be stored.")
    return CannotAssess(text)


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse: this is an answer to questions of other kinds, never a question."""
    raise LabelError("not-a-question", "", "No question can be of the kind 'cannot_assess'.")


SPEC = Kind(title="Cannot assess", parse=parse, scales=frozenset(), check_definition=check_definition)
