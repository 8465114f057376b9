"""Gold regions for YOLO: a text file a slice, a line for each finding on it, as boxes and as outlines.

Source: docs.ultralytics.com, "Object detection datasets" and "Instance segmentation datasets" (2024).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import shapely

from reports.exporters._names import file_stems, plane_name
from reports.exporters._planes import Plane, Points, planes_of
from reports.exporters._scenes import LeftOut, Scene, album, class_names, refuse_details
from reports.exporters.base import Exporter, GoldBundle
from reports.exporters.manifest import zipped

Ids = Mapping[tuple[str, str], int]
IN_PARTS = "the region is in several parts, has a hole or is a box, which a line of an outline cannot hold"


def yolo(bundle: GoldBundle) -> bytes:
    """Return a zip archive with ``boxes/``, ``segments/``, each with labels and ``data.yaml``, and ``left-out.csv``.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        Coordinates are shares of the width and height. A slice on which some region is in parts or has a
        hole is in ``boxes`` alone, and its findings are listed in ``segments/left-out.csv``.
    """
    made, names = album(bundle), class_names(bundle)
    ids = {pair: number for number, pair in enumerate(names)}
    stems = file_stems(scene.case for scene in made.scenes)
    files = {"left-out.csv": made.left_out_csv()}
    split: list[LeftOut] = []
    for scene in made.scenes:
        for path, lines in _labels(scene, stems[scene.case], ids, split):
            files[path] = "".join(lines).encode()
    for folder in ("boxes", "segments"):
        files[f"{folder}/data.yaml"] = _yaml(names.values())
    files["segments/left-out.csv"] = type(made)((), tuple(split)).left_out_csv()
    return zipped(files)


def _labels(scene: Scene, stem: str, ids: Ids, split: list[LeftOut]) -> Iterator[tuple[str, list[str]]]:
    """Yield the path and lines of each label file, adding to ``split`` what the outlines cannot hold."""
    boxes: dict[int, list[str]] = defaultdict(list)
    segments: dict[int, list[str]] = defaultdict(list)
    parted: set[int] = set()
    units: dict[int, list[tuple[str, str]]] = defaultdict(list)
    depth, height, width = scene.shape
    for finding in scene.findings:
        number = ids[finding.question, finding.name]
        for plane in planes_of(finding.label, scene.shape):
            boxes[plane.slice].append(f"{number} {_box(plane, height, width)}\n")
            units[plane.slice].append((finding.question, finding.finding))
            outline = plane.rings[0] if len(plane.rings) == 1 else outline_of(plane)
            if plane.corners is None and outline:
                segments[plane.slice].append(f"{number} {_shares(outline, height, width)}\n")
            else:
                parted.add(plane.slice)
    for index in range(depth):
        name = plane_name(stem, index, depth)
        yield f"boxes/labels/{name}.txt", boxes[index]
        if index in parted:
            split.extend(LeftOut(scene.case, *unit, f"slice {index}: {IN_PARTS}") for unit in units[index])
        else:
            yield f"segments/labels/{name}.txt", segments[index]


def outline_of(plane: Plane) -> Points:
    """Return the border of the pixels along their edges; empty when it is not one ring.

    Parameters
    ----------
    plane : Plane
        With at least one pixel.

    Returns
    -------
    tuple of (x, y)
        Pixel corners without those on a straight line, from the uppermost of the leftmost.
    """
    padded = np.pad(plane.pixels, ((0, 0), (1, 1))).astype(np.int8)
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    _, stops = np.nonzero(steps == -1)
    whole = shapely.union_all(shapely.box(starts, rows, stops, rows + 1)).simplify(0)
    if whole.geom_type != "Polygon" or len(whole.interiors):
        return ()
    ring = [(float(x) + plane.left, float(y) + plane.top) for x, y in whole.exterior.coords[:-1]]
    first = ring.index(min(ring))
    return tuple(ring[first:] + ring[:first])


def _box(plane: Plane, height: int, width: int) -> str:
    if plane.corners is not None:
        left, top, right, bottom = plane.corners
        return _shares((((left + right) / 2, (top + bottom) / 2), (right - left, bottom - top)), height, width)
    rows, columns = plane.pixels.shape
    centre_x, centre_y = plane.left + columns / 2, plane.top + rows / 2
    return _shares(((centre_x, centre_y), (columns, rows)), height, width)


def _shares(points: Iterable[tuple[float, float]], height: int, width: int) -> str:
    return " ".join(f"{x / width:.8f} {y / height:.8f}" for x, y in points)


def _yaml(names: Iterable[str]) -> bytes:
    """Return the list of classes; a JSON text is a YAML text, whatever a name holds."""
    lines = ["path: .\n", "train: images\n", "val: images\n", "names:\n"]
    lines += [f"  {number}: {json.dumps(name)}\n" for number, name in enumerate(names)]
    return "".join(lines).encode()


SPEC = Exporter(
    title="YOLO boxes and outlines (zip)",
    suffix="zip",
    media_type="application/zip",
    function=yolo,
    kinds=frozenset({"mask", "polygon", "box", "category"}),
    refuse=refuse_details,
    loses=(
        "A volume is cut into its slices, and nothing says which lines are one finding.",
        "A slice with a region in several parts or with a hole is held as boxes alone.",
        "Coordinates are shares of the image with eight digits.",
        "A case with an open region is left out, because a file without a line says that nothing is there.",
        "Only the class of a finding is held: no grades, numbers or answers about a case.",
        "Support, dissent and provenance are in the package alone; no split into train and val is made.",
    ),
)
