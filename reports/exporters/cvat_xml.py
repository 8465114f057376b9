"""Gold labels as a dump of CVAT, "CVAT for images 1.1": an image a slice, a polygon or a mask a finding.

Source: docs.cvat.ai, "CVAT for images 1.1" (2024).
"""

from collections import defaultdict
from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np

from reports.exporters._names import file_stems, plane_name
from reports.exporters._planes import Plane, planes_of
from reports.exporters._scenes import Album, Finding, Scene, Value, album, class_names, refuse, written
from reports.exporters.base import Exporter, GoldBundle

Names = Mapping[tuple[str, str], str]
# The tag that bears the answers about a case.
TAG = "case"


def dump(bundle: GoldBundle) -> bytes:
    """Return one XML document.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        UTF-8. Answers about a finding are attributes of its shape; answers about a case are a tag of its
        first image. ``meta/left_out`` lists what the document does not hold.
    """
    made, names = album(bundle), class_names(bundle)
    root = Element("annotations")
    SubElement(root, "version").text = "1.1"
    _meta(SubElement(root, "meta"), bundle, made, names)
    stems = file_stems(scene.case for scene in made.scenes)
    count = 0
    for scene in made.scenes:
        count += _images(root, scene, stems[scene.case], names, count)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _meta(meta: Element, bundle: GoldBundle, made: Album, names: Names) -> None:
    task = SubElement(meta, "task")
    SubElement(task, "name").text = f"{bundle.project['slug']}-release-{bundle.release['number']}"
    labels = SubElement(task, "labels")
    for name in [*names.values(), *([TAG] if any(scene.attributes for scene in made.scenes) else [])]:
        SubElement(SubElement(labels, "label"), "name").text = name
    SubElement(meta, "release_digest").text = bundle.release["digest"]
    listed = SubElement(meta, "left_out")
    stems = file_stems(one.case for one in made.left_out)
    for one in made.left_out:
        # A reason is free text, and XML has no way to write a control character.
        reason = "".join(letter if letter.isprintable() else "\ufffd" for letter in one.reason)
        SubElement(listed, "unit", {**one.as_dict(), "case": stems[one.case], "reason": reason})


def _images(root: Element, scene: Scene, stem: str, names: Names, first: int) -> int:
    """Append the images of a case and return how many."""
    shapes: dict[int, list[tuple[Finding, Plane]]] = defaultdict(list)
    for finding in scene.findings:
        for plane in planes_of(finding.label, scene.shape):
            shapes[plane.slice].append((finding, plane))
    depth = scene.grid.shape[0] if scene.grid is not None else 1
    size = {"width": str(scene.shape[2]), "height": str(scene.shape[1])} if scene.grid is not None else {}
    for index in range(depth):
        place = {"id": str(first + index), "name": plane_name(stem, index, depth) + ".png"}
        image = SubElement(root, "image", {**place, **size})
        if index == 0 and scene.attributes:
            _attributes(SubElement(image, "tag", {"label": TAG, "source": "manual"}), scene.attributes)
        for finding, plane in shapes[index]:
            _shape(image, finding, plane, names[finding.question, finding.name])
    return depth


def _shape(image: Element, finding: Finding, plane: Plane, name: str) -> None:
    base = {"label": name, "source": "manual", "occluded": "0", "z_order": "0"}
    if plane.corners is not None:
        sides = dict(zip(("xtl", "ytl", "xbr", "ybr"), map(repr, plane.corners), strict=True))
        shape = SubElement(image, "box", {**base, **sides})
    elif len(plane.rings) == 1:
        points = ";".join(f"{x!r},{y!r}" for x, y in plane.rings[0])
        shape = SubElement(image, "polygon", {**base, "points": points})
    else:
        height, width = plane.pixels.shape
        box = {"left": plane.left, "top": plane.top, "width": width, "height": height}
        sizes = {key: str(size) for key, size in box.items()}
        shape = SubElement(image, "mask", {**base, "rle": _runs(plane), **sizes})
    _attributes(shape, {"finding": finding.finding, **finding.attributes})


def _runs(plane: Plane) -> str:
    """Return the run lengths of the box row by row, zeros first."""
    flat = plane.pixels.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    lead = [0, 0] if flat[0] else [0]
    lengths = np.diff(np.concatenate((lead, changes, [flat.size]))).tolist()
    return ", ".join(map(str, lengths))


def _attributes(parent: Element, attributes: Mapping[str, Value]) -> None:
    for name, value in attributes.items():
        SubElement(parent, "attribute", {"name": name}).text = written(value)


SPEC = Exporter(
    title="CVAT for images (XML)",
    suffix="xml",
    media_type="application/xml",
    function=dump,
    kinds=frozenset({"mask", "polygon", "box", "category", "grade", "measurement"}),
    refuse=refuse,
    loses=(
        "A volume is cut into its slices; the attribute 'finding' says which shapes are one finding.",
        "A case with an open region is left out, because an image without a shape says that nothing is there.",
        "Outlines by the rule outline_excluded, with holes or in several parts, become pixels.",
        "An answer that is that there is nothing to say is an empty attribute.",
        "Support, dissent and provenance are in the package alone.",
    ),
)
