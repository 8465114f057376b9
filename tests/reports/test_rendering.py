import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from rest_framework.test import APIClient

from annotations.errors import NotFound
from reports import release, shelf
from reports.errors import NotRenderable
from reports.exporters._csv import read_csv
from reports.registry import EXPORTERS

pytestmark = pytest.mark.django_db

SHAPES = ["lesion", "grade"]
# They lie in the patient; the images of this story say nothing of how they do.
PLACED = ["dicom_seg", "dicom_sr", "nrrd_mask", "rtstruct"]


@pytest.fixture
def row(story):
    return story.freeze()


@pytest.fixture
def client(story):
    made = APIClient()
    made.force_authenticate(story.lead)
    return made


def address(name="", query=""):
    return f"/api/v1/projects/lesions/releases/1/formats{'/' if name else ''}{name}{query}"


@pytest.mark.parametrize("name", [name for name in EXPORTERS if name not in PLACED])
def test_every_format_renders_what_it_says_it_holds(row, name):
    (found,) = [one for one in release.formats_of(row) if one.name == name]
    first = release.render_release(release=row, exporter=name, questions=found.questions)
    assert first == release.render_release(release=row, exporter=name, questions=found.questions)
    assert set(found.questions) | set(found.refused) == {"lesion", "grade", "quality", "size"}


@pytest.mark.parametrize("name", PLACED)
def test_a_format_of_places_refuses_images_of_which_it_is_not_known_how_they_lie(row, name):
    with pytest.raises(NotRenderable) as refusal:
        release.render_release(release=row, exporter=name, questions=SHAPES)
    assert refusal.value.data["code"] == "no-place"


def test_the_regions_of_the_release_are_in_the_file_and_open_cases_are_not(row):
    made = json.loads(release.render_release(release=row, exporter="coco"))
    assert {one["case"] for one in made["images"]} == {"case-1", "case-2", "case-3", "case-5"}
    assert [one["attributes"] for one in made["annotations"]] == [{"grade": "3"}, {}]
    assert {one["area"] for one in made["annotations"]} == {81}
    assert {one["case"] for one in made["info"]["left_out"]} >= {"case-4", "case-6", "case-7"}
    assert {(one["height"], one["width"]) for one in made["images"]} == {(40, 40)}


def test_a_rendering_is_no_part_of_the_package_and_of_the_digest(story):
    row = story.released()
    before = (row.digest, sorted(row.files.values_list("name", "digest")))
    release.render_release(release=row, exporter="csv_wide")
    row.refresh_from_db()
    assert (row.digest, sorted(row.files.values_list("name", "digest"))) == before
    assert "coco" not in str(before)


def test_a_rendering_stays_as_it_was_when_the_project_goes_on(story, row):
    before = release.render_release(release=row, exporter="csv_wide")
    story.settle("case-3", "grade", decision="reader", letter=story.letter("case-3", "grade", "cyd"))
    story.work()
    assert release.render_release(release=row, exporter="csv_wide") == before


def test_what_a_format_cannot_hold_is_refused_with_every_reason(row):
    with pytest.raises(NotRenderable, match="cannot hold grade, measurement") as refusal:
        release.render_release(release=row, exporter="yolo")
    assert [error["pointer"] for error in refusal.value.errors] == ["#/grade", "#/quality", "#/size"]
    with pytest.raises(NotRenderable, match="no question nothing"):
        release.render_release(release=row, exporter="coco", questions=["nothing"])
    with pytest.raises(NotRenderable, match="as a whole"):
        release.render_release(release=row, exporter="datasheet", questions=SHAPES)
    with pytest.raises(NotFound, match="the formats are: csv_table"):
        release.render_release(release=row, exporter="nothing")


def test_a_heavy_format_is_not_made_while_somebody_waits(row):
    with pytest.raises(NotRenderable, match="72,000 voxels; write the file with"):
        release.render_release(release=row, exporter="nifti_mask", most_voxels=71_999)
    assert release.render_release(release=row, exporter="nifti_mask", most_voxels=72_000)
    assert release.render_release(release=row, exporter="coco", most_voxels=1)


def test_the_api_lists_the_formats(row, client):
    items = {one["name"]: one for one in client.get(address()).json()["items"]}
    assert list(items) == list(EXPORTERS)
    assert items["coco"]["refused"] == []
    assert items["yolo"]["questions"] == ["lesion"]
    assert [one["question"] for one in items["yolo"]["refused"]] == ["grade", "quality", "size"]
    assert all(one["loses"] for one in items.values())
    assert items["coco"]["url"] == address("coco")


def test_the_api_hands_out_a_file(row, client):
    answer = client.get(address("csv_wide", "?questions=lesion,%20grade"))
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="lesions-release-1-csv-wide.csv"'
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "quality" not in read_csv(answer.content)[0]
    assert answer.content == release.render_release(release=row, exporter="csv_wide", questions=SHAPES)


def test_the_api_says_what_a_format_cannot_hold(row, client):
    answer = client.get(address("pascal_voc"))
    assert answer.status_code == 422
    assert answer.json()["code"] == "not-renderable"
    assert {error["pointer"] for error in answer.json()["errors"]} == {"#/grade", "#/quality", "#/size"}
    assert client.get(address("nothing")).status_code == 404


def test_the_page_links_to_what_a_format_can_hold(story, row):
    lines = {one.title: one for one in shelf.release_view(shelf.release_numbered(story.project, 1)).formats}
    assert len(lines) == len(EXPORTERS) - len(shelf.PACKAGED)
    yolo = lines["YOLO boxes and outlines (zip)"]
    assert (yolo.href, yolo.without) == (address("yolo", "?questions=lesion"), "grade, quality, size")
    assert lines["COCO objects (JSON)"].href == address("coco")


def test_the_command_writes_a_new_file(row, tmp_path, capsys):
    target = tmp_path / "gold.json"
    arguments = ["export", "lesions", "1", "--as", "lead", "--format", "coco", "--out", str(target)]
    call_command(*arguments, "--json")
    printed = json.loads(capsys.readouterr().out)
    assert printed["bytes"] == target.stat().st_size
    assert target.read_bytes() == release.render_release(release=row, exporter="coco")
    with pytest.raises(CommandError, match="cannot be written: File exists"):
        call_command(*arguments)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"--format": "yolo"}, "not-renderable"),
        ({"--as": "physician"}, "forbidden"),
        ({"--as": "nobody"}, "not-found"),
        ({"number": "7"}, "not-found"),
    ],
)
def test_a_refused_command_writes_nothing(row, tmp_path, changes, code):
    target = tmp_path / "gold"
    chosen = {"--as": "lead", "--format": "coco", "--out": str(target), "number": "1", **changes}
    number = chosen.pop("number")
    with pytest.raises(CommandError, match=f"^{code}:"):
        call_command("export", "lesions", number, *(part for pair in chosen.items() for part in pair))
    assert not target.exists()
