import pytest

from annotations import due, locking
from annotations.models import Project


def test_healthz_needs_nothing(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
class TestReadyz:
    def test_ready(self, client):
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json()["checks"] == {"database": True, "storage": True, "migrations": True}

    def test_an_unwritable_store_is_503_and_says_which(self, client, settings, tmp_path):
        blocked = tmp_path / "file"
        blocked.write_text("not a folder")
        settings.STORAGES = {
            **settings.STORAGES,
            "default": {**settings.STORAGES["default"], "OPTIONS": {"location": str(blocked)}},
        }
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["storage"] is False

    def test_waiting_work_is_told_and_fails_nothing(self, client):
        row = Project.objects.create(slug="study", name="study", created_at=locking.now())
        due.mark(row)
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json()["oldest_due_seconds"] > 0
