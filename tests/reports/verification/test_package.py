import struct
import warnings
import zipfile

import pytest

from reports.verification import package
from reports.verification.base import PackageProblem
from reports.verification.package import open_package


def archive(path, *entries, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as target, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in entries:
            target.writestr(name, content)
    return path


def test_plain_files_are_read(tmp_path):
    path = archive(tmp_path / "p.zip", ("a.txt", b"one"), ("b.csv", b""))
    assert open_package(path) == {"a.txt": b"one", "b.csv": b""}


def test_a_folder_is_read_in_the_same_way(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"one")
    assert open_package(tmp_path) == {"a.txt": b"one"}


@pytest.mark.parametrize(
    "name",
    ["../up.txt", "/etc/passwd", "folder/a.txt", "a\\b.txt", ".hidden", "C:x", "UPPER.txt", "ü.txt", "a b", "d/"],
)
def test_a_path_is_refused(tmp_path, name):
    with pytest.raises(PackageProblem, match="plain lower-case name"):
        open_package(archive(tmp_path / "p.zip", (name, b"x")))


@pytest.mark.parametrize("name", ["inner.zip", "inner.tar.gz", "inner.7z"])
def test_an_archive_in_the_archive_is_refused(tmp_path, name):
    with pytest.raises(PackageProblem, match="no archive"):
        open_package(archive(tmp_path / "p.zip", (name, b"x")))


def test_two_files_of_one_name_are_refused(tmp_path):
    with pytest.raises(PackageProblem, match="two files"):
        open_package(archive(tmp_path / "p.zip", ("a.txt", b"x"), ("a.txt", b"y")))


def test_a_bomb_is_refused_before_it_is_read(tmp_path):
    with pytest.raises(PackageProblem, match="compressed more"):
        open_package(archive(tmp_path / "p.zip", ("a.txt", bytes(5_000_000))))


def test_too_many_files_are_refused(tmp_path):
    with pytest.raises(PackageProblem, match="holds 101 files"):
        open_package(archive(tmp_path / "p.zip", *((f"a{number}", b"") for number in range(101))))


def test_too_large_files_are_refused(tmp_path, monkeypatch):
    path = archive(tmp_path / "p.zip", ("a.txt", b"12345"), ("b.txt", b"12345"))
    monkeypatch.setattr(package, "MOST_BYTES", 9)
    with pytest.raises(PackageProblem, match="have 10 bytes"):
        open_package(path)
    monkeypatch.setattr(package, "MOST_FILE_BYTES", 4)
    with pytest.raises(PackageProblem, match="has 5 bytes"):
        open_package(path)


def test_a_size_that_is_a_lie_is_refused(tmp_path):
    path = archive(tmp_path / "p.zip", ("a.txt", b"x" * 50), compression=zipfile.ZIP_STORED)
    content = path.read_bytes()
    place = content.index(b"PK\x01\x02")
    path.write_bytes(content[: place + 24] + struct.pack("<I", 60) + content[place + 28 :])
    with pytest.raises(PackageProblem):
        open_package(path)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06"])
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "p.zip"
    path.write_bytes(content)
    with pytest.raises(PackageProblem, match="no readable zip archive"):
        open_package(path)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_archive_is_refused(tmp_path, compression):
    path = archive(tmp_path / "p.zip", ("a.txt", b"some content that is stored"), compression=compression)
    content = path.read_bytes()
    path.write_bytes(content[:36] + bytes(byte ^ 0xFF for byte in content[36:50]) + content[50:])
    with pytest.raises(PackageProblem, match="no readable zip archive"):
        open_package(path)


def test_a_link_in_a_folder_is_refused(tmp_path):
    (tmp_path / "a.txt").symlink_to("/etc/hostname")
    with pytest.raises(PackageProblem, match="plain files only"):
        open_package(tmp_path)
