"""One level of an ordered scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from annotations.labels._codes import check_codes, codes, shown
from annotations.labels.base import Geometry, Kind, LabelError, check_kind, check_many


@dataclass(frozen=True, slots=True)
class Grade:
    """The level that a reader chose.

    Parameters
    ----------
    level : str
        Code of one of the question's levels; their order is the definition's, lowest first.
    """

    kind: ClassVar[str] = "grade"
    level: str

    def dump(self) -> dict[str, Any]:
        """Return ``{"kind": "grade", "level": …}``."""
        return {"kind": self.kind, "level": self.level}


def parse(value: Mapping[str, Any], definition: Mapping[str, Any], geometry: Geometry | None) -> Grade:
    """Return the grade, or LabelError for a level that the question does not offer.

    Parameters
    ----------
    value : mapping
        ``{"kind": "grade", "level": "3"}``; a whole number is taken for the text of its digits.
    definition : mapping
        ``{"levels": [{"code": "1", "title": "…"}, …]}``, lowest first.
    geometry : Geometry or None
        Not used.
    """
    check_kind(value, "grade", ("level",))
    known = codes(definition, "levels")
    level = value["level"]
    # The bound keeps Python from refusing to print a hostile number of thousands of digits.
    if type(level) is int and abs(level) < 10**18:
        level = str(level)
    if not isinstance(level, str) or level not in known:
        raise LabelError("unknown-level", "/level", f"The level is one of: {shown(known)}.")
    return Grade(level)


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse a definition without usable levels."""
    check_many(definition)
    check_codes(definition, "levels")


SPEC = Kind(title="Grade", parse=parse, scales=frozenset({"ordinal", "interval"}), check_definition=check_definition)
