"""The record of who did and saw what, from the command line."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from annotations import audit, triggers
from annotations.models import AuditEvent, Exposure
from tests.factories import code, read, study
from tests.personas import ADA, BEN, CODES


@pytest.fixture
def project(cast):
    made = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben})
    read(made, cast.ada, "case-1", effusion=code("yes"))
    return made


def lines_of(capsys, *arguments):
    call_command("audit", *arguments)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def tampered(project):
    with connection.cursor() as cursor:
        for statement in triggers.drop_statements(["annotations_auditevent"]):
            cursor.execute(statement)
        cursor.execute("UPDATE annotations_auditevent SET action = 'nothing.happened' WHERE number = 3")


def test_a_whole_chain_is_said_to_be_whole(project, capsys):
    call_command("audit", "verify")
    assert f"study: {project.audit_events.count()} events, the chain is whole" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_a_changed_event_is_named(project, capsys):
    tampered(project)
    try:
        with pytest.raises(CommandError) as refusal:
            call_command("audit", "verify", "study")
        assert refusal.value.returncode == 3
        assert "BROKEN at event 3" in capsys.readouterr().out
    finally:
        with connection.cursor() as cursor:
            for statement in triggers.create_statements(["annotations_auditevent"]):
                cursor.execute(statement)


def test_the_chain_can_be_recomputed_from_the_export_alone(project, capsys):
    events = lines_of(capsys, "export", "study")
    assert len(events) == AuditEvent.objects.count()
    previous = "0" * 64
    for event in events:
        body = {name: event[name] for name in ("number", "at", "actor", "action", "body")}
        assert event["previous"] == previous
        assert event["hash"] == audit.chain_hash(previous, body)
        previous = event["hash"]


def test_who_saw_what(project, cast, capsys):
    answer = project.cases.get(key="case-1").annotations.get()
    Exposure.objects.create(
        viewer=cast.chen, case=answer.case, annotation=answer, stage="adjudication", shown_at=answer.created_at
    )
    (line,) = lines_of(capsys, "seen", "study")
    assert line == {
        "at": answer.created_at.isoformat(),
        "viewer": "chen",
        "case": "case-1",
        "question": "effusion",
        "answer_of": CODES[ADA],
        "stage": "adjudication",
    }


@pytest.mark.django_db
def test_a_project_that_is_not_there(capsys):
    with pytest.raises(CommandError, match="not-found"):
        call_command("audit", "export", "nowhere")
