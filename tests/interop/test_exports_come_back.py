"""Gold regions that were exported in formats of other tools come back as the same pixels through our importers."""

import io

import numpy as np
import pytest

from annotations.importers.base import Imported
from annotations.labels import _runs
from annotations.registry import IMPORTERS, parse_label
from reports.exporters._names import plane_name
from reports.exporters._planes import planes_of, region_of
from reports.exporters._scenes import album
from reports.exporters.base import export
from reports.registry import EXPORTERS
from tests.reports.exporters.regions import GRIDS, LESION, RECORDS, release

QUESTIONS = {"lesion": "mask", "outline": "polygon"}
CASES = ("c1", "deep")
GOLD = release([one for one in RECORDS if one["question"] == "lesion"], [LESION])


def back(name, options):
    content = io.BytesIO(export(EXPORTERS[name], GOLD))
    found = list(IMPORTERS[name].read(content, QUESTIONS, {"reader": "gold", "question": "lesion", **options}))
    return [one for one in found if isinstance(one, Imported) and one.value["kind"] != "nothing_found"]


def pixels(one, shape):
    return _runs.decode(parse_label(one.value, "mask", {}, None).runs, shape)


def scenes():
    return [scene for scene in album(GOLD).scenes if scene.case in CASES]


def test_volumes_come_back_voxel_for_voxel():
    wanted = {}
    for scene in scenes():
        for finding in scene.findings:
            (z0, z1, y0, y1, x0, x1), part = region_of(finding.label, scene.shape)
            whole = np.zeros(scene.shape, dtype=bool)
            whole[z0:z1, y0:y1, x0:x1] = part
            wanted.setdefault(scene.case, []).append(whole.tobytes())
    got = {}
    for ending in ("+lesion", "+lesion+layer2"):
        for one in back("nifti_mask", {"ending": ending}):
            if one.case in CASES:
                assert one.spacing_mm == pytest.approx(GRIDS[one.case].spacing_mm)
                got.setdefault(one.case, []).append(pixels(one, GRIDS[one.case].shape).tobytes())
    assert {case: sorted(found) for case, found in got.items()} == {case: sorted(all_) for case, all_ in wanted.items()}


def planes():
    """Each slice's regions, by the name that the exporters give it."""
    found = {}
    for scene in scenes():
        for finding in scene.findings:
            for plane in planes_of(finding.label, scene.shape):
                name = plane_name(scene.case, plane.slice, scene.shape[0])
                found.setdefault(name, []).append(plane.full(scene.shape))
    return found


def test_boxes_come_back_with_the_same_corners():
    wanted = {name: sorted(_box(one) for one in regions) for name, regions in planes().items()}
    got = {}
    for one in back("pascal_voc", {}):
        if one.case in wanted:
            got.setdefault(one.case, []).append(_box(pixels(one, (1, 8, 10))[0]))
            assert pixels(one, (1, 8, 10)).sum() == _area(got[one.case][-1])
    assert {case: sorted(boxes) for case, boxes in got.items()} == wanted


def test_outlines_come_back_as_the_same_pixels():
    got = {}
    for one in back("yolo", {"folder": "segments", "size": "10x8"}):
        got.setdefault(one.case, []).append(pixels(one, (1, 8, 10))[0].tobytes())
    wanted = {name: [one.tobytes() for one in regions] for name, regions in planes().items()}
    # A slice on which a region has a hole is held as boxes alone.
    assert set(wanted) - set(got) == {"deep+slice0000"}
    for name in set(wanted) & set(got):
        assert sorted(got[name]) == sorted(wanted[name]), name


def _box(mask):
    rows, columns = np.nonzero(mask)
    return int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1


def _area(box):
    return (box[1] - box[0]) * (box[3] - box[2])
