"""One code of an unordered list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from annotations.labels._codes import check_codes, codes, shown
from annotations.labels.base import Geometry, Kind, LabelError, check_kind, check_many


@dataclass(frozen=True, slots=True)
class Category:
    """The code that a reader chose.

    Parameters
    ----------
    code : str
        One of the question's codes.
    """

    kind: ClassVar[str] = "category"
    code: str

    def dump(self) -> dict[str, Any]:
        """Return ``{"kind": "category", "code": …}``."""
        return {"kind": self.kind, "code": self.code}


def parse(value: Mapping[str, Any], definition: Mapping[str, Any], geometry: Geometry | None) -> Category:
    """Return the category, or LabelError for a code that the question does not offer.

    Parameters
    ----------
    value : mapping
        ``{"kind": "category", "code": "benign"}``.
    definition : mapping
        ``{"codes": [{"code": "benign", "title": "Benign"}, …]}``.
    geometry : Geometry or None
        Not used.
    """
    check_kind(value, "category", ("code",))
    known = codes(definition, "codes")
    code = value["code"]
    if not isinstance(code, str) or code not in known:
        raise LabelError("unknown-code", "/code", f"The code is one of: {shown(known)}.")
    return Category(code)


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse a definition without usable codes."""
    check_many(definition)
    check_codes(definition, "codes")


SPEC = Kind(title="Category", parse=parse, scales=frozenset({"nominal"}), check_definition=check_definition)
