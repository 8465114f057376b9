"""The typed client: what the schema says, and a study from nothing to reads through it over HTTP."""

import importlib.util
import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from annotations import uploads
from annotations.models import Annotation, ImportBatch
from annotations.tokens import make_token
from tests.factories import EFFUSION, work

API = Path(__file__).resolve().parents[2] / "docs" / "api"


def the_client():
    spec = importlib.util.spec_from_file_location("consilium_client", API / "consilium.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["consilium_client"] = module
    spec.loader.exec_module(module)
    return module


consilium = the_client()


def test_the_client_is_what_the_schema_says():
    command = [sys.executable, str(API / "make_client.py"), "--check"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


def png(grey):
    stream = io.BytesIO()
    Image.new("L", (8, 8), grey).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_study_is_set_up_read_and_looked_at(cast, live_server, monkeypatch):
    monkeypatch.setattr(uploads, "PART_BYTES", 100)
    root = consilium.Client(live_server.url, make_token(actor=cast.root, name="set-up")[1])
    root.open_project({"slug": "scans", "name": "Scans"}, once="one")
    # A retry with the same key has no second effect.
    root.open_project({"slug": "scans", "name": "Scans"}, once="one")
    root.set_member("scans", "mira", {"role": "qa_lead"})
    root.set_member("scans", "ada", {"role": "annotator"})
    lead = consilium.Client(live_server.url, make_token(actor=cast.mira, name="lead")[1])
    question = {name: getattr(EFFUSION, name) for name in ("code", "title", "kind", "scale", "definition")}
    lead.publish_schema("scans", {"questions": [question]})
    lead.register_reader("scans", {"code": "reader-1", "kind": "human", "username": "ada"})
    large = lead.upload("scans", "large.png", io.BytesIO(png(9)))
    form = {"files": [("one.png", png(1)), ("two.png", png(2))], "uploads": [large], "take": "all"}
    taken = lead.register_images("scans", form)
    assert (taken["n_files"], len(taken["taken"]), taken["refused"]) == (3, 3, [])
    keys = [case["key"] for case in lead.follow(lead.list_cases("scans", limit=1))]
    assert sorted(keys) == sorted(one["case"] for one in taken["taken"])
    rows = "case,reader,question,value\n" + "".join(f"{key},reader-1,effusion,yes\n" for key in keys)
    handed = lead.import_file("scans", {"file": ("reads.csv", rows.encode()), "format": "csv_table"})
    work(ImportBatch)
    found = lead.get_import("scans", handed["id"])
    assert (found["n_committed"], found["work"]["progress"]) == (3, 1.0)
    assert Annotation.objects.filter(case__project__slug="scans").count() == 3
    with pytest.raises(consilium.Refused) as refused:
        lead.import_file("scans", {"file": ("reads.csv", b"x"), "format": "abacus"})
    assert (refused.value.status, refused.value.code) == (422, "invalid-input")
    with pytest.raises(consilium.Refused) as refused:
        consilium.Client(live_server.url, "wrong").list_projects()
    assert refused.value.status == 401
