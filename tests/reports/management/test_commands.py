import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from reports.models import GoldRelease
from reports.signing import public_pem, signing_key
from tests.reports.verification.archives import forged, packed, unpacked

pytestmark = pytest.mark.django_db


def run(*arguments):
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_release_is_frozen_and_built(story):
    printed = json.loads(run("release", "lesions", "--as", "lead", "--note", "first", "--wait", "--json"))
    row = GoldRelease.objects.get()
    assert printed["release"] == row.number == 1
    assert printed["digest"] == row.digest
    assert printed["files"] == row.files.count() > 10
    assert row.note == "first"


def test_without_waiting_the_worker_builds(story):
    assert "files: 0" in run("release", "lesions", "--as", "lead")
    assert GoldRelease.objects.get().due_at is not None


def test_a_look_ahead_writes_nothing(story):
    printed = json.loads(run("release", "lesions", "--as", "lead", "--check", "--json"))
    assert printed["ready"] is True
    assert printed["gold"] == 18
    assert printed["blockers"] == []
    assert not GoldRelease.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["lesions", "--as", "physician"], "forbidden"),
        (["lesions", "--as", "nobody"], "not-found"),
        (["other", "--as", "lead"], "not-found"),
        (["lesions", "--as", "lead", "--complete"], "not-releasable"),
    ],
)
def test_a_refusal_ends_with_1_and_its_code(story, arguments, code):
    with pytest.raises(CommandError, match=f"^{code}:") as refusal:
        run("release", *arguments)
    assert refusal.value.returncode == 1


def test_verify_prints_every_check_and_its_exit_code_tells(story, tmp_path):
    path = story.package(story.released(), tmp_path)
    key = tmp_path / "key.pem"
    key.write_bytes(public_pem(signing_key()))
    assert run("verify", path, "--key", key).endswith("Everything was reproduced.\n")
    assert json.loads(run("verify", path, "--json"))["is_equal"] is True
    packed(forged(unpacked(path)), path)
    with pytest.raises(CommandError) as refusal:
        run("verify", path, "--key", key)
    assert refusal.value.returncode == 3
    with pytest.raises(CommandError) as refusal:
        run("verify", tmp_path / "absent.zip")
    assert refusal.value.returncode == 2
