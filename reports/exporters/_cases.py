"""The grids of the cases of a release and how they lie, read from the files of its package."""

import json
from typing import Any

from annotations.labels.base import Geometry
from reports.exporters._csv import read_csv

AXES = ("z", "y", "x")


def grids_of(content: bytes) -> dict[str, Geometry]:
    """Return the grid of every case whose size is known.

    Parameters
    ----------
    content : bytes
        ``cases.csv`` of the package.

    Returns
    -------
    dict
        Case to voxels along (z, y, x) and millimetres between their centres, None where unknown.
    """
    grids: dict[str, Geometry] = {}
    for row in read_csv(content):
        sizes = [row[f"shape_{axis}"] for axis in AXES]
        steps = [row[f"spacing_{axis}_mm"] for axis in AXES]
        if all(sizes):
            z, y, x = map(int, sizes)
            dz, dy, dx = map(float, steps) if all(steps) else (None, None, None)
            spacing = None if dz is None or dy is None or dx is None else (dz, dy, dx)
            grids[row["case"]] = Geometry((z, y, x), spacing)
    return grids


def places_of(content: bytes) -> dict[str, dict[str, Any]]:
    """Return how the voxels of each case lie in the patient, where it is known.

    Parameters
    ----------
    content : bytes
        ``images.jsonl`` of the package; empty for packages that were made before it was kept.

    Returns
    -------
    dict
        Case to ``origin_mm`` (x, y, z; LPS), ``direction`` (unit vectors of the indices x, y, z) and ``slices``
        (axis, classes and instances of the planes; None where the image was no DICOM).
    """
    lines = [json.loads(line) for line in content.splitlines() if line]
    return {line.pop("case"): line for line in lines}
