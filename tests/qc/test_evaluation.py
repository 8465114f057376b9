import pytest

from annotations import due, intake
from annotations.intake import NewQuestion
from annotations.models import Annotation, Assignment, Case
from annotations.submission import withdraw_annotation
from qc import evaluation
from qc.errors import InvalidProtocol
from qc.models import ConsensusResult, Dispute, Evaluation
from qc.selectors import open_disputes
from qc.tasks import advance_one
from tests.factories import (
    DIAMETER,
    EFFUSION,
    GRADE,
    LESION,
    NODULE,
    SUSPICION,
    box_mask,
    code,
    document,
    level,
    millimetres,
    read,
    square,
    study,
    work,
)
from tests.personas import ADA, BEN, CODES

NOTHING = {"kind": "nothing_found"}


def knee(cast, *questions, **given):
    return study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=questions or [EFFUSION], **given)


def both(cast, project, ada, ben, case="case-1"):
    read(project, cast.ada, case, **ada)
    read(project, cast.ben, case, **ben)
    work()


def units(project, case="case-1"):
    newest = Evaluation.objects.filter(case__project=project, case__key=case).latest("pk")
    return {(row.question.code, row.number): row for row in newest.results.all()}


@pytest.mark.parametrize(
    ("question", "first", "second", "label"),
    [
        (EFFUSION, code("yes"), code("yes"), code("yes")),
        (GRADE, level(2), level(2), level(2)),
        (DIAMETER, millimetres(10.0), millimetres(12.0), millimetres(11.0)),
        (LESION, box_mask(0, 2, 2, 8, 2, 8), box_mask(0, 2, 2, 8, 2, 8), box_mask(0, 2, 2, 8, 2, 8)),
    ],
)
def test_what_two_readers_agree_on_is_accepted(cast, question, first, second, label):
    project = knee(cast, question)
    both(cast, project, {question.code: first}, {question.code: second})
    (unit,) = units(project).values()
    assert (unit.verdict, unit.label) == ("accept", label)
    assert [reader for reader, _, _ in unit.inputs] == sorted(CODES.values())
    assert not Dispute.objects.exists()


@pytest.mark.parametrize(
    ("question", "first", "second", "cause", "words"),
    [
        (EFFUSION, code("yes"), code("no"), "class", "1 of 2"),
        (GRADE, level(1), level(3), "grade-distance", "2"),
        (GRADE, level(1), level(4), "grade-distance", "3 apart"),
        (DIAMETER, millimetres(10.0), millimetres(19.0), "grade-distance", "9"),
        (LESION, box_mask(0, 2, 2, 8, 2, 8), box_mask(0, 2, 4, 10, 2, 8), "boundary", "0.67"),
        (LESION, box_mask(0, 2, 2, 8, 2, 8), box_mask(0, 2, 2, 2, 2, 2), "existence", ""),
    ],
)
def test_what_they_differ_on_is_a_dispute_with_a_sentence_from_the_data(cast, question, first, second, cause, words):
    project = knee(cast, question)
    both(cast, project, {question.code: first}, {question.code: second})
    dispute = Dispute.objects.get()
    assert dispute.cause == cause
    assert words in dispute.explanation
    assert not any(name in dispute.explanation for name in CODES.values())
    assert dispute.result.verdict == "refer"
    assert 0.0 < dispute.priority <= 1.0


def test_a_finding_of_one_reader_is_disputed_and_its_details_wait(cast):
    project = knee(cast, NODULE, SUSPICION)
    both(cast, project, {"nodule__1": square(1, 2, 2, 6), "suspicion__1": level(3)}, {"nodule": NOTHING})
    found = units(project)
    assert found["nodule", 1].verdict == "refer"
    assert found["suspicion", 1].verdict == "wait"
    dispute = Dispute.objects.get()
    assert (dispute.cause, dispute.explanation) == ("missed", "1 of 2 readers marked this finding.")
    assert dispute.finding == found["nodule", 1].finding != ""


def test_marks_of_both_readers_are_one_finding_and_its_detail_is_settled(cast):
    project = knee(cast, NODULE, SUSPICION)
    both(
        cast,
        project,
        {"nodule__x": square(1, 2, 2, 6), "suspicion__x": level(3)},
        {"nodule__7": square(1, 2, 2, 6), "suspicion__7": level(3)},
    )
    found = units(project)
    assert found["nodule", 1].label["kind"] == "mask"
    assert (found["suspicion", 1].verdict, found["suspicion", 1].label) == ("accept", level(3))
    facts = found["nodule", 1].evaluation.facts["findings"]
    assert [(fact["n_marks"], fact["n_readers"]) for fact in facts] == [(2, 2)]


def test_a_case_is_not_evaluated_before_both_have_finished(cast):
    project = knee(cast)
    read(project, cast.ada, "case-1", effusion=code("yes"))
    read(project, cast.ben, "case-1", finish=False, effusion=code("no"))
    work()
    assert not ConsensusResult.objects.exists()
    assert not project.cases.filter(due_at__isnull=False).exists()


def test_free_readers_are_seated_where_the_protocol_asks(cast):
    project = knee(cast)
    Assignment.objects.all().delete()
    due.mark(project.cases.all())
    work()
    assert Assignment.objects.count() == 4
    assert {seat.round for seat in Assignment.objects.all()} == {1}


