import hashlib
import io
import json
import zipfile

from reports.exporters.base import release_digest
from reports.exporters.manifest import manifest, root_of, zipped

FILES = {"b.txt": b"two", "a.txt": b"one"}


def test_every_file_is_listed_with_its_size_and_digest():
    body = json.loads(manifest({"number": 3}, FILES, "k1"))
    assert body["files"] == [
        {"path": "a.txt", "bytes": 3, "sha256": hashlib.sha256(b"one").hexdigest()},
        {"path": "b.txt", "bytes": 3, "sha256": hashlib.sha256(b"two").hexdigest()},
    ]
    assert (body["number"], body["key"], body["format"]) == (3, "k1", "consilium-release/1")
    assert body["root"] == root_of(body["files"])


def test_the_root_moves_with_any_byte():
    roots = {json.loads(manifest({}, {**FILES, "a.txt": content}, ""))["root"] for content in (b"one", b"onf", b"on")}
    assert len(roots) == 3


def test_the_archive_is_the_same_bytes_in_any_order():
    assert zipped(FILES) == zipped(dict(reversed(FILES.items())))
    with zipfile.ZipFile(io.BytesIO(zipped(FILES))) as archive:
        assert archive.namelist() == ["a.txt", "b.txt"]
        assert archive.read("b.txt") == b"two"


def test_the_address_of_a_release_is_that_of_its_content():
    units = [(("c1", "q", ""), "x"), (("c2", "q", ""), "y")]
    address = release_digest(units, {"n_cases": 2})
    assert address == release_digest(reversed(units), {"n_cases": 2})
    assert address != release_digest(units, {"n_cases": 3})
    assert address != release_digest([(("c1", "q", ""), "y"), units[1]], {"n_cases": 2})
