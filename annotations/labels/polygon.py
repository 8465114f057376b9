"""An outline in pixels, on one or more slices, that states how it becomes pixels."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from annotations.labels._raster import PIXEL_CENTRE, RULES
from annotations.labels._rings import Ring, check_inside, check_simple, parse_rings
from annotations.labels.base import Geometry, Kind, LabelError, check_kind, check_many, pointer


@dataclass(frozen=True, slots=True)
class Polygon:
    """Rings and the rule by which they cover pixels; both are part of the digest.

    Parameters
    ----------
    rule : str
        ``pixel_centre`` or ``outline_excluded``; see ``annotations.labels._raster``.
    rings : tuple of Ring
        In the order given; the order has no effect on the pixels.
    """

    kind: ClassVar[str] = "polygon"
    rule: str
    rings: tuple[Ring, ...]

    def bounds(self) -> tuple[int, int, int, int, int, int]:
        """Return the half-open box (z0, z1, y0, y1, x0, x1) that holds every pixel of the polygon.

        It is never empty and starts at 0 or later. Under ``outline_excluded`` it includes the pixels
        of the outline, although they are outside.
        """
        slices = [ring.slice for ring in self.rings]
        x0, x1 = self._span([x for ring in self.rings for x, _ in ring.points])
        y0, y1 = self._span([y for ring in self.rings for _, y in ring.points])
        return min(slices), max(slices) + 1, y0, y1, x0, x1

    def dump(self) -> dict[str, Any]:
        """Return ``{"kind": "polygon", "rule": …, "rings": […]}``."""
        return {"kind": self.kind, "rule": self.rule, "rings": [ring.dump() for ring in self.rings]}

    def _span(self, values: list[float]) -> tuple[int, int]:
        first = max(math.ceil(min(values) - 0.5), 0)
        last = math.ceil(max(values) - 0.5)
        return first, max(last if self.rule == PIXEL_CENTRE else last + 1, first + 1)


def parse(value: Mapping[str, Any], definition: Mapping[str, Any], geometry: Geometry | None) -> Polygon:
    """Return the polygon, or LabelError.

    Under ``pixel_centre`` a ring must be simple: it is drawn by hand, and a ring that crosses itself is
    a slip whose inside is a guess. Under ``outline_excluded`` a ring is a chain of pixels traced by a
    reader's tool: of the 41,406 outlines of LIDC-IDRI 1,452 touch, overlap or cross themselves (59 where
    two edges properly cross) and 17 have one or two points, all of them real readings. They are accepted
    as they are: even-odd crossing gives each of them a definite inside, which may be empty.

    Parameters
    ----------
    value : mapping
        ``{"kind": "polygon", "rule": …, "rings": [{"slice": k, "hole": false, "points": [[x, y], …]}, …]}``
        in pixels, at most 100 000 points; without a rule, the definition's is taken.
    definition : mapping
        ``{"rule": "pixel_centre"}``.
    geometry : Geometry or None
        The image's grid, in voxels; None when it is not known.
    """
    check_kind(value, "polygon", ("rings",), ("rule",))
    rule: str = definition["rule"]
    if value.get("rule", rule) != rule:
        raise LabelError("wrong-rule", "/rule", f"This question's polygons become pixels by the rule {rule!r}.")
    rings = parse_rings(value["rings"])
    if geometry is not None:
        check_inside(rings, geometry.shape, centred=rule != PIXEL_CENTRE)
    if rule == PIXEL_CENTRE:
        for index, ring in enumerate(rings):
            check_simple(ring.points, pointer("rings", index, "points"))
    return Polygon(rule, rings)


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse a definition that does not say how outlines become pixels: the result depends on it."""
    check_many(definition)
    if definition.get("rule") not in RULES:
        raise LabelError("unknown-rule", "/rule", f"The rule is one of: {', '.join(RULES)}.")


SPEC = Kind(title="Polygon", parse=parse, scales=frozenset({"none"}), check_definition=check_definition)
