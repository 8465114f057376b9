import io
import json

import numpy as np
import pytest

from annotations.importers.coco import SPEC as IMPORTER
from annotations.labels import _runs
from annotations.labels.mask import parse
from reports.exporters._planes import planes_of
from reports.exporters._scenes import album
from reports.exporters.base import export, narrowed
from reports.exporters.coco import SPEC
from tests.reports.exporters.bundles import bundle, record
from tests.reports.exporters.regions import HOSTILE, RECORDS, release


def document(made=None):
    return json.loads(export(SPEC, made or release()))


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning")
def test_pycocotools_reads_the_same_pixels(tmp_path):
    coco = pytest.importorskip("pycocotools.coco", reason="pycocotools is not installed")
    path = tmp_path / "coco.json"
    path.write_bytes(export(SPEC, release()))
    read = coco.COCO(str(path))
    seen = 0
    for scene in album(release()).scenes:
        for finding in scene.findings:
            for plane in planes_of(finding.label, scene.shape):
                images = [
                    one for one in read.dataset["images"] if (one["case"], one["slice"]) == (scene.case, plane.slice)
                ]
                (image,) = images
                entries = [
                    one for one in read.loadAnns(read.getAnnIds([image["id"]])) if one["finding"] == finding.finding
                ]
                (entry,) = entries
                assert (read.annToMask(entry).astype(bool) == plane.full(scene.shape)).all()
                assert entry["area"] == plane.area
                seen += 1
    assert seen == len(read.anns) == 6


def test_our_importer_takes_the_flat_cases_back():
    flat = release([one for one in RECORDS if one["case"] in {"c1", "c2"}])
    questions = {"lesion": "mask", "type": "category"}
    options = {"reader": "gold", "question": "lesion", "category_question": "type"}
    answers = list(IMPORTER.read(io.BytesIO(export(SPEC, flat)), questions, options))
    regions = [one for one in answers if one.question == "lesion"]
    assert [one.case for one in regions] == ["c1", "c1", "c2"]
    assert regions[2].value == {"kind": "nothing_found"}
    for one, finding in zip(regions, album(flat).scenes[0].findings, strict=False):
        (plane,) = planes_of(finding.label, (1, 8, 10))
        back = parse(one.value, {}, None)
        assert (_runs.decode(back.runs, (1, 8, 10))[0] == plane.full((1, 8, 10))).all()
    assert [one.value["code"] for one in answers if one.question == "type"] == ["malignant", "lesion"]


def test_answers_stand_beside_what_they_are_about():
    made = document()
    assert made["annotations"][0]["attributes"] == {"grade": "4", "size": 4.5}
    assert made["images"][0]["attributes"] == {"quality": "good"}
    assert made["images"][1]["attributes"] == {"quality": None}


def test_an_open_case_is_not_an_empty_image_and_a_volume_has_all_its_slices():
    made = document()
    assert [one["case"] for one in made["images"]] == ["c1", "c2", "deep", "deep", "deep", HOSTILE]
    assert {one["case"] for one in made["info"]["left_out"]} == {"c1", "c3"}
    boxes = [one["bbox"] for one in made["annotations"] if one["image_id"] == 1]
    assert boxes == [[1, 1, 4, 3], [3, 2, 6, 5]]


def test_a_name_leads_nowhere():
    names = [one["file_name"] for one in document()["images"]]
    assert all("/" not in name and not name.startswith(".") and "'" not in name for name in names)


def test_without_regions_it_holds_answers_alone():
    made = document(bundle([record(label={"kind": "category", "code": "a"})]))
    assert made["images"] == [{"id": 1, "file_name": "c1.png", "case": "c1", "subject": "p1", "attributes": {"q": "a"}}]
    assert made["annotations"] == made["categories"] == []


def test_some_questions_alone():
    made = document(narrowed(release(), ["lesion"]))
    assert [one["name"] for one in made["categories"]] == ["lesion"]
    assert not any(one["attributes"] for one in made["annotations"])
    assert np.all([one["category_id"] == 1 for one in made["annotations"]])
