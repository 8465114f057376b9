import threading
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction

from annotations import due, locking
from annotations.errors import Conflict
from annotations.models import Case, Project

WORKER = "celery@one"


def project(name="study", **fields):
    return Project.objects.create(slug=name, name=name, created_at=locking.now(), **fields)


def due_project(name="study"):
    row = project(name)
    due.mark(row)
    return row


def claimed(row, worker=WORKER):
    pairs = dict(due.claim_due(Project, 100, worker))
    return due.begin(Project, row.pk, pairs[row.pk])


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        shift = timedelta()

        def move(self, **span):
            self.shift += timedelta(**span)

    moved, real = Clock(), locking.now
    monkeypatch.setattr(locking, "now", lambda: real() + moved.shift)
    return moved


@pytest.mark.django_db
class TestMark:
    def test_a_row_asks_for_nothing_until_it_is_marked(self):
        row = project()
        assert row.work_state == "done"
        assert due.claim_due(Project, 10, WORKER) == []

    def test_marks_a_row_and_a_queryset(self):
        first, second = project("first"), project("second")
        assert due.mark(first) == 1
        assert due.mark(Project.objects.filter(pk=second.pk)) == 1
        assert {pk for pk, _ in due.claim_due(Project, 10, WORKER)} == {first.pk, second.pk}

    def test_a_flood_of_one_project_keeps_no_other_waiting(self):
        flooded, small = project("flooded"), project("small")
        for owner, n_rows in ((flooded, 30), (small, 3)):
            moment = locking.now()
            Case.objects.bulk_create(Case(project=owner, key=f"case-{n}", registered_at=moment) for n in range(n_rows))
            due.mark(Case.objects.filter(project=owner))
        pks = [pk for pk, _ in due.claim_due(Case, 10, WORKER)]
        assert len(pks) == len(set(pks)) == 10
        assert Case.objects.filter(pk__in=pks, project=small).count() == 3
        in_order = list(flooded.cases.order_by("due_at", "pk").values_list("pk", flat=True))
        assert sorted(set(pks) & set(in_order)) == in_order[:7]

    def test_work_of_the_future_waits(self, clock):
        row = project()
        due.mark(row, at=locking.now() + timedelta(hours=1))
        assert due.claim_due(Project, 10, WORKER) == []
        clock.move(hours=2)
        assert len(due.claim_due(Project, 10, WORKER)) == 1


@pytest.mark.django_db
class TestClaim:
    def test_what_is_claimed_is_not_claimed_again_while_the_lease_lasts(self, clock):
        due_project()
        assert len(due.claim_due(Project, 10, WORKER, lease_seconds=60)) == 1
        clock.move(seconds=59)
        assert due.claim_due(Project, 10, "celery@two", lease_seconds=60) == []
        clock.move(seconds=2)
        assert len(due.claim_due(Project, 10, "celery@two", lease_seconds=60)) == 1

    def test_the_oldest_come_first_and_no_more_than_asked(self, clock):
        rows = []
        for name in ("c", "a", "b"):
            rows.append(due_project(name))
            clock.move(seconds=1)
        pairs = due.claim_due(Project, 2, WORKER)
        assert sorted(pk for pk, _ in pairs) == sorted(row.pk for row in rows[:2])

    def test_the_token_names_the_worker(self):
        row = due_project()
        [(pk, token)] = due.claim_due(Project, 1, WORKER)
        row.refresh_from_db()
        assert (pk, token) == (row.pk, row.claim)
        assert token.startswith(f"{WORKER}:")
        assert row.work_state == "running"

    def test_counts_what_a_worker_holds(self, clock):
        due_project("a"), due_project("b")
        due.claim_due(Project, 1, WORKER, lease_seconds=60)
        due.claim_due(Project, 1, "celery@two", lease_seconds=60)
        assert due.count_held(Project, WORKER) == 1
        clock.move(seconds=61)
        assert due.count_held(Project, WORKER) == 0

    def test_releases_the_claims_of_one_worker_only(self):
        due_project("a"), due_project("b")
        [(mine, _)] = due.claim_due(Project, 1, WORKER)
        [(theirs, _)] = due.claim_due(Project, 1, "celery@two")
        assert due.release_claims(WORKER, [Project]) == 1
        assert [pk for pk, _ in due.claim_due(Project, 10, "celery@three")] == [mine]
        assert theirs != mine

    def test_a_token_given_back_frees_what_has_not_begun(self):
        begun, waiting = due_project("a"), due_project("b")
        pairs = dict(due.claim_due(Project, 10, WORKER))
        claim = due.begin(Project, begun.pk, pairs[begun.pk])
        assert due.release_token(Project, pairs[waiting.pk]) == 1
        due.renew(claim)


