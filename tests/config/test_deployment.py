"""The compose file and the image say nothing that Consilium does not understand; no container runs here."""

import re
from pathlib import Path

import pytest
import yaml

from config import env

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_every_part_is_there_and_starts_after_the_migration(compose):
    services = compose["services"]
    assert set(services) == {"migrate", "web", "worker", "postgres", "redis", "objects", "proxy"}
    for name in ("web", "worker"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert services[name]["stop_grace_period"] == "60s"


def test_every_variable_is_one_of_consiliums(compose):
    given = compose["x-consilium"]["environment"]
    env.check_names({name: str(value) for name, value in given.items()})
    image = re.findall(r"CONSILIUM_\w+", (ROOT / "Dockerfile").read_text())
    env.check_names(dict.fromkeys(image, ""))
    assert image


def test_no_secret_is_written_down_and_every_secret_is_declared(compose):
    declared = set(compose["secrets"])
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", [])}
    assert used == declared
    given = compose["x-consilium"]["environment"]
    named = {value.rpartition("/")[2] for value in given.values() if value.startswith("/run/secrets/")}
    assert named <= declared
    for name in ("SECRET_KEY", "SIGNING_KEY", "DATABASE", "METRICS_TOKEN"):
        assert f"CONSILIUM_{name}" not in given


def test_the_storage_address_is_understood(compose, monkeypatch):
    monkeypatch.setenv("CONSILIUM_STORAGE", compose["x-consilium"]["environment"]["CONSILIUM_STORAGE"])
    assert env.envstorage("unused")["OPTIONS"]["endpoint_url"] == "http://objects:9000"


def test_what_the_image_copies_is_let_in():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    names = {name for line in copied for name in line.split()}
    assert names == let_in
    assert all((ROOT / name).exists() for name in names)


def test_the_database_may_come_as_a_file(tmp_path, monkeypatch):
    monkeypatch.delenv("CONSILIUM_DATABASE", raising=False)
    (tmp_path / "database").write_text("postgresql://consilium:word@postgres/consilium\n")
    monkeypatch.setenv("CONSILIUM_DATABASE_FILE", str(tmp_path / "database"))
    assert env.envdatabase("sqlite:///x")["HOST"] == "postgres"
