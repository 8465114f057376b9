"""Gold labels as tasks of Label Studio, a task a picture, with one annotation that is marked as ground truth.

Source: labelstud.io, "Label Studio JSON format of annotated tasks" (2024).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from annotations.labels.base import canonical
from reports.exporters._brush import brush
from reports.exporters._names import file_stems, plane_name
from reports.exporters._planes import Plane, planes_of
from reports.exporters._scenes import Finding, LeftOut, Scene, Value, album, class_names, refuse
from reports.exporters.base import Exporter, GoldBundle

Entry = dict[str, Any]
Names = Mapping[tuple[str, str], str]

CONTROL = "image"
_PERCENT = 100


def tasks(bundle: GoldBundle) -> bytes:
    """Return a JSON list of tasks.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        A control bears the code of its question. A region's id names its finding; answers about the finding
        have the same id. What is left out has a task without an annotation, which the tool shows as open.
    """
    made, names = album(bundle), class_names(bundle)
    stems = file_stems(scene.case for scene in made.scenes)
    found: list[Entry] = []
    for scene in made.scenes:
        found.extend(_tasks(scene, stems[scene.case], names))
    present = {scene.case for scene in made.scenes}
    found.extend(_open_tasks(made.left_out, present))
    return ("[" + ",\n".join(map(canonical, found)) + "]\n").encode()


def _open_tasks(left_out: tuple[LeftOut, ...], present: set[str]) -> Iterator[Entry]:
    """Yield one task for each case that is in no scene."""
    units: dict[str, list[dict[str, str]]] = {}
    for one in left_out:
        if one.case not in present:
            units.setdefault(one.case, []).append(one.as_dict())
    stems = file_stems(units)
    for case, listed in units.items():
        yield {"data": {"image": f"{stems[case]}.png", "case": case, "left_out": listed}, "annotations": []}


def _tasks(scene: Scene, stem: str, names: Names) -> Iterator[Entry]:
    """Yield a task for each slice; answers about the case stand in the first."""
    results: dict[int, list[Entry]] = defaultdict(list)
    results[0] = [_plain(code, value, code) for code, value in scene.attributes.items()]
    for finding in scene.findings:
        for plane in planes_of(finding.label, scene.shape):
            results[plane.slice].extend(_region(finding, plane, scene.shape, names))
    depth = scene.grid.shape[0] if scene.grid is not None else 1
    for index in range(depth):
        data = {"image": plane_name(stem, index, depth) + ".png", "case": scene.case, "slice": index}
        annotation = {"ground_truth": True, "was_cancelled": False, "result": results[index]}
        yield {"data": {**data, "subject": scene.subject}, "annotations": [annotation]}


def _region(finding: Finding, plane: Plane, shape: tuple[int, int, int], names: Names) -> Iterator[Entry]:
    """Yield the outline or brush of a finding on one slice, and the answers about it."""
    height, width = shape[1:]
    key = f"{finding.question}-{finding.finding or 'one'}-{plane.slice}"
    name = names[finding.question, finding.name]
    frame = {"original_height": height, "original_width": width, "image_rotation": 0, "to_name": CONTROL}
    if plane.corners is not None:
        kind, value = "rectanglelabels", {**_rectangle(plane.corners, height, width), "rectanglelabels": [name]}
    elif len(plane.rings) == 1:
        points = [[x * _PERCENT / width, y * _PERCENT / height] for x, y in plane.rings[0]]
        kind, value = "polygonlabels", {"points": points, "closed": True, "polygonlabels": [name]}
    else:
        runs = brush(plane.full(shape))
        kind, value = "brushlabels", {"format": "rle", "rle": runs, "brushlabels": [name]}
    yield {"id": key, "from_name": finding.question, "type": kind, "value": value, **frame}
    for code, answer in finding.attributes.items():
        yield _plain(code, answer, key)


def _rectangle(corners: tuple[float, float, float, float], height: int, width: int) -> Entry:
    """Return a box in percents of the picture."""
    left, top, right, bottom = corners
    x, y = left * _PERCENT / width, top * _PERCENT / height
    sides = {"width": (right - left) * _PERCENT / width, "height": (bottom - top) * _PERCENT / height}
    return {"x": x, "y": y, **sides, "rotation": 0}


def _plain(code: str, value: Value, key: str) -> Entry:
    """Return a choice or a number; no choice where the answer is that there is nothing."""
    base = {"id": key, "from_name": code, "to_name": CONTROL}
    if isinstance(value, float | int):
        return {**base, "type": "number", "value": {"number": value}}
    return {**base, "type": "choices", "value": {"choices": [] if value is None else [value]}}


SPEC = Exporter(
    title="Label Studio (JSON)",
    suffix="json",
    media_type="application/json",
    function=tasks,
    kinds=frozenset({"mask", "polygon", "box", "category", "grade", "measurement"}),
    refuse=refuse,
    loses=(
        "A volume is cut into its slices, a task each; the region's id names its finding.",
        "Outlines by the rule outline_excluded, with holes or in several parts, become brushed pixels.",
        "Points are percents of the picture, so that they come back within rounding.",
        "A finding or an answer that is not settled is not shown beside those that are.",
        "Support, dissent and provenance are in the package alone; nobody is named as the annotator.",
    ),
)
