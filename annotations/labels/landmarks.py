"""Named points on an image whose spacing is known, so that their distances are millimetres."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from annotations.labels._codes import check_codes, codes, shown
from annotations.labels._points import point_of
from annotations.labels.base import Geometry, Kind, LabelError, check_kind, check_one, finite, pointer

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Where a reader set each point.

    Parameters
    ----------
    points : tuple of (str, point or None)
        Code of each point in sorted order, with its place along (z, y, x) in voxels; None where the reader says that
        it cannot be seen.
    """

    kind: ClassVar[str] = "landmarks"
    points: tuple[tuple[str, Point | None], ...]

    def dump(self) -> dict[str, Any]:
        """Return ``{"kind": "landmarks", "points": {"apex": [z, y, x], "base": null}}``."""
        return {"kind": self.kind, "points": {code: None if at is None else list(at) for code, at in self.points}}


def parse(value: Mapping[str, Any], definition: Mapping[str, Any], geometry: Geometry | None) -> Landmarks:
    """Return the points, or LabelError: every declared point is answered, with null where it cannot be seen.

    Parameters
    ----------
    value : mapping
        ``{"kind": "landmarks", "points": {"apex": [z, y, x], "base": null}}`` in voxels.
    definition : mapping
        ``{"points": [{"code": "apex", "title": "Apex"}, …]}``.
    geometry : Geometry or None
        The image's grid; without a spacing in millimetres points are refused, for their distances would mean nothing.
    """
    check_kind(value, "landmarks", ("points",))
    if geometry is None or geometry.spacing_mm is None:
        message = "Points are compared in millimetres, and the spacing of this case's image is not known."
        raise LabelError("no-spacing", "/points", message)
    given, known = value["points"], codes(definition, "points")
    if not isinstance(given, Mapping):
        raise LabelError("not-an-object", "/points", "The points are an object: code of a point to its place.")
    for code in given:
        if code not in known:
            raise LabelError("unknown-point", pointer("points", code), f"A point is one of: {shown(known)}.")
    missing = tuple(code for code in known if code not in given)
    if missing:
        message = f"Every point is answered, with null where it cannot be seen; missing: {shown(missing)}."
        raise LabelError("missing-point", "/points", message)
    return Landmarks(tuple((code, _place(given[code], code, geometry)) for code in sorted(known)))


def _place(value: object, code: str, geometry: Geometry) -> Point | None:
    return None if value is None else point_of(value, pointer("points", code), geometry)


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse a definition without usable points; a ``sigma`` is a positive share of the object's size.

    ``sigma`` is how far readers scatter on the point: with it and ``area_mm2`` object keypoint similarity is measured.
    """
    check_one(definition)
    check_codes(definition, "points")
    for place, entry in enumerate(definition["points"]):
        if "sigma" in entry and finite(entry["sigma"], pointer("points", place, "sigma")) <= 0:
            raise LabelError("bad-sigma", pointer("points", place, "sigma"), "A sigma is a positive number.")
    if "area_mm2" in definition and finite(definition["area_mm2"], "/area_mm2") <= 0:
        raise LabelError("bad-area", "/area_mm2", "The area of the object is a positive number of mm².")


SPEC = Kind(title="Landmarks", parse=parse, scales=frozenset({"none"}), check_definition=check_definition)
