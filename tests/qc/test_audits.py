"""Audits: drawn from what is closed, blind, silent while they wait, and able to open what they contradict."""

import pytest
from django.urls import reverse

from annotations import intake
from annotations.models import Assignment, Case, Purpose
from annotations.selectors import worklist
from qc import adjudication, evaluation
from qc.audits import is_drawn
from qc.errors import InvalidProtocol
from qc.models import Dispute, Evaluation
from qc.selectors import current_results, ledger, newest_run
from tests.factories import EFFUSION, GRADE, PASSWORD, code, document, level, read, study, work
from tests.personas import ADA, BEN, CODES

N_CASES = 12


@pytest.fixture
def project(cast):
    """Two readers of every case, and a third who has no seat at any."""
    project = study(
        cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=[EFFUSION, GRADE], n_cases=N_CASES
    )
    intake.set_role(actor=cast.mira, project=project, user=cast.vera, role="annotator")
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    intake.register_reader(actor=cast.mira, project=project, code="r-3", user=cast.vera)
    return project


def adopt(project, cast, **audit):
    policy = {**document([EFFUSION, GRADE]), "audit": audit}
    return evaluation.adopt_protocol(actor=cast.mira, project=project, document=policy)


def read_all(project, cast, *, n_apart=0):
    for number in range(1, N_CASES + 1):
        for user in (cast.ada, cast.ben):
            answer = "no" if user == cast.ben and number <= n_apart else "yes"
            read(project, user, f"case-{number}", effusion=code(answer), grade=level(2))
    work()


def audits(project):
    return Assignment.objects.filter(case__project=project, purpose=Purpose.AUDIT)


def audit(project, cast, key, **values):
    read(project, cast.vera, key, **{"effusion": code("yes"), "grade": level(2), **values})
    work()


def test_a_share_of_the_closed_cases_is_read_once_more_by_somebody_who_never_saw_them(project, cast):
    adopt(project, cast, share=0.5)
    read_all(project, cast, n_apart=3)
    drawn = {case.key for case in project.cases.all() if is_drawn(case, {"share": 0.5})}
    closed = {f"case-{number}" for number in range(4, N_CASES + 1)}
    assert {seat.case.key for seat in audits(project)} == drawn & closed
    assert {seat.reader.code for seat in audits(project)} == {"r-3"}
    assert 0 < len(drawn) < N_CASES
    # Asked again, nobody is seated twice.
    evaluation.adopt_protocol(actor=cast.mira, project=project, document=adopt(project, cast, share=0.6).document)
    work()
    assert audits(project).count() == audits(project).values("case").distinct().count()


def test_the_share_is_raised_to_the_least_number(project):
    assert all(is_drawn(case, {"share": 0.01, "minimum": N_CASES}) for case in project.cases.all())


def test_without_the_member_nobody_is_asked(project, cast):
    read_all(project, cast)
    assert not audits(project).exists()


def test_while_an_audit_waits_its_case_is_closed(project, cast):
    adopt(project, cast, share=1.0)
    read_all(project, cast)
    assert ledger(project).counts["auto_accepted"] == 2 * N_CASES
    assert audits(project).count() == N_CASES


def test_its_reader_cannot_tell_an_audit_from_other_work(project, cast):
    adopt(project, cast, share=1.0)
    read_all(project, cast)
    client = cast.client("vera")
    page = client.get(reverse("api-worklist", args=[project.slug])).json()["items"]
    assert {name for row in page for name in row} == {"case", "id", "round", "finish_url"}
    assert {row["round"] for row in page} == {1}
    seat = worklist(cast.vera, project).first()
    reading = client.get(reverse("reading", args=[project.slug, seat.case.public_id])).content.decode().lower()
    assert "audit" not in reading


def test_an_audit_that_agrees_changes_no_label_and_no_agreement(project, cast):
    adopt(project, cast, share=1.0)
    read_all(project, cast)
    before = newest_run(project)
    labels = list(current_results(project).order_by("case", "question").values_list("label", "verdict", "inputs"))
    audit(project, cast, "case-5")
    assert (
        list(current_results(project).order_by("case", "question").values_list("label", "verdict", "inputs")) == labels
    )
    assert not Dispute.objects.filter(project=project).exists()
    after = newest_run(project)
    assert after.pk != before.pk
    figures = [list(run.agreement.order_by("question", "statistic", "pair").values_list("estimate", flat=True))
               for run in (before, after)]  # fmt: skip
    assert figures[0] == figures[1]


def test_an_audit_that_differs_opens_its_question_for_a_physician_and_the_decision_stands(project, cast):
    adopt(project, cast, share=1.0)
    read_all(project, cast)
    audit(project, cast, "case-5", effusion=code("no"))
    (dispute,) = Dispute.objects.filter(project=project)
    assert (dispute.case.key, dispute.question.code, dispute.cause) == ("case-5", "effusion", "class")
    assert dispute.result.rule == "audit"
    assert len(dispute.result.inputs) == 3
    assert ledger(project).counts["in_dispute"] == 1
    held = adjudication.claim_dispute(actor=cast.chen, dispute=dispute)
    new = adjudication.NewDecision(
        decision="own",
        value=code("no"),
        rationale="The costophrenic angle is sharp.",
        root_cause="oversight",
        confidence="high",
        password=PASSWORD,
        shown_digest=adjudication.shown_digest(held),
        fence=held.fence,
    )
    adjudication.resolve_dispute(actor=cast.chen, dispute=held, new=new)
    work()
    assert ledger(project).counts["adjudicated"] == 1
    assert ledger(project).is_closed
    assert not Dispute.objects.filter(project=project, closed_at__isnull=True).exists()


def test_an_unfinished_audit_says_nothing(project, cast):
    adopt(project, cast, share=1.0)
    read_all(project, cast)
    n_before = Evaluation.objects.count()
    read(project, cast.vera, "case-5", finish=False, effusion=code("no"))
    work()
    assert Evaluation.objects.count() == n_before
    assert not Case.objects.get(project=project, key="case-5").due_at


@pytest.mark.parametrize(("audit", "pointer"), [
    ({"share": 0}, "#/audit/share"), ({"share": 1.5}, "#/audit/share"), ({}, "#/audit/share"),
    ({"share": 0.1, "minimum": -1}, "#/audit/minimum"), ({"share": 0.1, "every": 2}, "#/audit/every"),
])  # fmt: skip
def test_an_audit_that_cannot_be_drawn_is_refused(project, cast, audit, pointer):
    with pytest.raises(InvalidProtocol) as caught:
        adopt(project, cast, **audit)
    assert caught.value.errors[0]["pointer"] == pointer
