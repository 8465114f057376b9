import sqlite3

import pytest
from django.core.management.base import CommandError
from django.db import connection

from config import preparation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_one_supervisor_a_folder(folder):
    with preparation.take_lock() as held:
        held.seek(0)
        number = held.read()
        with pytest.raises(CommandError, match=rf"already runs .*process {number}"):
            preparation.take_lock()
    preparation.take_lock().close()


def test_a_database_that_is_current_is_left_alone(folder):
    said = []
    preparation._prepare_database(said.append)
    assert said == []
    assert not list(folder.iterdir())


def test_before_a_migration_a_dated_copy_is_kept_and_a_full_one_is_left_to_the_operator(folder, monkeypatch):
    called = []
    monkeypatch.setattr(preparation, "pending_migrations", lambda: ["annotations.0099_later"])
    monkeypatch.setattr(preparation, "call_command", lambda name, **options: called.append(name))
    if connection.vendor == "postgresql":
        with pytest.raises(CommandError, match=r"manage\.py migrate"):
            preparation._prepare_database(print)
        assert called == []
        return
    said = []
    preparation._prepare_database(said.append)
    [copy] = (folder / "backups").iterdir()
    with sqlite3.connect(copy) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    database.close()
    assert "annotations_project" in tables
    assert called == ["migrate"]
    assert str(copy) in "".join(said)


def test_static_files_are_packed_once_and_again_when_one_changes(settings, tmp_path, monkeypatch):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir(), target.mkdir()
    (source / "site.css").write_text("a {}")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], target
    packed = []
    monkeypatch.setattr(preparation, "call_command", lambda name, **options: packed.append(name))
    preparation._collect_static(packed.append)
    preparation._collect_static(packed.append)
    assert packed == ["Packing the static files …", "collectstatic"]
    (source / "site.css").write_text("a { color: red }")
    preparation._collect_static(packed.append)
    assert len(packed) == 4