def test_the_same_facts_are_evaluated_once(cast):
    project = knee(cast)
    both(cast, project, {"effusion": code("yes")}, {"effusion": code("no")})
    due.mark(project.cases.all())
    work()
    assert Evaluation.objects.filter(case__key="case-1").count() == 1
    assert Dispute.objects.count() == 1


def test_a_case_that_changes_meanwhile_stays_due_and_nothing_stale_is_written(cast, monkeypatch):
    project = knee(cast)
    read(project, cast.ada, "case-1", effusion=code("yes"))
    read(project, cast.ben, "case-1", effusion=code("no"))
    settle = evaluation.settle_and_check

    def withdraws_meanwhile(reads, rules):
        outcome = settle(reads, rules)
        if len(reads.reads) == 2:
            row = Annotation.objects.get(reader__user=cast.ada)
            withdraw_annotation(actor=cast.mira, annotation=row, reason="Meanwhile.")
        return outcome

    monkeypatch.setattr(evaluation, "settle_and_check", withdraws_meanwhile)
    case = project.cases.get(key="case-1")
    ((pk, token),) = [pair for pair in due.claim_due(Case, 10, "slow") if pair[0] == case.pk]
    due.run(Case, [(pk, token)], advance_one)
    assert not ConsensusResult.objects.exists()
    case.refresh_from_db()
    assert (case.work_state, case.attempts) == ("waiting", 0)
    due.release_claims("slow", [Case])
    work()
    (unit,) = units(project).values()
    assert len(unit.inputs) == 1


def test_a_new_read_that_ends_the_disagreement_closes_the_dispute_as_superseded(cast):
    project = knee(cast)
    both(cast, project, {"effusion": code("yes")}, {"effusion": code("no")})
    first = Dispute.objects.get()
    row = Annotation.objects.get(reader__user=cast.ada)
    withdraw_annotation(actor=cast.mira, annotation=row, reason="Wrong knee.")
    work()
    first.refresh_from_db()
    assert first.closed_at is not None
    assert first.superseded_by == Evaluation.objects.filter(case__key="case-1").latest("pk")
    second = Dispute.objects.exclude(pk=first.pk).get()
    assert (second.round, second.cause) == (2, "technical")


def test_a_new_protocol_version_evaluates_every_case_again_and_keeps_the_old_results(cast):
    project = knee(cast, GRADE)
    both(cast, project, {"grade": level(1)}, {"grade": level(3)})
    assert Dispute.objects.filter(closed_at__isnull=True).count() == 1
    lenient = document([GRADE])
    lenient["questions"]["grade"] = {
        "method": "median",
        "rules": {"low_agreement": {"statistic": "spread", "maximum": 2}, "no_majority": {}},
    }
    version = evaluation.adopt_protocol(actor=cast.mira, project=project, document=lenient)
    assert version.number == 2
    assert evaluation.adopt_protocol(actor=cast.mira, project=project, document=lenient) == version
    work()
    assert Evaluation.objects.filter(case__key="case-1").count() == 2
    assert units(project)["grade", 0].label == level(2)
    assert not Dispute.objects.filter(closed_at__isnull=True).exists()


@pytest.mark.parametrize(
    ("change", "pointer", "code_"),
    [
        ({"protocol": "coin_toss"}, "#/protocol", "unknown-protocol"),
        ({"questions": {}}, "#/questions", "no-questions"),
        ({"seats": 3}, "#/seats", "not-two-seats"),
    ],
)
def test_an_unusable_document_is_refused_with_a_pointer(cast, change, pointer, code_):
    project = knee(cast)
    with pytest.raises(InvalidProtocol) as refusal:
        evaluation.adopt_protocol(actor=cast.mira, project=project, document={**document([EFFUSION]), **change})
    assert [(error["pointer"], error["code"]) for error in refusal.value.errors] == [(pointer, code_)]
    assert project.protocols.count() == 1


def test_every_mismatch_with_schema_and_catalogues_is_named(cast):
    project = knee(cast)
    bad = document([EFFUSION, GRADE])
    bad["questions"]["effusion"] = {"method": "oracle", "rules": {"no_majority": {}, "gut_feeling": {}}}
    with pytest.raises(InvalidProtocol) as refusal:
        evaluation.adopt_protocol(actor=cast.mira, project=project, document=bad)
    assert {error["pointer"] for error in refusal.value.errors} == {
        "#/questions/grade",
        "#/questions/effusion/method",
        "#/questions/effusion/rules/gut_feeling",
    }


def test_an_excluded_case_leaves_the_queue(cast):
    project = knee(cast)
    both(cast, project, {"effusion": code("yes")}, {"effusion": code("no")})
    intake.exclude_case(actor=cast.mira, case=project.cases.get(key="case-1"), reason="duplicate")
    work()
    assert not open_disputes(project).exists()


def test_a_sentence_names_answers_by_their_titles(cast):
    question = NewQuestion(
        "effusion",
        "Border",
        "category",
        "nominal",
        {"codes": [{"code": "pv", "title": "Thin walls"}, {"code": "cp", "title": "Choroid plexus"}]},
    )
    project = knee(cast, question)
    both(cast, project, {"effusion": code("pv")}, {"effusion": code("cp")})
    assert Dispute.objects.get().explanation == "Choroid plexus 1, Thin walls 1 of 2 readers."
