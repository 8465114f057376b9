"""Large files in parts: gone on with after a cut, checked as a whole, and nobody else's business."""

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from hypothesis import given
from hypothesis import strategies as st

from annotations import locking, storing, uploads
from annotations.models import Annotation, Case, ImportBatch, Upload
from annotations.storing import Joined
from tests.annotations.images import dicom_files as made
from tests.factories import EFFUSION, study, work
from tests.personas import ADA, CODES

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(cast):
    return study(cast.mira, {CODES[ADA]: cast.ada}, questions=[EFFUSION], n_cases=1)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setattr(uploads, "PART_BYTES", 1000)


def series():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, content in enumerate(made.slices()):
            archive.writestr(f"{number}.dcm", content)
    return stream.getvalue()


def begin(client, project, content, **more):
    said = {"file_name": "series.zip", "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), **more}
    answer = client.post(f"/api/v1/projects/{project.slug}/uploads", said, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def send(client, upload, offset, part):
    return client.put(f"{upload['url']}?offset={offset}", part, content_type="application/octet-stream")


def send_all(client, upload, content, start=0):
    for offset in range(start, len(content), 1000):
        answer = send(client, upload, offset, content[offset : offset + 1000])
        assert answer.status_code == 200, answer.content
    return answer.json()


def n_stored(upload):
    row = Upload.objects.filter(public_id=upload["id"]).first()
    return 0 if row is None else sum(default_storage.exists(uploads.path_of(row, n)) for n in range(len(row.parts)))


def test_a_series_whose_connection_was_cut_goes_on_where_it_stopped(cast, project):
    client, content = cast.client("mira"), series()
    upload = begin(client, project, content)
    assert (upload["received"], upload["size"]) == (0, len(content))
    for offset in (0, 1000):
        send(client, upload, offset, content[offset : offset + 1000])
    # The connection broke within a part: another session opens the same file and learns how far it is.
    again = begin(cast.client("mira"), project, content)
    assert (again["id"], again["received"]) == (upload["id"], 2000)
    assert send(client, upload, 1000, content[1000:2000]).json()["received"] == 2000
    images = f"/api/v1/projects/{project.slug}/images"
    early = client.post(images, {"uploads": [upload["id"]]}, format="multipart")
    assert (early.status_code, early.json()["data"]["received"]) == (409, 2000)
    assert send_all(client, upload, content, 2000)["received"] == len(content)
    dry = client.post(images, {"uploads": [upload["id"]], "dry_run": True}, format="multipart")
    assert dry.json()["taken"][0]["shape"] == list(made.SHAPE)
    taken = client.post(images, {"uploads": [upload["id"]]}, format="multipart")
    assert taken.status_code == 201, taken.content
    assert Case.objects.filter(project=project, image__path__gt="").count() == 1
    assert not Upload.objects.exists()
    assert n_stored(upload) == 0


def test_a_file_of_reads_comes_in_parts_too(cast, project):
    client = cast.client("mira")
    content = b"case,reader,question,value\n" + f"case-1,{CODES[ADA]},effusion,yes\n".encode()
    upload = begin(client, project, content)
    send_all(client, upload, content)
    path = f"/api/v1/projects/{project.slug}/imports"
    answer = client.post(path, {"upload": upload["id"], "format": "csv_table"}, format="multipart")
    assert answer.status_code == 202, answer.content
    work(ImportBatch)
    assert Annotation.objects.filter(case__project=project).count() == 1
    for wrong in ({"format": "csv_table"}, {"format": "csv_table", "upload": upload["id"], "file": io.BytesIO(b"x")}):
        refused = client.post(path, wrong, format="multipart")
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "required")


@pytest.mark.parametrize(
    ("offset", "part", "status", "code"),
    [
        ("1500", b"x" * 10, 409, "conflict"),
        ("0", b"", 422, "bad-part"),
        ("0", b"x" * 1001, 422, "bad-part"),
        ("1000", b"x" * 900, 422, "too-long"),
        ("-1", b"x", 422, "not-an-offset"),
        ("9" * 40, b"x", 422, "not-an-offset"),
    ],
)
def test_a_part_that_does_not_fit_changes_nothing(cast, project, offset, part, status, code):
    client, content = cast.client("mira"), b"y" * 1800
    upload = begin(client, project, content)
    send(client, upload, 0, content[:1000])
    if offset == "0":
        upload = begin(client, project, b"z" * 1800)
    answer = send(client, upload, offset, part)
    body = answer.json()
    assert answer.status_code == status, body
    assert code in (body["code"], *(error["code"] for error in body.get("errors", ())))
    assert client.get(upload["url"]).json()["received"] == (0 if offset == "0" else 1000)


def test_bytes_that_are_not_those_of_the_digest_are_not_kept(cast, project):
    client, content = cast.client("mira"), b"y" * 1800
    upload = begin(client, project, content)
    send(client, upload, 0, b"x" * 1000)
    answer = send(client, upload, 1000, content[1000:])
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "digest-mismatch")
    assert client.get(upload["url"]).status_code == 404
    assert n_stored(upload) == 0


def test_an_upload_is_its_owners_alone(cast, project):
    upload = begin(cast.client("mira"), project, b"y" * 1800)
    other = study(cast.mira, {}, slug="other", questions=[EFFUSION])
    elsewhere = upload["url"].replace(project.slug, other.slug)
    assert cast.client("mira").get(elsewhere).status_code == 404
    assert cast.client("ada").get(upload["url"]).status_code == 403
    assert send(cast.client("oz"), upload, 0, b"y").status_code == 404


def test_old_uploads_make_room_and_one_person_does_not_fill_the_disk(cast, project, monkeypatch):
    client = cast.client("mira")
    old = begin(client, project, b"y" * 1800)
    send(client, old, 0, b"y" * 1000)
    Upload.objects.update(created_at=locking.now() - uploads.KEPT - timedelta(minutes=1))
    new = begin(client, project, b"z" * 1800)
    assert new["id"] != old["id"]
    assert n_stored(old) == 0
    monkeypatch.setattr(uploads, "MOST_BYTES", 2000)
    said = {"file_name": "x", "size": 900, "sha256": "a" * 64}
    assert client.post(f"/api/v1/projects/{project.slug}/uploads", said, format="json").status_code == 409
    said["size"] = 2**31 + 1
    assert client.post(f"/api/v1/projects/{project.slug}/uploads", said, format="json").status_code == 422


@given(st.lists(st.binary(min_size=1, max_size=9), min_size=1, max_size=6), st.data())
def test_joined_parts_read_like_one_file(parts, data):
    whole = b"".join(parts)
    held = {str(place): part for place, part in enumerate(parts)}
    stream = io.BufferedReader(PartsInMemory(held, list(held), [len(part) for part in parts]), 4)
    assert stream.read() == whole
    for _ in range(6):
        at, size = data.draw(st.integers(0, len(whole) + 3)), data.draw(st.integers(0, 12))
        stream.seek(at)
        assert stream.read(size) == whole[at : at + size]
    stream.seek(-min(3, len(whole)), io.SEEK_END)
    assert stream.read() == whole[-3:]


class PartsInMemory(Joined):
    """Parts that stand in a mapping and not in a store."""

    def __init__(self, held, paths, sizes):
        super().__init__(paths, sizes)
        self.held = held

    def part(self, path):
        return self.held[path]


def test_a_part_is_read_from_the_store():
    _, path = storing.store_bytes(b"abc", "parts")
    assert Joined([path, path], [3, 3]).read(9) == b"abc"
    assert io.BufferedReader(Joined([path, path], [3, 3])).read() == b"abcabc"
