"""Adjudicators are measured too: counts, intervals, and silence about few."""

import pytest
from django.urls import reverse

from annotations import intake
from qc import adjudication, evaluation, judges
from qc.models import Dispute
from tests.factories import EFFUSION, code, document, read, study, work
from tests.personas import ADA, BEN, CODES
from tests.qc.test_panels_and_looks import held, said


@pytest.fixture
def project(cast):

    project = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, n_cases=24)
    changed = {**document([EFFUSION]), "look_first": True}
    evaluation.adopt_protocol(actor=cast.mira, project=project, document=changed)
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    for number in range(1, 25):
        read(project, cast.ada, f"case-{number}", effusion=code("yes"))
        read(project, cast.ben, f"case-{number}", effusion=code("no"))
    work()
    return project


def decide(cast, dispute, first, final):
    row = held(cast.chen, dispute)
    adjudication.look(actor=cast.chen, dispute=row, new=said(row, first))
    letter = "A" if final == "A" else ""
    given = {"decision": "reader", "letter": letter, "value": None} if letter else {}
    return adjudication.resolve_dispute(actor=cast.chen, dispute=row, new=said(row, final, **given))


def test_shares_have_bounds_from_twenty_decisions_on(cast, project):
    disputes = list(Dispute.objects.order_by("pk"))
    for place, dispute in enumerate(disputes[:19]):
        decide(cast, dispute, "yes", "no" if place < 5 else "yes")
    (judge,) = judges.judges_of(project)
    assert (judge.n, judge.changed.k, judge.changed.n, judge.changed.value) == (19, 5, 19, None)
    for dispute in disputes[19:24]:
        decide(cast, dispute, "yes", "A")
    (judge,) = judges.judges_of(project)
    assert judge.changed.n == 24
    assert judge.changed.value == judge.changed.k / 24
    assert judge.changed.low < judge.changed.value < judge.changed.high
    assert (judge.first_letter.k, judge.first_letter.n) == (5, 5)
    assert judge.n_timed == 24
    # One yes and one no have no majority that could be overturned.
    assert judge.overturned.n == 0
    page = cast.client("mira").get(reverse("queue", args=[project.slug])).content.decode()
    assert "How it is decided" in page
    assert "Chen Weiming" in page


def test_an_adjudicator_is_not_shown_how_others_decide(cast, project):
    page = cast.client("chen").get(reverse("queue", args=[project.slug])).content.decode()
    assert "How it is decided" not in page
