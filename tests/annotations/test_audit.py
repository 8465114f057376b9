import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from annotations import audit, triggers
from annotations.models import Annotation, AuditEvent, AuditHead
from qc.models import Adjudication, ConsensusResult, Evaluation
from reports.models import GoldRecord
from tests.factories import code, read, study
from tests.personas import ADA, CODES

EVIDENCE = ["annotations_auditevent"]


@pytest.fixture
def project(cast):
    return study(cast.mira, {CODES[ADA]: cast.ada})


def without_triggers(statement, *values):
    """Change a row as somebody would who owns the database."""
    with connection.cursor() as cursor:
        for drop in triggers.drop_statements(EVIDENCE):
            cursor.execute(drop)
        cursor.execute(statement, values)
        for create in triggers.create_statements(EVIDENCE):
            cursor.execute(create)


def test_the_chain_of_a_project_is_whole(project):
    events = list(AuditEvent.objects.order_by("number"))
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert events[0].previous == "0" * 64
    assert audit.first_break(project) is None


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE annotations_auditevent SET action = 'nothing.happened' WHERE number = 3", 3),
        ("UPDATE annotations_auditevent SET actor_id = NULL WHERE number = 2", 2),
        ("DELETE FROM annotations_auditevent WHERE number = 4", 4),
        ("UPDATE annotations_auditevent SET at = '2020-01-01 00:00:00+00:00' WHERE number = 1", 1),
    ],
)
def test_a_change_behind_the_back_is_found_at_its_place(project, statement, broken):
    without_triggers(statement)
    assert audit.first_break(project) == broken


def test_a_chain_cut_at_its_end_is_found(project):
    last = AuditEvent.objects.count()
    without_triggers("DELETE FROM annotations_auditevent WHERE number = %s", last)
    assert audit.first_break(project) == last


def test_a_refused_change_leaves_no_event(project):
    before = AuditHead.objects.get(project=project).number
    with pytest.raises(IntegrityError), transaction.atomic():
        audit.record(project=project, actor=None, action="something", body={})
        raise IntegrityError
    assert AuditHead.objects.get(project=project).number == before


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_itself_refuses_to_change_evidence(cast, project, verb):
    read(project, cast.ada, "case-1", effusion=code("yes"))
    for rows, change in (
        (Annotation.objects.all(), {"label": None}),
        (AuditEvent.objects.all(), {"action": "x"}),
    ):
        assert rows.exists()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**change) if verb == "update" else rows._raw_delete(rows.db)


@pytest.mark.parametrize("model", [Annotation, AuditEvent, Evaluation, ConsensusResult, Adjudication, GoldRecord])
def test_every_table_of_evidence_has_both_triggers(db, model):
    table = model._meta.db_table
    catalogue = "pg_trigger" if triggers.locking.has_row_functions() else "sqlite_master"
    column = "tgname" if catalogue == "pg_trigger" else "name"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {catalogue} WHERE {column} LIKE %s", [f"{table}_no_%"])  # noqa: S608
        assert {row[0] for row in cursor.fetchall()} == {f"{table}_no_update", f"{table}_no_delete"}
