import pytest

from annotations import assignment
from annotations.models import Assignment, AuditEvent
from tests.factories import study
from tests.personas import ADA, BEN, CODES


@pytest.fixture
def project(cast):
    project = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, n_cases=3)
    Assignment.objects.all().delete()
    return project


def seat(cast, project, keys, codes, round=1):
    return assignment.assign_readers(
        actor=cast.mira,
        project=project,
        cases=list(project.cases.filter(key__in=keys)),
        readers=list(project.readers.filter(code__in=codes)),
        round=round,
    )


def test_every_reader_gets_one_seat_at_every_case_and_seats_stay(cast, project):
    assert seat(cast, project, ["case-1", "case-2"], CODES.values()) == 4
    events = AuditEvent.objects.count()
    assert seat(cast, project, ["case-1", "case-2"], CODES.values()) == 0
    assert AuditEvent.objects.count() == events
    assert seat(cast, project, ["case-1"], CODES.values(), round=2) == 2
    assert Assignment.objects.count() == 6


def test_a_new_seat_makes_its_case_due(cast, project):
    project.cases.update(due_at=None)
    seat(cast, project, ["case-2"], [CODES[ADA]])
    assert [case.key for case in project.cases.filter(due_at__isnull=False)] == ["case-2"]


def test_the_least_busy_free_reader_comes_first_and_the_draw_repeats(cast, project):
    case = project.cases.get(key="case-3")
    draws = {
        seed: [r.code for r in assignment.free_readers(project=project, case=case, n_readers=2, seed=seed)]
        for seed in range(12)
    }
    assert {order[0] for order in draws.values()} == set(CODES.values())
    again = assignment.free_readers(project=project, case=case, n_readers=2, seed=5)
    assert [reader.code for reader in again] == draws[5]
    seat(cast, project, ["case-1", "case-2"], [CODES[ADA]])
    for seed in range(4):
        (first,) = assignment.free_readers(project=project, case=case, n_readers=1, seed=seed)
        assert first.code == CODES[BEN]


def test_a_seated_or_deactivated_reader_is_not_free(cast, project):
    case = project.cases.get(key="case-1")
    seat(cast, project, ["case-1"], [CODES[ADA]])
    project.readers.filter(code=CODES[BEN]).update(deactivated_at=project.created_at)
    assert assignment.free_readers(project=project, case=case, n_readers=2, seed=1) == []
