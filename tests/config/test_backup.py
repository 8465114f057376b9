"""A backup that is taken while the service works comes back whole, in an empty database."""

import json
import threading
import zipfile
from importlib import import_module
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from annotations import audit, locking, triggers
from annotations.models import Annotation, AuditEvent, Case, Project
from config import backup
from reports import release
from reports.models import GoldRelease
from tests.conftest import APPEND_ONLY
from tests.factories import code, person, read, study, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def store(settings, tmp_path):
    """Give the test a file store of its own, and return how to change to an empty one."""

    def change(name):
        place = {"BACKEND": "config.storage.WholeFiles", "OPTIONS": {"location": tmp_path / name}}
        settings.STORAGES = {**settings.STORAGES, "default": place}

    change("before")
    (tmp_path / "before").mkdir()
    return change


@pytest.fixture
def project(store):
    mira, ada, ben = person("mira"), person("ada"), person("ben")
    mira.user_permissions.add(Permission.objects.get(codename="add_project"))
    made = study(mira, {"aquila": ada, "lyra": ben}, n_cases=4)
    for number in (1, 2):
        for user, value in ((ada, "yes"), (ben, "yes" if number == 1 else "no")):
            read(made, user, f"case-{number}", effusion=code(value))
    work()
    release.freeze_release(actor=mira, project=made, note="First.")
    work()
    return made


def empty_everything():
    tables = [table for module in APPEND_ONLY for table in import_module(module).TABLES]
    with connection.cursor() as cursor:
        for statement in triggers.drop_statements(tables):
            cursor.execute(statement)
    call_command("flush", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        for statement in triggers.create_statements(tables):
            cursor.execute(statement)


def rows_of(model):
    return list(model.objects.order_by("pk").values())


def test_what_comes_back_is_what_was_kept(project, store, tmp_path, capsys):
    kept = {model: rows_of(model) for model in (Annotation, AuditEvent, GoldRelease, Project)}
    files = sorted(backup.stored_names())
    call_command("backup", str(tmp_path / "all.zip"))
    assert (tmp_path / "all.zip").stat().st_mode & 0o777 == 0o600
    empty_everything()
    store("after")
    (tmp_path / "after").mkdir()
    capsys.readouterr()
    call_command("restore", str(tmp_path / "all.zip"), "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["audit_chains_broken"] == said["releases_differing"] == []
    assert said["releases"] == 1
    assert {model: rows_of(model) for model in kept} == kept
    assert sorted(backup.stored_names()) == files
    assert User.objects.get(username="mira").has_perm("annotations.add_project")
    # The installation goes on: new rows have new numbers, and the chain continues.
    mine = Project.objects.get()
    read(mine, mine.readers.get(code="aquila").user, "case-3", effusion=code("no"))
    work()
    assert audit.first_break(mine) is None


def test_it_holds_one_moment_though_people_go_on(project, tmp_path, monkeypatch):
    """A case that is registered after the first table was read is in no table of the archive."""
    written = backup._write_table

    def register():
        Case.objects.create(project=project, key="late", registered_at=locking.now())
        connection.close()

    def write_and_register(archive, model):
        entry = written(archive, model)
        if model._meta.label == "annotations.Annotation":
            other = threading.Thread(target=register)
            other.start()
            other.join(30)
            assert not other.is_alive(), "the backup stops those who write"
        return entry

    monkeypatch.setattr(backup, "_write_table", write_and_register)
    backup.write_backup(tmp_path / "all.zip")
    assert Case.objects.filter(key="late").exists()
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert b'"late"' not in archive.read("tables/annotations.case.jsonl")
        assert archive.read("tables/annotations.case.jsonl").count(b"\n") == 4


def test_a_full_database_is_left_alone(project, tmp_path):
    backup.write_backup(tmp_path / "all.zip")
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", str(tmp_path / "all.zip"))


def test_a_damaged_backup_writes_nothing(project, store, tmp_path):
    manifest = backup.write_backup(tmp_path / "all.zip")
    victim = next(iter(manifest["files"]))
    with zipfile.ZipFile(tmp_path / "all.zip") as whole, zipfile.ZipFile(tmp_path / "cut.zip", "w") as cut:
        for entry in whole.infolist():
            content = whole.read(entry)
            cut.writestr(entry.filename, content[:-1] if entry.filename == f"files/{victim}" else content)
    empty_everything()
    with pytest.raises(CommandError, match="damaged"):
        call_command("restore", str(tmp_path / "cut.zip"))
    assert not Project.objects.exists()


def test_a_file_that_was_changed_in_the_store_is_told(project, tmp_path, capsys):
    row = GoldRelease.objects.get().files.get(name=release.archive_name(GoldRelease.objects.get()))
    with Path(default_storage.path(row.path)).open("r+b") as stream:
        stream.seek(2000)
        stream.write(b"\0" * 400)
    backup.write_backup(tmp_path / "all.zip")
    empty_everything()
    with pytest.raises(CommandError, match="not what was kept") as refusal:
        call_command("restore", str(tmp_path / "all.zip"))
    assert refusal.value.returncode == 3
