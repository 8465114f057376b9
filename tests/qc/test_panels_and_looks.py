"""Physicians who look before they are shown anything, and panels whose members vote before they see the others."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from annotations import intake, locking
from annotations.errors import InvalidInput
from annotations.models import AuditEvent, Exposure
from qc import adjudication, evaluation, referral
from qc.adjudication import NewDecision
from qc.errors import InvalidProtocol, LookFirst, NoPanel, NotIndependent
from qc.models import Adjudication, Dispute, FirstLook, PanelVote
from qc.presentation import dispute_view, shown_digest
from qc.selectors import ledger, queue_for
from tests.factories import EFFUSION, MAJORITY, PASSWORD, code, document, person, read, study, work
from tests.personas import ADA, BEN, CODES

READERS = (CODES[ADA], CODES[BEN])


def disputed(cast, **extra):
    project = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, n_cases=2)
    changed = {**document([EFFUSION]), **extra}
    evaluation.adopt_protocol(actor=cast.mira, project=project, document=changed)
    for user, says in ((cast.ada, "yes"), (cast.ben, "no")):
        for case in ("case-1", "case-2"):
            read(project, user, case, effusion=code(says))
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    work()
    return project


def physicians(cast, project, number):
    found = [person(f"doctor{n}", full_name=f"Doctor {n}") for n in range(number)]
    for user in found:
        intake.set_role(actor=cast.mira, project=project, user=user, role="adjudicator")
    return found


def held(user, dispute):
    return adjudication.claim_dispute(actor=user, dispute=Dispute.objects.get(pk=dispute.pk))


def said(dispute, answer, **changes):
    given = {
        "decision": "own",
        "value": code(answer),
        "rationale": f"Looks like {answer}.",
        "root_cause": "interpretation",
        "confidence": "high",
        "password": PASSWORD,
        "fence": dispute.fence,
        "shown_digest": shown_digest(dispute),
    }
    return NewDecision(**{**given, **changes})


def vote(user, dispute, answer, **changes):
    row = held(user, dispute)
    return referral.sign(actor=user, dispute=row, new=said(row, answer, **changes))


@pytest.fixture
def looking(cast):
    return disputed(cast, look_first=True)


def test_before_the_first_look_nothing_of_the_readers_leaves_the_server(cast, looking):
    dispute = looking.disputes.first()
    client = cast.client("chen")
    page = client.get(reverse("dispute", args=[looking.slug, dispute.public_id]))
    text = page.content.decode()
    assert "Look first" in text
    assert dispute.explanation not in text
    assert "Present 1" not in text
    api = client.get(reverse("api-dispute", args=[looking.slug, dispute.public_id])).json()
    assert api["must_look"] is True
    assert (api["reads"], api["sentence"], api["cause"], api["consensus_label"]) == ([], "", "", None)
    assert (api["case_data"]["reads"], api["case_data"]["letters"]) == ([], [])
    queue = client.get(reverse("queue", args=[looking.slug])).content.decode()
    assert "which answer fits" not in queue
    # Nothing was shown, so nobody is exposed.
    assert not Exposure.objects.filter(viewer=cast.chen).exists()


def test_a_decision_needs_the_first_look_and_the_first_look_is_never_changed(cast, looking):
    dispute = held(cast.chen, looking.disputes.first())
    with pytest.raises(LookFirst):
        adjudication.resolve_dispute(actor=cast.chen, dispute=dispute, new=said(dispute, "yes"))
    with pytest.raises(InvalidInput) as refusal:
        adjudication.look(actor=cast.chen, dispute=dispute, new=said(dispute, "yes", decision="reader", letter="A"))
    assert refusal.value.errors[0]["code"] == "not-a-first-look"
    adjudication.look(actor=cast.chen, dispute=dispute, new=said(dispute, "yes"))
    adjudication.look(actor=cast.chen, dispute=dispute, new=said(dispute, "no"))
    assert FirstLook.objects.get().label == code("yes")
    view = dispute_view(dispute, cast.chen)
    assert not view.must_look
    assert view.first_look == "Present"
    assert len(view.reads) == 2
    signed = adjudication.resolve_dispute(actor=cast.chen, dispute=dispute, new=said(dispute, "no"))
    assert signed.label == code("no")


def test_a_look_needs_the_hold(cast, looking):
    dispute = looking.disputes.first()
    answer = cast.client("chen").post(
        reverse("api-first-look", args=[looking.slug, dispute.public_id]),
        {"decision": "own", "value": code("yes"), "fence": 0},
        format="json",
    )
    assert answer.status_code == 409
    assert answer.json()["code"] == "lease-lost"


PANEL = {"panel": {"seats": 3, "rounds": 2}}


@pytest.fixture
def panel(cast):
    return disputed(cast, **PANEL)


def referred(cast, project):
    dispute = held(cast.chen, project.disputes.order_by("pk").first())
    return referral.refer(actor=cast.chen, dispute=dispute, reason="A rare finding.", fence=dispute.fence)


def test_whoever_refers_a_dispute_has_no_vote_and_it_leaves_their_queue(cast, panel):
    dispute = referred(cast, panel)
    assert dispute.seats == 3
    assert dispute not in queue_for(cast.chen, panel)
    with pytest.raises(NotIndependent):
        held(cast.chen, dispute)
    assert ledger(panel).counts["in_dispute"] == 2


def test_a_dispute_is_not_referred_where_the_protocol_has_no_panel(cast, looking):
    dispute = held(cast.chen, looking.disputes.first())
    with pytest.raises(NoPanel):
        referral.refer(actor=cast.chen, dispute=dispute, reason="A rare finding.", fence=dispute.fence)


def test_more_than_half_of_a_panel_decides(cast, panel):
    dispute, doctors = referred(cast, panel), physicians(cast, panel, 3)
    assert isinstance(vote(doctors[0], dispute, "yes"), PanelVote)
    vote(doctors[1], dispute, "no")
    assert not Adjudication.objects.exists()
    vote(doctors[2], dispute, "yes")
    signed = Adjudication.objects.get()
    assert (signed.decision, signed.label) == ("panel", code("yes"))
    assert signed.rationale.startswith("2 of 3 members of the panel")
    work()
    counts = ledger(panel).counts
    assert (counts["panel"], counts["in_dispute"], ledger(panel).is_closed) == (1, 1, True)


def test_a_member_votes_once_and_sees_no_vote_of_the_running_turn(cast, panel):
    dispute, doctors = referred(cast, panel), physicians(cast, panel, 3)
    vote(doctors[0], dispute, "yes")
    with pytest.raises(NotIndependent):
        held(doctors[0], dispute)
    row = held(doctors[1], dispute)
    view = dispute_view(row, doctors[1])
    assert view.panel == {"seats": 3, "turn": 1, "said": []}
    assert "Looks like" not in json.dumps(view.case_data)


def test_without_a_majority_the_members_vote_again_knowing_the_reasons(cast, panel):
    dispute, doctors = referred(cast, panel), physicians(cast, panel, 4)
    vote(doctors[0], dispute, "yes")
    vote(doctors[1], dispute, "no")
    vote(doctors[2], dispute, "yes", decision="exclude", value=None, rationale="Motion everywhere.")
    dispute.refresh_from_db()
    assert dispute.turn == 2
    # Only the members of the first vote take part in the second.
    with pytest.raises(NotIndependent):
        held(doctors[3], dispute)
    view = dispute_view(held(doctors[0], dispute), doctors[0])
    assert {one["rationale"] for one in view.panel["said"]} == {
        "Looks like yes.",
        "Looks like no.",
        "Motion everywhere.",
    }
    assert "Doctor" not in json.dumps(view.panel)
    vote(doctors[0], dispute, "no")
    vote(doctors[1], dispute, "no")
    vote(doctors[2], dispute, "no")
    assert Adjudication.objects.get().label == code("no")
    assert PanelVote.objects.count() == 6


def test_a_panel_without_consensus_ends_and_the_cell_is_accounted_for(cast, panel):
    dispute, doctors = referred(cast, panel), physicians(cast, panel, 3)
    for _ in range(2):
        vote(doctors[0], dispute, "yes")
        vote(doctors[1], dispute, "no")
        vote(doctors[2], dispute, "no", decision="exclude", value=None)
        dispute.refresh_from_db()
    signed = Adjudication.objects.get()
    assert (signed.decision, signed.label) == ("no_consensus", None)
    assert "no majority in 2 turns" in signed.rationale
    work()
    book = ledger(panel)
    assert book.counts["excluded"] == 1
    assert book.is_closed


def test_the_page_refers_and_says_how_the_panel_stands(cast, panel):
    dispute = panel.disputes.order_by("pk").first()
    client = cast.client("chen")
    page = client.get(reverse("dispute", args=[panel.slug, dispute.public_id])).content.decode()
    assert "Refer to a panel" in page
    fence = Dispute.objects.get(pk=dispute.pk).fence
    body = json.dumps({"reason": "A rare finding.", "fence": fence})
    answer = client.post(
        reverse("dispute-refer", args=[panel.slug, dispute.public_id]), body, content_type="application/json"
    )
    assert answer.status_code == 200
    (doctor,) = physicians(cast, panel, 1)
    client.force_login(doctor)
    page = client.get(reverse("dispute", args=[panel.slug, dispute.public_id])).content.decode()
    assert "one of a panel of 3" in page
    assert "Refer to a panel" not in page


@pytest.mark.parametrize("panel_", [{"seats": 4}, {"seats": 1}, {"seats": 3, "rounds": 0}, {"seats": 3, "chair": "x"}])
def test_a_panel_that_could_tie_is_refused(cast, panel_):
    project = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben})
    changed = {**document([EFFUSION]), "panel": panel_}
    with pytest.raises(InvalidProtocol) as refusal:
        evaluation.adopt_protocol(actor=cast.mira, project=project, document=changed)
    assert refusal.value.errors[0]["pointer"].startswith("#/panel")


def test_by_design_every_case_is_decided_by_physicians(cast):
    policy = {"effusion": {**MAJORITY, "rules": {"by_design": {}, "no_majority": {}}}}
    project = disputed(cast, questions=policy)
    assert set(project.disputes.values_list("cause", flat=True)) <= {"by-design", "class"}


@pytest.mark.parametrize(("days", "given"), [(None, 21), (3, 3)])
def test_a_panel_that_does_not_vote_in_time_holds_no_dispute_for_good(cast, monkeypatch, days, given):
    terms = {"seats": 3, "rounds": 2, **({"days": days} if days else {})}
    project = disputed(cast, panel=terms)
    dispute, doctors = referred(cast, project), physicians(cast, project, 2)
    vote(doctors[0], dispute, "yes")
    real = locking.now
    monkeypatch.setattr(locking, "now", lambda: real() + timedelta(days=given) - timedelta(hours=1))
    assert dispute not in queue_for(doctors[0], project)
    assert dispute in queue_for(doctors[1], project)
    monkeypatch.setattr(locking, "now", lambda: real() + timedelta(days=given, hours=1))
    assert dispute in queue_for(doctors[0], project)
    assert dispute not in queue_for(cast.chen, project), "whoever referred it"
    row = held(doctors[1], dispute)
    assert (row.seats, row.votes.count()) == (1, 1)
    view = dispute_view(row, doctors[1])
    assert (view.panel, view.can_refer) == ({}, False)
    with pytest.raises(NoPanel):
        referral.refer(actor=doctors[1], dispute=row, reason="Once more.", fence=row.fence)
    signed = referral.sign(actor=doctors[1], dispute=row, new=said(row, "no"))
    assert (type(signed), signed.decision) == (Adjudication, "own")
    assert AuditEvent.objects.get(action="panel.ended").body["votes"] == 1
    work()
    book = ledger(project)
    assert (book.counts["adjudicated"], book.counts["in_dispute"], book.is_closed) == (1, 1, True)
