"""Many adjudicators at one queue: each dispute is decided once, by somebody who may, and none is lost."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.utils import OperationalError

from annotations import intake, locking, submission
from annotations.models import Exposure
from annotations.selectors import worklist
from qc import adjudication
from qc.errors import DisputeTaken, LeaseLost
from qc.models import Adjudication, Dispute
from qc.selectors import ledger
from tests.factories import PASSWORD, code, person, study, work
from tests.personas import ADA, BEN, CODES

pytestmark = pytest.mark.django_db(transaction=True)

# Every so many-th claim of a physician is dropped without a word, as by a browser that crashed.
CRASHES = 10


def disputed(n_cases, n_physicians):
    """A project in which two readers part on every case, and physicians of whom the last has seen the first case."""
    lead, ada, ben = person("lead"), person("ada-2"), person("ben-2")
    readers = {CODES[ADA]: ada, CODES[BEN]: ben}
    project = study(lead, readers, n_cases=n_cases)
    physicians = [person(f"physician-{number}", full_name=f"Doctor {number}") for number in range(n_physicians)]
    for user in physicians:
        intake.set_role(actor=lead, project=project, user=user, role="adjudicator")
    for (name, user), value in zip(readers.items(), ("yes", "no"), strict=True):
        given = [
            submission.NewAnswer(case=f"case-{number}", reader=name, question="effusion", value=code(value))
            for number in range(1, n_cases + 1)
        ]
        submission.submit_answers(actor=user, project=project, answers=given)
        for seat in worklist(user, project):
            submission.finish_reading(actor=user, assignment=seat)
    work()
    seen = project.cases.get(key="case-1").annotations.first()
    Exposure.objects.create(
        viewer=physicians[-1], case=seen.case, annotation=seen, stage="reading", shown_at=locking.now()
    )
    return project, physicians


def sign(user, held):
    new = adjudication.NewDecision(
        decision="own",
        value=code("yes"),
        rationale="Seen on two slices.",
        root_cause="oversight",
        confidence="high",
        password=PASSWORD,
        shown_digest=adjudication.shown_digest(held),
        fence=held.fence,
    )
    return adjudication.resolve_dispute(actor=user, dispute=held, new=new)


def run_all(physicians, settle):
    """Let everybody settle at once, each on an own connection; returns what went wrong."""
    start, faults = threading.Barrier(len(physicians)), []

    def one(user):
        try:
            start.wait()
            settle(user)
        except Exception as error:
            faults.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[user]) for user in physicians]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def patiently(act):
    """Try again what waited too long for a lock on a busy machine: it was rolled back and answered 503."""
    for _ in range(5):
        try:
            return act()
        except OperationalError as error:
            if "lock timeout" not in str(error):
                raise
    return act()


def everybody_settles(n_disputes, n_physicians):
    project, physicians = disputed(n_disputes, n_physicians)
    assert project.disputes.filter(closed_at__isnull=True).count() == n_disputes
    signed, dropped = [], []

    def settle(user):
        n_claims = 0
        while (held := patiently(lambda: adjudication.claim_next(actor=user, project=project))) is not None:
            n_claims += 1
            if n_claims % CRASHES == 0:
                dropped.append((user, held))
                return
            patiently(lambda held=held: sign(user, held))
            signed.append(held.pk)

    assert not run_all(physicians, settle)
    left = set(project.disputes.filter(closed_at__isnull=True).values_list("pk", flat=True))
    # Whoever crashed holds what nobody else could get; every other dispute is decided.
    assert left == {held.pk for _, held in dropped} - set(signed) | left_to_nobody(project, physicians)
    # The leases run out, and somebody takes over; the one who comes back too late is told so.
    past = locking.now() - timedelta(minutes=1)
    Dispute.objects.filter(pk__in=left).update(held_until=past)
    assert not run_all(physicians[:2], lambda user: finish(user, project, signed))
    for user, held in dropped:
        with pytest.raises((LeaseLost, DisputeTaken, adjudication.DisputeClosed)):
            sign(user, held)
    assert len(signed) == len(set(signed)) == n_disputes
    assert Adjudication.objects.count() == n_disputes
    assert not Adjudication.objects.filter(adjudicator=physicians[-1], dispute__case__key="case-1").exists()
    work()
    assert ledger(project).counts["adjudicated"] == n_disputes
    assert ledger(project).is_closed


def finish(user, project, signed):
    while (held := adjudication.claim_next(actor=user, project=project)) is not None:
        sign(user, held)
        signed.append(held.pk)


def left_to_nobody(project, physicians):
    """Return what was never claimed because everybody who was free had gone."""
    return set(project.disputes.filter(closed_at__isnull=True, fence=0).values_list("pk", flat=True))


@pytest.mark.slow
@pytest.mark.postgres
def test_fifty_at_once_settle_five_hundred_disputes_each_once():
    everybody_settles(500, 50)


def test_four_at_once_settle_each_once():
    everybody_settles(24, 4)
