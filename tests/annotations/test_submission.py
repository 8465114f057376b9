import pytest

from annotations import submission
from annotations.errors import InvalidInput, NotFound, ReadingFinished
from annotations.models import Annotation, Assignment, AuditEvent
from annotations.selectors import standing_answers, worklist
from annotations.submission import NewAnswer
from qc.models import Evaluation
from tests.factories import EFFUSION, GRADE, NODULE, SUSPICION, code, level, read, square, study, work
from tests.personas import ADA, BEN, CODES

NOTHING = {"kind": "nothing_found"}


@pytest.fixture
def project(cast):
    return study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=[EFFUSION, GRADE])


@pytest.fixture
def findings(cast):
    readers = {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}
    return study(cast.mira, readers, slug="findings", questions=[NODULE, SUSPICION])


def answer(value, question="effusion", case="case-1", reader=CODES[ADA], mark=""):
    return NewAnswer(case=case, reader=reader, question=question, value=value, mark=mark)


def submit(user, project, *answers):
    return submission.submit_answers(actor=user, project=project, answers=answers)


def test_a_correction_is_a_new_revision_and_the_old_one_stays(cast, project):
    submit(cast.ada, project, answer(code("yes")))
    submit(cast.ada, project, answer(code("no")))
    rows = Annotation.objects.order_by("revision")
    assert [(row.revision, row.label["code"]) for row in rows] == [(1, "yes"), (2, "no")]
    (standing,) = standing_answers(project.cases.get(key="case-1"))
    assert standing.label == code("no")


def test_the_same_answer_again_writes_nothing(cast, project):
    submit(cast.ada, project, answer(code("yes")))
    events = AuditEvent.objects.count()
    assert submit(cast.ada, project, answer(code("yes"))) == []
    assert Annotation.objects.count() == 1
    assert AuditEvent.objects.count() == events


def test_all_or_none_with_a_pointer_to_each_fault(cast, project):
    with pytest.raises(InvalidInput) as refusal:
        submit(
            cast.ada,
            project,
            answer(code("yes")),
            answer(level(9), "grade"),
            answer(code("yes"), case="case-7"),
        )
    assert [error["pointer"] for error in refusal.value.errors] == ["#/1/value/level", "#/2/case"]
    assert not Annotation.objects.exists()


def test_nobody_answers_in_anothers_name_or_without_a_seat(cast, project):
    with pytest.raises(NotFound):
        submit(cast.ben, project, answer(code("yes"), reader=CODES[ADA]))
    Assignment.objects.filter(reader__user=cast.ada, case__key="case-2").delete()
    with pytest.raises(NotFound):
        submit(cast.ada, project, answer(code("yes")), answer(code("yes"), case="case-2"))
    assert not Annotation.objects.exists()


def test_a_finished_reading_is_closed_and_counts(cast, project):
    read(project, cast.ada, "case-1", effusion=code("yes"), grade=level(2))
    with pytest.raises(ReadingFinished):
        submit(cast.ada, project, answer(code("no")))
    seat = Assignment.objects.get(case__key="case-1", reader__user=cast.ada)
    with pytest.raises(ReadingFinished):
        submission.finish_reading(actor=cast.ada, assignment=seat)
    assert project.cases.get(key="case-1").due_at is not None


def test_a_reading_with_an_unanswered_question_cannot_be_finished(cast, project):
    with pytest.raises(InvalidInput) as refusal:
        read(project, cast.ada, "case-1", effusion=code("yes"))
    assert [error["pointer"] for error in refusal.value.errors] == ["#/grade"]


def test_a_finding_wants_a_mark_and_each_mark_wants_its_details(cast, findings):
    with pytest.raises(InvalidInput) as refusal:
        submit(cast.ada, findings, answer(square(1, 2, 2, 5), "nodule"))
    assert refusal.value.errors[0]["code"] == "missing-mark"
    submit(
        cast.ada,
        findings,
        answer(square(1, 2, 2, 5), "nodule", mark="1"),
        answer(square(2, 8, 8, 5), "nodule", mark="2"),
        answer(level(3), "suspicion", mark="1"),
    )
    seat = Assignment.objects.get(case__key="case-1", reader__user=cast.ada)
    with pytest.raises(InvalidInput) as refusal:
        submission.finish_reading(actor=cast.ada, assignment=seat)
    assert [error["pointer"] for error in refusal.value.errors] == ["#/suspicion"]
    submit(cast.ada, findings, answer(level(1), "suspicion", mark="2"))
    assert submission.finish_reading(actor=cast.ada, assignment=seat).finished_at is not None


def test_nothing_found_needs_no_details(cast, findings):
    read(findings, cast.ada, "case-1", nodule=NOTHING)
    assert Assignment.objects.get(case__key="case-1", reader__user=cast.ada).finished_at is not None


def test_a_withdrawal_adds_a_revision_and_the_case_is_evaluated_anew(cast, project):
    (row,) = read(project, cast.ada, "case-1", finish=False, effusion=code("yes"))
    gone = submission.withdraw_annotation(actor=cast.ada, annotation=row, reason="Wrong case.")
    assert (gone.revision, gone.label) == (2, None)
    assert standing_answers(project.cases.get(key="case-1")) == []
    with pytest.raises(NotFound):
        submission.withdraw_annotation(actor=cast.ada, annotation=row, reason="Again.")
    (again,) = read(project, cast.ada, "case-1", finish=False, effusion=code("yes"))
    assert again.revision == 3


def test_a_withdrawn_answer_no_longer_counts_in_an_evaluation(cast, project):
    for user in (cast.ada, cast.ben):
        read(project, user, "case-1", effusion=code("yes"), grade=level(2))
    work()
    row = Annotation.objects.get(reader__user=cast.ada, question__code="grade")
    submission.withdraw_annotation(actor=cast.mira, annotation=row, reason="Wrong scale.")
    work()
    newest = Evaluation.objects.filter(case__key="case-1").latest("pk")
    result = newest.results.get(question__code="grade")
    assert [reader for reader, _, _ in result.inputs] == [CODES[BEN]]
    assert result.verdict == "refer"


def test_the_worklist_holds_what_waits_and_nothing_else(cast, project):
    assert [seat.case.key for seat in worklist(cast.ada, project)] == ["case-1", "case-2"]
    read(project, cast.ada, "case-1", effusion=code("yes"), grade=level(2))
    assert [seat.case.key for seat in worklist(cast.ada, project)] == ["case-2"]
    assert len(worklist(cast.ben, project)) == 2
    assert not worklist(cast.mira, project)
