import io
import json

import numpy as np
import pytest

from annotations.importers._brush import decode
from annotations.importers.base import Imported
from annotations.importers.label_studio import SPEC as IMPORTER
from annotations.labels import _runs
from annotations.labels.mask import parse
from reports.exporters._brush import brush
from reports.exporters._planes import planes_of
from reports.exporters._scenes import album
from reports.exporters.base import export
from reports.exporters.label_studio import SPEC
from tests.reports.exporters.regions import HOSTILE, release

KINDS = {"lesion": "mask", "type": "category", "grade": "grade", "size": "measurement", "quality": "category"}


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (300, 301)])
@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_our_importer_reads_the_brush_back(shape, share):
    mask = np.random.Generator(np.random.PCG64(7)).random(shape) < share
    assert (decode(brush(mask), *shape) == np.flatnonzero(mask)).all()


def test_our_importer_takes_the_tasks_back():
    tasks = json.loads(export(SPEC, release()))
    for task in tasks:
        for annotation in task["annotations"]:
            annotation["completed_by"] = 1
    content = io.BytesIO(json.dumps(tasks).encode())
    options = {"case": "image", "category_question": "type", "unit": "mm", "empty_question": "lesion"}
    answers = [one for one in IMPORTER.read(content, KINDS, options) if isinstance(one, Imported)]
    regions = [one for one in answers if one.question == "lesion" and one.value["kind"] == "mask"]
    planes = [
        plane.full(scene.shape)
        for scene in album(release()).scenes
        for finding in scene.findings
        for plane in planes_of(finding.label, scene.shape)
    ]
    found = [_runs.decode(parse(one.value, {}, None).runs, (1, 8, 10))[0] for one in regions]
    assert len(found) == len(planes) == 6
    assert sorted(one.tobytes() for one in found) == sorted(one.tobytes() for one in planes)
    plain = {(one.question, one.value.get("level") or one.value.get("number")) for one in answers}
    assert {("grade", "4"), ("size", 4.5)} <= plain


def test_an_open_case_is_a_task_without_an_annotation():
    tasks = json.loads(export(SPEC, release()))
    (opened,) = [task for task in tasks if not task["annotations"]]
    assert opened["data"]["case"] == "c3"
    assert [one["reason"] for one in opened["data"]["left_out"]] == ["the case has open regions", "in_dispute"]
    assert {task["data"]["case"] for task in tasks} == {"c1", "c2", "c3", "deep", HOSTILE}


def test_a_region_and_its_answers_share_an_id():
    results = json.loads(export(SPEC, release()))[0]["annotations"][0]["result"]
    assert [(one["id"], one["type"]) for one in results] == [
        ("quality", "choices"),
        ("lesion-f1-0", "polygonlabels"),
        ("lesion-f1-0", "choices"),
        ("lesion-f1-0", "number"),
        ("lesion-f2-0", "brushlabels"),
    ]
