"""Stored files are whole or not there, whatever the disk does."""

import errno

import pytest
from django.core.files.base import ContentFile

from annotations.storing import store_bytes
from config.storage import WholeFiles


class Interrupted(ContentFile):
    """A content whose reading breaks off, as a write does on a full disk."""

    def chunks(self, chunk_size=None):
        yield b"half of it"
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_is_full_leaves_no_half_of_a_file(tmp_path):
    storage = WholeFiles(location=tmp_path)
    with pytest.raises(OSError, match="No space"):
        storage.save("releases/ab/abcd", Interrupted(b""))
    assert not storage.exists("releases/ab/abcd")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert storage.save("releases/ab/abcd", ContentFile(b"all of it")) == "releases/ab/abcd"
    assert (tmp_path / "releases/ab/abcd").read_bytes() == b"all of it"
    assert (tmp_path / "releases/ab/abcd").stat().st_mode & 0o777 == 0o600


def test_half_a_file_that_lies_there_already_is_put_right(tmp_path, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "config.storage.WholeFiles", "OPTIONS": {"location": tmp_path}},
    }
    digest, path = store_bytes(b"all of it", "imports")
    (tmp_path / path).write_bytes(b"half")
    assert store_bytes(b"all of it", "imports") == (digest, path)
    assert (tmp_path / path).read_bytes() == b"all of it"
