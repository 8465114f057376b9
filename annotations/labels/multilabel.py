"""A set of codes; their order never matters, and the empty set is an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from annotations.labels._codes import check_codes, codes, shown
from annotations.labels.base import Geometry, Kind, LabelError, check_kind, check_one, pointer


@dataclass(frozen=True, slots=True)
class Multilabel:
    """The codes that a reader chose.

    Parameters
    ----------
    codes : tuple of str
        Distinct, sorted; empty when none applies.
    """

    kind: ClassVar[str] = "multilabel"
    codes: tuple[str, ...]

    def dump(self) -> dict[str, Any]:
        """Return ``{"kind": "multilabel", "codes": […]}``."""
        return {"kind": self.kind, "codes": list(self.codes)}


def parse(value: Mapping[str, Any], definition: Mapping[str, Any], geometry: Geometry | None) -> Multilabel:
    """Return the set, or LabelError for a code that the question does not offer or that occurs twice.

    Parameters
    ----------
    value : mapping
        ``{"kind": "multilabel", "codes": ["effusion", "edema"]}``.
    definition : mapping
        ``{"codes": [{"code": "effusion", "title": "Effusion"}, …]}``.
    geometry : Geometry or None
        Not used.
    """
    check_kind(value, "multilabel", ("codes",))
    given = value["codes"]
    if not isinstance(given, list | tuple):
        raise LabelError("not-a-list", "/codes", "The codes are a list, empty where none applies.")
    known = codes(definition, "codes")
    seen: set[str] = set()
    for place, code in enumerate(given):
        if not isinstance(code, str) or code not in known:
            raise LabelError("unknown-code", pointer("codes", place), f"A code is one of: {shown(known)}.")
        if code in seen:
            raise LabelError("duplicate-code", pointer("codes", place), f"The code {code!r} is given twice.")
        seen.add(code)
    return Multilabel(tuple(sorted(seen)))


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse a definition without usable codes, or that asks for several sets a case."""
    check_one(definition)
    check_codes(definition, "codes")


SPEC = Kind(title="Set of categories", parse=parse, scales=frozenset({"nominal"}), check_definition=check_definition)
