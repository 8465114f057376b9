"""The reader looked and has nothing to mark."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from annotations.labels.base import Geometry, Kind, LabelError, check_kind


@dataclass(frozen=True, slots=True)
class NothingFound:
    """A negative reading, as opposed to no reading."""

    kind: ClassVar[str] = "nothing_found"

    def dump(self) -> dict[str, Any]:
        """Return ``{"kind": "nothing_found"}``."""
        return {"kind": self.kind}


def parse(value: Mapping[str, Any], definition: Mapping[str, Any], geometry: Geometry | None) -> NothingFound:
    """Return the negative reading, or LabelError where a question asks for exactly one answer.

    Parameters
    ----------
    value : mapping
        ``{"kind": "nothing_found"}``.
    definition : mapping
        The question's; its ``many`` must be true.
    geometry : Geometry or None
        Not used.
    """
    check_kind(value, "nothing_found", ())
    if definition.get("many") is not True:
        message = "This question takes one answer a case, so there is always something to answer."
        raise LabelError("answer-needed", "/kind", message)
    return NothingFound()


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse: this is an answer to questions of other kinds, never a question."""
    raise LabelError("not-a-question", "", "No question can be of the kind 'nothing_found'.")


SPEC = Kind(title="Nothing found", parse=parse, scales=frozenset(), check_definition=check_definition)
