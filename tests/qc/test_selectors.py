"""The ledger closes after every step, and every cell stands in exactly one place."""

import pytest
from django.db.models import F

from annotations import due, intake, locking
from qc import adjudication, selectors
from qc.adjudication import NewDecision
from qc.models import Dispute
from qc.presentation import shown_digest
from tests.factories import EFFUSION, NODULE, PASSWORD, SUSPICION, code, level, read, square, study, work
from tests.personas import ADA, BEN, CODES

NOTHING = {"kind": "nothing_found"}


@pytest.fixture
def project(cast):
    readers = {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}
    project = study(cast.mira, readers, questions=[EFFUSION, NODULE, SUSPICION], n_cases=3)
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    return project


def counts(project):
    ledger = selectors.ledger(project)
    assert ledger.is_closed, ledger
    assert ledger.n_cells == 9
    return {name: count for name, count in ledger.counts.items() if count}


def settle(cast, dispute, **given):
    held = adjudication.claim_dispute(actor=cast.chen, dispute=dispute)
    new = NewDecision(
        rationale="Seen on two slices.",
        root_cause="oversight",
        confidence="high",
        password=PASSWORD,
        shown_digest=shown_digest(held),
        fence=held.fence,
        **given,
    )
    return adjudication.resolve_dispute(actor=cast.chen, dispute=held, new=new)


def test_the_ledger_closes_after_every_step_of_a_cases_life(cast, project):
    assert counts(project) == {"collecting": 9}
    read(project, cast.ada, "case-1", effusion=code("yes"), nodule__1=square(1, 2, 2, 6), suspicion__1=level(3))
    assert counts(project) == {"collecting": 9}
    read(project, cast.ben, "case-1", effusion=code("yes"), nodule=NOTHING)
    assert counts(project) == {"collecting": 9}
    work()
    assert counts(project) == {"auto_accepted": 1, "in_dispute": 1, "collecting": 7}
    assert selectors.ledger(project).collecting_why == {"reads outstanding": 6, "waits for its finding": 1}

    dispute = Dispute.objects.get()
    settle(cast, dispute, decision="reader", letter=letter_of(dispute, CODES[ADA]))
    assert counts(project)["adjudicated"] == 1
    work()
    # The finding stands, so its detail is asked for: one reader described it, which is too few to agree.
    assert counts(project) == {"auto_accepted": 1, "adjudicated": 1, "in_dispute": 1, "collecting": 6}

    settle(cast, Dispute.objects.get(closed_at__isnull=True), decision="own", value=level(2))
    work()
    assert counts(project) == {"auto_accepted": 1, "adjudicated": 2, "collecting": 6}

    intake.exclude_case(actor=cast.mira, case=project.cases.get(key="case-2"), reason="duplicate")
    work()
    assert counts(project) == {"auto_accepted": 1, "adjudicated": 2, "excluded": 3, "collecting": 3}
    assert selectors.ledger(project).excluded_why == {"duplicate": 3}


def letter_of(dispute, reader):
    return adjudication.letters_of(dispute)[reader]


def test_a_rejected_finding_makes_its_detail_not_applicable(cast, project):
    read(project, cast.ada, "case-1", effusion=code("yes"), nodule__1=square(1, 2, 2, 6), suspicion__1=level(3))
    read(project, cast.ben, "case-1", effusion=code("yes"), nodule=NOTHING)
    work()
    settle(cast, Dispute.objects.get(), decision="nothing")
    work()
    ledger = selectors.ledger(project)
    assert ledger.by_question["suspicion"]["excluded"] == 1
    assert ledger.excluded_why == {"not applicable": 1}
    assert counts(project)["adjudicated"] == 1


def test_new_facts_make_what_was_accepted_stale_until_it_is_evaluated(cast, project):
    for user in (cast.ada, cast.ben):
        read(project, user, "case-1", effusion=code("yes"), nodule=NOTHING)
    work()
    assert counts(project)["auto_accepted"] == 2
    due.mark(project.cases.get(key="case-1"))
    assert counts(project) == {"collecting": 9}
    assert "to be evaluated" in selectors.ledger(project).collecting_why


def test_a_revoked_exclusion_counts_no_more(cast, project):
    case = project.cases.get(key="case-1")
    read(project, cast.ada, "case-1", effusion=code("yes"), nodule=NOTHING)
    read(project, cast.ben, "case-1", effusion=code("no"), nodule=NOTHING)
    work()
    exclusion = intake.exclude_case(actor=cast.mira, case=case, reason="duplicate")
    work()
    assert selectors.open_disputes(project).count() == 0
    exclusion.revoked_at = locking.now()
    exclusion.save()
    assert selectors.open_disputes(project).count() == 1
    assert counts(project)["in_dispute"] == 1
    # Excluded once more after the revocation: the older exclusion must not reopen it.
    intake.exclude_case(actor=cast.mira, case=case, reason="wrong patient")
    assert selectors.open_disputes(project).count() == 0


def test_the_queue_goes_by_priority_then_by_a_draw(cast, project):
    for number in (1, 2, 3):
        read(project, cast.ada, f"case-{number}", effusion=code("yes"), nodule=NOTHING)
        read(project, cast.ben, f"case-{number}", effusion=code("no"), nodule=NOTHING)
    work()
    rows = list(selectors.queue_for(cast.chen, project))
    assert [row.jitter for row in rows] == sorted(row.jitter for row in rows)
    assert len({row.priority for row in rows}) == 1
    Dispute.objects.filter(pk=rows[-1].pk).update(priority=F("priority") + 0.1)
    assert selectors.queue_for(cast.chen, project).first() == rows[-1]


def test_progress_counts_what_waits(cast, project):
    before = selectors.progress(project)
    assert (before["n_cases"], before["n_due"], before["n_stuck"], before["n_imports"]) == (3, 3, 0, 0)
    work()
    assert selectors.progress(project)["n_due"] == 0
    assert not selectors.progress(project)["is_reporting"]
