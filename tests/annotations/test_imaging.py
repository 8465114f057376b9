import io
import json
import logging

import pydicom
import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection

from annotations.management.base import Refused
from annotations.models import AuditEvent, Case
from tests.annotations.images import dicom_files as made
from tests.factories import EFFUSION, study

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(cast):
    return study(cast.mira, {}, questions=[EFFUSION], n_cases=0)


def uploaded(files):
    found = []
    for place, content in enumerate(files):
        one = io.BytesIO(content)
        one.name = f"{made.CANARIES[place]}.dcm"
        found.append(one)
    return found


def post(client, project, files, **fields):
    return client.post(
        f"/api/v1/projects/{project.slug}/images", {"files": uploaded(files), **fields}, format="multipart"
    )


def test_a_series_becomes_one_case_and_no_identifier_comes_with_it(cast, project, caplog):
    caplog.set_level(logging.DEBUG)
    answer = post(cast.client("mira"), project, made.slices()[::-1])
    assert answer.status_code == 201, answer.content
    [one] = answer.json()["taken"]
    assert (one["shape"], one["files"], one["is_new"]) == (list(made.SHAPE), [1, 2, 3, 4, 5], True)
    case = Case.objects.get(project=project)
    assert case.image.spacing_mm == pytest.approx(list(made.SPACING))
    with default_storage.open(case.image.path) as stored:
        assert len(stored.read()) == 2 * 5 * 7 * 9
    assert len(case.image.origin_mm) == len(case.image.direction) == 3
    instances = case.image.slices["instances"]
    assert len(set(instances)) == len(case.image.slices["classes"]) == 5
    assert case.image.slices["axis"] == 0
    originals = {str(pydicom.dcmread(io.BytesIO(one)).SOPInstanceUID) for one in made.slices()}
    assert not originals & set(instances)
    rows = json.dumps(list(Case.objects.values("key", "subject", "strata", "image__slices")), default=str)
    rows += json.dumps(list(AuditEvent.objects.values("action", "body")), default=str)
    with connection.cursor() as cursor:
        cursor.execute("SELECT shape, path, digest FROM annotations_image")
        rows += str(cursor.fetchall())
    everywhere = rows + answer.content.decode() + caplog.text
    for canary in made.CANARIES:
        assert canary not in everywhere
    again = post(cast.client("mira"), project, made.slices())
    assert again.json()["taken"][0]["is_new"] is False
    assert Case.objects.count() == 1


def test_all_or_nothing_or_the_good_part(cast, project):
    client = cast.client("mira")
    broken = b"\0" * 128 + b"DICM" + b"\xff" * 300
    answer = post(client, project, [*made.slices(), broken])
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [("#/files/5", "no-image")]
    assert not Case.objects.exists()
    looked = post(client, project, [*made.slices(), broken], dry_run="true").json()
    assert (len(looked["taken"]), len(looked["refused"]), looked["taken"][0]["is_new"]) == (1, 1, None)
    assert not Case.objects.exists()
    good = post(client, project, [*made.slices(), broken], take="good").json()
    assert sum(len(one["files"]) for one in good["taken"] + good["refused"]) == good["n_files"] == 6
    assert Case.objects.count() == 1


def test_burnt_in_names_need_a_person(cast, project):
    one = made.file_of(
        made.phantom()[0], position=(0, 0, 0), orientation=(1, 0, 0, 0, 1, 0), spacing=(1, 1), BurnedInAnnotation="YES"
    )
    answer = post(cast.client("mira"), project, [one])
    assert [fault["code"] for fault in answer.json()["errors"]] == ["burnt-in"]
    assert post(cast.client("mira"), project, [one], is_clean="true", case="case-7", subject="S7").status_code == 201
    assert Case.objects.get().key == "case-7"


def test_a_folder_is_taken_by_command_and_the_sum_closes(cast, project, tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    for place, content in enumerate(made.slices(made.SAGITTAL)):
        (folder / f"{place}.dcm").write_bytes(content)
    (folder / "notes.txt").write_text("nothing")
    out = io.StringIO()
    with pytest.raises(Refused, match="unknown-format"):
        call_command("images", project.slug, str(folder), "--as", cast.mira.username, stdout=out)
    call_command("images", project.slug, str(folder), "--as", cast.mira.username, "--take", "good", stdout=out)
    text = out.getvalue()
    assert "5 × 7 × 9 voxels, 3 × 0.5 × 0.8 mm" in text
    assert text.rstrip().endswith("10 files = 9 taken + 1 refused")
    out = io.StringIO()
    call_command(
        "images", project.slug, str(folder / "0.dcm"), "--as", cast.mira.username, "--dry-run", "--json", stdout=out
    )
    assert json.loads(out.getvalue())["dry_run"] is True


def test_only_the_lead_hands_images_in(cast, project):
    assert post(cast.client("ada"), project, made.slices()).status_code == 404
