"""An axis-parallel box in voxels, half-open along every axis; a box on one slice is one slice deep."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from annotations.labels._points import point_of
from annotations.labels.base import Geometry, Kind, LabelError, check_kind, check_many, pointer

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """Two corners along (z, y, x); voxel k reaches from k to k + 1, without any + 1 of its own.

    Parameters
    ----------
    low, high : tuple of float
        In voxels; ``high`` lies above ``low`` along every axis.
    """

    kind: ClassVar[str] = "box"
    low: Point
    high: Point

    def dump(self) -> dict[str, Any]:
        """Return ``{"kind": "box", "low": [z, y, x], "high": [z, y, x]}``."""
        return {"kind": self.kind, "low": list(self.low), "high": list(self.high)}


def parse(value: Mapping[str, Any], definition: Mapping[str, Any], geometry: Geometry | None) -> Box:
    """Return the box, or LabelError for one without content or outside the image.

    Parameters
    ----------
    value : mapping
        ``{"kind": "box", "low": [z, y, x], "high": [z, y, x]}`` in voxels.
    definition : mapping
        Not used but for ``many``.
    geometry : Geometry or None
        The image's grid; None when it is not known.
    """
    check_kind(value, "box", ("low", "high"))
    low, high = point_of(value["low"], "/low", geometry), point_of(value["high"], "/high", geometry)
    for axis, name in enumerate("zyx"):
        if high[axis] <= low[axis]:
            message = f"Along {name} the high corner must lie above the low one."
            raise LabelError("empty-box", pointer("high", axis), message)
    return Box(low, high)


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse only what no question may have: a box needs no definition."""
    check_many(definition)


SPEC = Kind(title="Box", parse=parse, scales=frozenset({"none"}), check_definition=check_definition)