@pytest.mark.django_db
class TestBegin:
    def test_two_deliveries_of_one_message_cannot_both_start(self):
        row = due_project()
        [(pk, token)] = due.claim_due(Project, 1, WORKER)
        assert due.begin(Project, pk, token) is not None
        assert due.begin(Project, pk, token) is None
        row.refresh_from_db()
        assert row.attempts == 1

    def test_a_message_that_never_ran_costs_no_attempt(self, clock):
        row = due_project()
        due.claim_due(Project, 1, WORKER, lease_seconds=1)
        clock.move(seconds=2)
        due.claim_due(Project, 1, WORKER, lease_seconds=1)
        row.refresh_from_db()
        assert row.attempts == 0

    def test_a_killed_worker_costs_a_lease_and_counts(self, clock):
        row = due_project()
        for _ in range(due.ATTEMPT_LIMIT):
            assert claimed(row) is not None
            clock.move(seconds=due.LEASE_SECONDS + 1)
        row.refresh_from_db()
        assert row.is_stuck
        assert row.work_state == "stuck"
        assert due.claim_due(Project, 10, WORKER) == []


@pytest.mark.django_db
class TestFinish:
    def test_closes_the_row(self):
        row = due_project()
        due.finish(claimed(row))
        row.refresh_from_db()
        assert (row.due_at, row.claim, row.claimed_until, row.attempts) == (None, "", None, 0)
        assert row.work_state == "done"

    def test_a_fact_that_came_in_meanwhile_keeps_the_row_due(self):
        row = due_project()
        claim = claimed(row)
        due.mark(row)
        due.finish(claim)
        row.refresh_from_db()
        assert row.work_state == "waiting"
        assert len(due.claim_due(Project, 1, WORKER)) == 1

    def test_a_slow_worker_never_overwrites_the_new_owner(self, clock):
        row = due_project()
        slow = claimed(row)
        clock.move(seconds=due.LEASE_SECONDS + 1)
        quick = claimed(row, "celery@two")
        with pytest.raises(due.Fenced):
            due.finish(slow)
        with pytest.raises(due.Fenced):
            due.renew(slow)
        with pytest.raises(due.Fenced):
            due.put_back(slow)
        due.fail(slow, ValueError())
        due.finish(quick)
        row.refresh_from_db()
        assert row.last_error == ""

    def test_fenced_rolls_the_verb_back(self, clock):
        row = due_project()
        slow = claimed(row)
        clock.move(seconds=due.LEASE_SECONDS + 1)
        claimed(row, "celery@two")
        with pytest.raises(due.Fenced), transaction.atomic():
            project("written")
            due.finish(slow)
        assert not Project.objects.filter(slug="written").exists()

    def test_work_that_recurs_sets_its_next_time(self, clock):
        row = due_project()
        tomorrow = locking.now() + timedelta(days=1)
        due.finish(claimed(row), again_at=tomorrow)
        row.refresh_from_db()
        assert row.due_at == tomorrow
        assert due.claim_due(Project, 1, WORKER) == []

    def test_put_back_leaves_the_row_due_without_a_failure(self):
        row = due_project()
        due.put_back(claimed(row))
        row.refresh_from_db()
        assert (row.work_state, row.attempts, row.last_error) == ("waiting", 0, "")

    def test_renew_gives_another_lease(self, clock):
        row = due_project()
        claim = claimed(row)
        clock.move(seconds=due.LEASE_SECONDS - 1)
        due.renew(claim)
        clock.move(seconds=due.LEASE_SECONDS - 1)
        assert due.claim_due(Project, 1, "celery@two") == []
        due.finish(claim)


