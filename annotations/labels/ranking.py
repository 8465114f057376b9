"""The options of a question put in order, best first; equal ones share a tier."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from annotations.labels._codes import check_codes, codes, shown
from annotations.labels.base import Geometry, Kind, LabelError, check_kind, check_one, pointer


@dataclass(frozen=True, slots=True)
class Ranking:
    """The order that a reader gave.

    Parameters
    ----------
    order : tuple of tuple of str
        Tiers from best to worst, the codes of a tier sorted; every option stands in exactly one tier.
    """

    kind: ClassVar[str] = "ranking"
    order: tuple[tuple[str, ...], ...]

    def dump(self) -> dict[str, Any]:
        """Return ``{"kind": "ranking", "order": [[…], …]}``."""
        return {"kind": self.kind, "order": [list(tier) for tier in self.order]}


def parse(value: Mapping[str, Any], definition: Mapping[str, Any], geometry: Geometry | None) -> Ranking:
    """Return the ranking, or LabelError unless it names each option exactly once.

    Parameters
    ----------
    value : mapping
        ``{"kind": "ranking", "order": [["a"], ["b", "c"]]}``, best first.
    definition : mapping
        ``{"codes": [{"code": "a", "title": "…"}, …]}``: the options.
    geometry : Geometry or None
        Not used.
    """
    check_kind(value, "ranking", ("order",))
    order = value["order"]
    if not isinstance(order, list | tuple) or not all(isinstance(tier, list | tuple) and tier for tier in order):
        raise LabelError("not-tiers", "/order", "The order is a list of tiers, best first, each a list of codes.")
    known, seen = codes(definition, "codes"), set[str]()
    for row, tier in enumerate(order):
        for place, code in enumerate(tier):
            if not isinstance(code, str) or code not in known:
                raise LabelError("unknown-code", pointer("order", row, place), f"A code is one of: {shown(known)}.")
            if code in seen:
                raise LabelError("duplicate-code", pointer("order", row, place), f"{code!r} is ranked twice.")
            seen.add(code)
    if len(seen) < len(known):
        missing = tuple(code for code in known if code not in seen)
        raise LabelError("not-ranked", "/order", f"Every option is ranked; missing: {shown(missing)}.")
    return Ranking(tuple(tuple(sorted(tier)) for tier in order))


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse a definition without two options, or that asks for several orders a case."""
    check_one(definition)
    check_codes(definition, "codes")
    if len(codes(definition, "codes")) < 2:
        raise LabelError("one-option", "/codes", "There is nothing to put in order with fewer than two options.")


SPEC = Kind(title="Ranking", parse=parse, scales=frozenset({"ordinal"}), check_definition=check_definition)
