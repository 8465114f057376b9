"""How a label is drawn over its image: rings, masks under opaque names, and where it begins and ends."""

import math
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core import signing
from django.urls import reverse

from annotations.labels._marked import marked_part
from annotations.labels.mask import mask_of
from qc.models import Dispute

TOKEN_SALT = "consilium.pixels"  # noqa: S105 - a namespace of signatures, no secret
# Drawn over the image by the viewer.
SPATIAL = frozenset({"mask", "polygon", "box", "landmarks"})
# Half the width of the mark that shows a point, in pixels.
POINT_SIZE = 3.0


def is_drawn(label: Mapping[str, Any]) -> bool:
    """Say whether there is anything of a label to draw."""
    return label["kind"] == "mask" or (label["kind"] in SPATIAL and bool(rings_of(label)))


def rings_of(label: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is drawn of an outline, a box or points: rings on slices, in pixels.

    A box is a rectangle on each of its slices, a point a diamond on the slice that holds it.
    """
    if label["kind"] == "polygon":
        found: list[dict[str, Any]] = label["rings"]
        return found
    if label["kind"] == "box":
        (z0, y0, x0), (z1, y1, x1) = label["low"], label["high"]
        corners = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
        return [{"slice": z, "hole": False, "points": corners} for z in range(math.floor(z0), math.ceil(z1))]
    return [
        {
            "slice": math.floor(z),
            "hole": False,
            "points": [[x, y - POINT_SIZE], [x + POINT_SIZE, y], [x, y + POINT_SIZE], [x - POINT_SIZE, y]],
        }
        for z, y, x in (at for at in label["points"].values() if at is not None)
    ]


def span(label: Mapping[str, Any]) -> tuple[int, int]:
    """Return the first slice of a region and the one after its last."""
    if label["kind"] == "mask":
        box, _ = marked_part(mask_of(label))
        return box[0], box[1]
    slices = [ring["slice"] for ring in rings_of(label)]
    return min(slices), max(slices) + 1


def corner(label: Mapping[str, Any]) -> tuple[int, int, int]:
    """Return the far corner of a region's grid along (z, y, x)."""
    if label["kind"] == "mask":
        z, y, x = label["shape"]
        return z, y, x
    rings = rings_of(label)
    points = [point for ring in rings for point in ring["points"]]
    z = max(ring["slice"] for ring in rings) + 1
    return z, int(max(y for _, y in points)) + 1, int(max(x for x, _ in points)) + 1


def drawn_form(label: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a region as the viewer draws it; the bits of a mask are fetched under an opaque name."""
    if label["kind"] != "mask":
        return {"kind": "polygon", "rings": rings_of(label)}
    box, _ = marked_part(mask_of(label))
    return {"kind": "mask", "box": list(box), "url": reverse("mask-bits", args=[name])}


def token(dispute: Dispute, viewer: User, letter: str, place: int) -> str:
    """Return the opaque name of a region for one viewer, dispute and round."""
    return signing.dumps([viewer.pk, str(dispute.public_id), dispute.round, letter, place], salt=TOKEN_SALT)


def read_token(name: str) -> tuple[int, str, int, str, int] | None:
    """Return viewer, dispute, round, letter and place that a name stands for; None for a forged one."""
    try:
        viewer, dispute, round_number, letter, place = signing.loads(name, salt=TOKEN_SALT)
    except signing.BadSignature:
        return None
    return viewer, dispute, round_number, letter, place
