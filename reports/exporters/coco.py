"""Gold regions in the COCO object format: an image a slice, an annotation for each finding on it.

Lin T-Y et al. (2014), doi:10.1007/978-3-319-10602-1_48, and cocodataset.org, "Data format".
"""

from collections.abc import Mapping
from typing import Any

from annotations.labels import _coco_rle
from reports.exporters._names import file_stems, plane_name
from reports.exporters._planes import Plane, planes_of
from reports.exporters._scenes import Finding, Scene, album, class_names, refuse
from reports.exporters.base import Exporter, GoldBundle, json_file

Entry = dict[str, Any]
Ids = Mapping[tuple[str, str], int]


def coco(bundle: GoldBundle) -> bytes:
    """Return one JSON document with images, annotations and categories.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        Outlines by the rule ``pixel_centre`` without holes stay polygons; every other region is run
        lengths. Answers about a finding stand in the annotation's ``attributes``, answers about a case in
        the image's, both by question code. ``info.left_out`` lists what the file does not hold.
    """
    made, names = album(bundle), class_names(bundle)
    ids = {pair: number for number, pair in enumerate(names, start=1)}
    stems = file_stems(scene.case for scene in made.scenes)
    images: list[Entry] = []
    annotations: list[Entry] = []
    for scene in made.scenes:
        first = len(images) + 1
        images.extend(_images(scene, stems[scene.case], first))
        for finding in scene.findings:
            for plane in planes_of(finding.label, scene.shape):
                entry = _annotation(finding, plane, scene, ids)
                place = {"id": len(annotations) + 1, "image_id": first + plane.slice}
                annotations.append({**entry, **place})
    categories = [{"id": ids[pair], "name": text, "supercategory": pair[0]} for pair, text in names.items()]
    info = {**_info(bundle), "left_out": [one.as_dict() for one in made.left_out]}
    return json_file({"info": info, "images": images, "annotations": annotations, "categories": categories})


def _info(bundle: GoldBundle) -> Entry:
    release, project = bundle.release, bundle.project
    return {
        "description": f"{project['name']}, release {release['number']}",
        "version": str(release["number"]),
        "year": int(release["frozen_at"][:4]),
        "date_created": release["frozen_at"],
        "contributor": project["attribution"],
        "release_digest": release["digest"],
        "simulated": project["simulated_note"],
    }


def _images(scene: Scene, stem: str, first: int) -> list[Entry]:
    known = {"case": scene.case, "subject": scene.subject, "attributes": dict(scene.attributes)}
    if scene.grid is None:
        return [{"id": first, "file_name": f"{stem}.png", **known}]
    depth, height, width = scene.grid.shape
    return [
        {
            "id": first + index,
            "file_name": plane_name(stem, index, depth) + ".png",
            "height": height,
            "width": width,
            "slice": index,
            **known,
        }
        for index in range(depth)
    ]


def _annotation(finding: Finding, plane: Plane, scene: Scene, ids: Ids) -> Entry:
    if plane.corners is not None:
        left, top, right, bottom = plane.corners
        return {
            "category_id": ids[finding.question, finding.name],
            "segmentation": [],
            "area": (right - left) * (bottom - top),
            "bbox": [left, top, right - left, bottom - top],
            "iscrowd": 0,
            "finding": finding.finding,
            "attributes": dict(finding.attributes),
        }
    height, width = plane.pixels.shape
    flat = [[number for point in ring for number in point] for ring in plane.rings]
    return {
        "category_id": ids[finding.question, finding.name],
        "segmentation": flat or _coco_rle.encode(plane.full(scene.shape)),
        "area": plane.area,
        "bbox": [plane.left, plane.top, width, height],
        "iscrowd": 0,
        "finding": finding.finding,
        "attributes": dict(finding.attributes),
    }


SPEC = Exporter(
    title="COCO objects (JSON)",
    suffix="json",
    media_type="application/json",
    function=coco,
    kinds=frozenset({"mask", "polygon", "box", "category", "grade", "measurement"}),
    refuse=refuse,
    loses=(
        "A volume is cut into its slices; the member 'finding' says which annotations are one finding.",
        "A case with an open region is left out, because an image without a shape says that nothing is there.",
        "Outlines by the rule outline_excluded, and outlines with holes, become pixels.",
        "Support, dissent and provenance are in the package alone.",
        "Answers that are no regions stand in 'attributes', which the format does not define.",
    ),
)
