import json
import sys
from io import StringIO

import pytest
from django.core.management import call_command

from annotations import intake
from annotations.management.base import Refused
from annotations.models import Exposure
from qc.models import Adjudication, Evaluation
from tests.factories import EFFUSION, PASSWORD, code, read, study, work
from tests.personas import ADA, BEN, CODES


@pytest.fixture
def project(cast):
    project = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=[EFFUSION])
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    for case in ("case-1", "case-2"):
        read(project, cast.ada, case, effusion=code("yes"))
        read(project, cast.ben, case, effusion=code("no"))
    return project


def run(name, *arguments):
    out = StringIO()
    call_command(name, *map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


def test_evaluate_does_the_workers_part(project):
    shown = run("evaluate", "study", "--as=mira")
    assert (shown["n_steps"], shown["in_dispute"], shown["n_cells"]) == (2, 2, 2)
    assert Evaluation.objects.filter(case__isnull=True).count() == 1
    assert run("evaluate", "study", "--as=mira")["n_steps"] == 0
    assert run("evaluate", "study", "--as=mira", "--all")["n_steps"] == 2
    with pytest.raises(Refused, match="forbidden"):
        run("evaluate", "study", "--as=ada")


def decided(line, **given):
    view = json.loads(line)
    plain = {"decision": "own", "value": code("yes"), "rationale": "Seen.", "cause": "oversight", "confidence": "high"}
    return {"public_id": view["public_id"], "shown_digest": view["shown_digest"], **plain, **given}


def test_disputes_leave_blinded_and_come_back_signed(cast, project, tmp_path, monkeypatch):
    work()
    away, back = tmp_path / "away.jsonl", tmp_path / "back.jsonl"
    assert run("adjudicate", "study", "--as=chen", f"--export={away}")["n_exported"] == 2
    text = away.read_text()
    assert not [name for name in (*CODES.values(), "case-1", "subject-1", "St Elsewhere") if name in text]
    assert Exposure.objects.filter(viewer=cast.chen).count() == 4
    first, second = text.splitlines()
    lines = [decided(first), decided(second, shown_digest="0" * 64), {"public_id": "x"}]
    back.write_text("".join(json.dumps(line) + "\n" for line in lines))
    monkeypatch.setattr(sys, "stdin", StringIO(PASSWORD + "\n"))
    with pytest.raises(Refused) as refusal:
        run("adjudicate", "study", "--as=chen", f"--import={back}", "--password-stdin")
    faults = json.loads(str(refusal.value))["errors"]
    assert [(fault["line"], fault["code"]) for fault in faults] == [(2, "stale-view"), (3, "invalid-input")]
    assert Adjudication.objects.count() == 1
    assert not project.disputes.filter(held_by__isnull=False).exists()
    back.write_text(json.dumps(decided(second)) + "\n")
    monkeypatch.setattr(sys, "stdin", StringIO(PASSWORD + "\n"))
    assert run("adjudicate", "study", "--as=chen", f"--import={back}", "--password-stdin") == {"n_signed": 1}


def test_whoever_may_not_settle_exports_nothing(project, tmp_path):
    work()
    with pytest.raises(Refused, match="forbidden"):
        run("adjudicate", "study", "--as=mira", f"--export={tmp_path / 'x'}")
    assert not (tmp_path / "x").exists()
