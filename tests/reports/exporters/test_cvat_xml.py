import io
from xml.etree.ElementTree import fromstring

from annotations.importers.base import Imported
from annotations.importers.cvat_xml import SPEC as IMPORTER
from annotations.labels import _runs
from annotations.labels.mask import parse
from reports.exporters._planes import planes_of
from reports.exporters._scenes import album
from reports.exporters.base import export
from reports.exporters.cvat_xml import SPEC
from tests.reports.exporters.bundles import bundle, record
from tests.reports.exporters.regions import HOSTILE, LESION, region, release

KINDS = {"lesion": "mask", "type": "category", "grade": "grade", "quality": "category"}


def parsed(content):
    return fromstring(content)  # noqa: S314 - our own bytes


def test_our_importer_takes_the_dump_back():
    options = {
        "reader": "gold",
        "question": "lesion",
        "category_question": "type",
        "attributes": "grade=grade,quality=quality",
    }
    answers = list(IMPORTER.read(io.BytesIO(export(SPEC, release())), KINDS, options))
    regions = [one for one in answers if isinstance(one, Imported) and one.value["kind"] in {"mask", "coco_rle"}]
    planes = [
        plane.full(scene.shape)
        for scene in album(release()).scenes
        for finding in scene.findings
        for plane in planes_of(finding.label, scene.shape)
    ]
    found = [_runs.decode(parse(one.value, {}, None).runs, (1, 8, 10))[0] for one in regions]
    assert len(found) == len(planes) == 6
    assert sorted(one.tobytes() for one in found) == sorted(one.tobytes() for one in planes)
    told = [
        (one.question, one.value.get("level") or one.value.get("code")) for one in answers if isinstance(one, Imported)
    ]
    assert ("grade", "4") in told
    assert ("quality", "good") in told
    assert ("type", "malignant") in told


def test_what_is_left_out_is_in_the_document():
    root = parsed(export(SPEC, release()))
    assert [one.get("case") for one in root.iterfind("meta/left_out/unit")] == ["c1", "c3", "c3"]
    names = [one.get("name") for one in root.iterfind("image")]
    assert len(names) == 6
    assert not any(name.startswith("c3") for name in names)
    assert [one.text for one in root.iterfind("meta/task/labels/label/name")] == [
        "benign",
        "malignant",
        "lesion",
        "case",
    ]


def test_a_reason_with_control_characters_is_still_a_document():
    made = release([region("c1", "f1", None, disposition="excluded", reason="a\x00\x1b<b>")], [LESION])
    (unit,) = parsed(export(SPEC, made)).iterfind("meta/left_out/unit")
    assert unit.get("reason") == "a\ufffd\ufffd<b>"


def test_a_hostile_key_is_no_markup_and_no_path():
    content = export(SPEC, release()).decode()
    assert HOSTILE not in content
    assert "../" not in content


def test_an_image_of_unknown_size_claims_none():
    root = parsed(export(SPEC, bundle([record(label={"kind": "category", "code": "a"})])))
    (image,) = root.iterfind("image")
    assert image.attrib == {"id": "0", "name": "c1.png"}
    assert [one.text for one in image.iterfind("tag/attribute")] == ["a"]
