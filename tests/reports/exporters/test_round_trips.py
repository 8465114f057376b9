"""What our own importers make of our own archives; COCO, Label Studio and CVAT have theirs beside the exporter."""

import io

import numpy as np
import pytest

from annotations.labels import _runs
from annotations.labels.mask import parse
from annotations.registry import IMPORTERS
from reports.exporters._planes import planes_of, region_of
from reports.exporters._scenes import album
from reports.exporters.base import narrowed
from reports.registry import EXPORTERS
from tests.reports.exporters.archive import files_of
from tests.reports.exporters.regions import release

SHAPES = narrowed(release(), ["lesion", "type"])
KINDS = {"lesion": "mask", "type": "category"}
ASKED = {"reader": "gold", "question": "lesion"}


def scene_of(case):
    (found,) = [scene for scene in album(SHAPES).scenes if scene.case == case]
    return found


def taken(name, content, **options):
    """Return mask, mark by mark, and the codes that came with them."""
    answers = list(IMPORTERS[name].read(io.BytesIO(content), KINDS, {**ASKED, **options}))
    regions = [one for one in answers if one.question == "lesion" and one.value["kind"] == "mask"]
    masks = [parse(one.value, {}, None) for one in regions]
    codes = [one.value["code"] for one in answers if one.question == "type"]
    return [_runs.decode(mask.runs, mask.shape) for mask in masks], codes, answers


def whole(finding, shape):
    """Return a gold region on its whole grid."""
    (z0, z1, y0, y1, x0, x1), part = region_of(finding.label, shape)
    full = np.zeros(shape, dtype=bool)
    full[z0:z1, y0:y1, x0:x1] = part
    return full


@pytest.mark.parametrize("case", ["c1", "deep"])
def test_a_label_volume_comes_back_voxel_by_voxel(case):
    files = files_of(EXPORTERS["nifti_mask"], SHAPES)
    scene = scene_of(case)
    for name, finding in zip(["", "+layer2"], scene.findings, strict=True):
        content = files[f"labels/{case}+lesion{name}.nii.gz"]
        masks, _, _ = taken("nifti_mask", content, case=case)
        (mask,) = masks
        assert (mask == whole(finding, scene.shape)).all()


def test_an_outline_of_yolo_comes_back_pixel_by_pixel():
    files = files_of(EXPORTERS["yolo"], SHAPES)
    scene = scene_of("c1")
    options = {"case": "c1", "size": "10x8", "category_question": "type", "names": "benign,malignant,lesion"}
    masks, codes, _ = taken("yolo", files["segments/labels/c1.txt"], **options)
    assert codes == ["malignant", "lesion"]
    assert len(masks) == 2
    for mask, finding in zip(masks, scene.findings, strict=True):
        assert (mask == whole(finding, scene.shape)).all()


@pytest.mark.parametrize(("name", "path"), [("yolo", "boxes/labels/c1.txt"), ("pascal_voc", "Annotations/c1.xml")])
def test_a_box_comes_back_around_the_same_pixels(name, path):
    content = files_of(EXPORTERS[name], SHAPES)[path]
    scene = scene_of("c1")
    masks, _, _ = taken(name, content, **({"case": "c1", "size": "10x8"} if name == "yolo" else {}))
    assert len(masks) == 2
    for mask, finding in zip(masks, scene.findings, strict=True):
        (plane,) = planes_of(finding.label, scene.shape)
        filled = np.zeros(scene.shape, dtype=bool)
        height, width = plane.pixels.shape
        filled[0, plane.top : plane.top + height, plane.left : plane.left + width] = True
        assert (mask == filled).all()


def test_an_empty_picture_of_voc_is_nothing_found():
    _, _, answers = taken("pascal_voc", files_of(EXPORTERS["pascal_voc"], SHAPES)["Annotations/c2.xml"])
    assert [(one.case, one.value) for one in answers] == [("c2", {"kind": "nothing_found"})]