@pytest.mark.django_db
class TestFail:
    def test_says_what_failed_by_class_and_code_and_never_by_content(self):
        row = due_project()
        due.fail(claimed(row), Conflict("Patient Jane Doe is already there."))
        row.refresh_from_db()
        assert row.last_error == "Conflict: conflict"

    def test_waits_longer_each_time_and_at_most_fifteen_minutes(self, clock):
        row = due_project()
        waits = []
        for _ in range(4):
            due.fail(claimed(row), ValueError())
            row.refresh_from_db()
            waits.append((row.due_at - locking.now()).total_seconds())
            clock.move(minutes=15)
        for wait, planned in zip(waits, (10, 20, 40, 80), strict=True):
            assert 0.74 * planned <= wait <= planned
        Project.objects.filter(pk=row.pk).update(attempts=0, due_at=locking.now())
        claim = claimed(row)
        Project.objects.filter(pk=row.pk).update(attempts=30)
        due.fail(claim, ValueError())
        row.refresh_from_db()
        assert (row.due_at - locking.now()).total_seconds() <= 900

    def test_a_stuck_row_stays_stuck_until_a_person_retries(self, clock):
        row = due_project()
        for _ in range(due.ATTEMPT_LIMIT):
            due.fail(claimed(row), ValueError())
            clock.move(minutes=15)
        due.mark(row)
        assert due.claim_due(Project, 1, WORKER) == []
        due.retry(row)
        row.refresh_from_db()
        assert (row.work_state, row.attempts, row.last_error) == ("waiting", 0, "")
        assert len(due.claim_due(Project, 1, WORKER)) == 1


@pytest.mark.django_db(transaction=True)
class TestRun:
    def pairs(self, *names):
        for name in names:
            due_project(name)
        return [list(pair) for pair in due.claim_due(Project, 100, WORKER)]

    def test_closes_each_row_of_a_message(self):
        pairs = self.pairs("a", "b", "c")
        assert due.run(Project, pairs, lambda pk, claim: due.finish(claim)) == 3
        assert not Project.objects.exclude(due_at=None).exists()

    def test_one_failure_does_not_stop_the_others(self):
        pairs = self.pairs("a", "b", "c")
        bad = pairs[1][0]

        def handler(pk, claim):
            if pk == bad:
                raise Conflict("no")
            due.finish(claim)

        assert due.run(Project, pairs, handler) == 2
        [row] = Project.objects.exclude(due_at=None)
        assert (row.pk, row.last_error, row.attempts) == (bad, "Conflict: conflict", 1)

    def test_what_another_has_taken_is_left_alone(self):
        pairs = self.pairs("a", "b")
        Project.objects.filter(pk=pairs[0][0]).update(claim="celery@two:other")
        handled = []
        due.run(Project, pairs, lambda pk, claim: (handled.append(pk), due.finish(claim)))
        assert handled == [pairs[1][0]]

    def test_the_soft_time_limit_is_noted_and_passed_on(self):
        pairs = self.pairs("a")

        def handler(pk, claim):
            raise SoftTimeLimitExceeded

        with pytest.raises(SoftTimeLimitExceeded):
            due.run(Project, pairs, handler)
        row = Project.objects.get()
        assert (row.last_error, row.claim) == ("SoftTimeLimitExceeded", "")

    def test_all_rows_of_a_message_go_back_when_the_worker_that_received_it_restarts(self, monkeypatch):
        pairs = self.pairs("a", "b")
        monkeypatch.setattr(due, "_working_name", lambda: "celery@two")
        given_back = []

        def handler(pk, claim):
            if not given_back:
                given_back.append(due.release_claims("celery@two", [Project]))
            due.finish(claim)

        assert due.run(Project, pairs, handler) == 0
        assert given_back == [2]

    def test_long_work_keeps_its_lease_and_that_of_the_rows_behind_it(self):
        pairs = self.pairs("a", "b")
        seen = []

        def handler(pk, claim):
            first = Project.objects.get(pk=pk).claimed_until
            for _ in range(200):
                if Project.objects.get(pk=pk).claimed_until > first:
                    break
                threading.Event().wait(0.02)
            seen.append(Project.objects.get(pk=pk).claimed_until > first)
            due.finish(claim)

        assert due.run(Project, pairs, handler, lease_seconds=0.3) == 2
        assert seen == [True, True]


@pytest.mark.django_db(transaction=True)
def test_pumps_that_claim_at_once_never_share_a_row():
    for number in range(60):
        due_project(f"p{number}")
    claims, errors, gate = [], [], threading.Barrier(6)

    def pump(number):
        try:
            gate.wait()
            while got := due.claim_due(Project, 3, f"celery@{number}"):
                claims.extend(pk for pk, _ in got)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=pump, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(claims) == len(set(claims)) == 60
