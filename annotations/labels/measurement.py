"""A number with a unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from annotations.labels.base import Geometry, Kind, LabelError, check_kind, check_many, finite

MAX_UNIT = 32


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a reader measured.

    Parameters
    ----------
    number : float
        Finite, in ``unit``.
    unit : str
        The question's unit.
    """

    kind: ClassVar[str] = "measurement"
    number: float
    unit: str

    def dump(self) -> dict[str, Any]:
        """Return ``{"kind": "measurement", "number": …, "unit": …}``."""
        return {"kind": self.kind, "number": self.number, "unit": self.unit}


def parse(value: Mapping[str, Any], definition: Mapping[str, Any], geometry: Geometry | None) -> Measurement:
    """Return the measurement, or LabelError; a unit is never converted.

    Parameters
    ----------
    value : mapping
        ``{"kind": "measurement", "number": 12.5, "unit": "mm"}``.
    definition : mapping
        ``{"unit": "mm", "minimum": 0, "maximum": 500}``; bounds are inclusive and optional.
    geometry : Geometry or None
        Not used.
    """
    check_kind(value, "measurement", ("number", "unit"))
    number = finite(value["number"], "/number")
    unit = definition["unit"]
    if value["unit"] != unit:
        raise LabelError("wrong-unit", "/unit", f"The unit of this question is {unit}.")
    low, high = definition.get("minimum"), definition.get("maximum")
    if low is not None and number < low:
        raise LabelError("out-of-range", "/number", f"The number is below the least allowed, {low} {unit}.")
    if high is not None and number > high:
        raise LabelError("out-of-range", "/number", f"The number is above the greatest allowed, {high} {unit}.")
    return Measurement(number, unit)


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse a definition without a unit, or whose bounds leave nothing between them."""
    check_many(definition)
    unit = definition.get("unit")
    if not isinstance(unit, str) or not 1 <= len(unit) <= MAX_UNIT or not unit.isprintable() or unit != unit.strip():
        raise LabelError("no-unit", "/unit", f"The definition needs a unit of 1 to {MAX_UNIT} printable characters.")
    bounds = {name: definition.get(name) for name in ("minimum", "maximum")}
    low, high = (None if value is None else finite(value, f"/{name}") for name, value in bounds.items())
    if low is not None and high is not None and low >= high:
        raise LabelError("empty-range", "/maximum", "The maximum must lie above the minimum.")


SPEC = Kind(
    title="Measurement",
    parse=parse,
    scales=frozenset({"interval", "ratio"}),
    check_definition=check_definition,
)
