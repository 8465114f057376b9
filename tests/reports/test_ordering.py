"""Orders of releases: frozen by the worker, refused with the reason, cancelled, taken up again after a death."""

from datetime import timedelta

import pytest
from django.urls import reverse

from annotations import audit, due, intake, locking
from annotations.models import Case
from reports import ordering, release
from reports.errors import NotReleasable, OrderClosed, OrderNotStuck, ReleaseUnderWay
from reports.models import GoldRecord, GoldRelease, ReleaseFile, ReleaseOrder
from reports.release import Extra, Wanted
from reports.tasks import freeze_one
from tests.factories import work


@pytest.fixture
def order(story):
    return ordering.order_release(actor=story.lead, project=story.project, wanted=Wanted(note="First."))


def claimed(order):
    """Begin the work as a worker that is killed before it ends."""
    ((pk, token),) = due.claim_one(order, "dies")
    return due.begin(ReleaseOrder, pk, token)


def expire(order):
    ReleaseOrder.objects.filter(pk=order.pk).update(claimed_until=locking.now() - timedelta(seconds=1))


def test_an_order_becomes_the_release_that_freezing_at_once_would_have_made(story, order):
    assert (order.work_state, GoldRelease.objects.count()) == ("waiting", 0)
    work(ReleaseOrder)
    order.refresh_from_db()
    made = order.release
    assert (made.number, made.note, made.frozen_by, order.work_state) == (1, "First.", story.lead, "done")
    assert order.n_steps == release.STEPS
    content = release.checked_content(story.project, Wanted(), release.Waiting())
    assert release.frozen_content(content).digest == made.digest
    actions = list(story.project.audit_events.order_by("pk").values_list("action", flat=True))[-2:]
    assert actions == ["release.ordered", "release.frozen"]
    assert audit.first_break(story.project) is None


def test_a_second_order_waits_for_the_first(story, order):
    with pytest.raises(ReleaseUnderWay) as refusal:
        ordering.order_release(actor=story.lead, project=story.project, wanted=Wanted())
    assert refusal.value.data == {"order": str(order.public_id)}


def test_what_forbids_a_release_now_is_said_at_once(story):
    due.mark(Case.objects.filter(project=story.project, key="case-1"))
    with pytest.raises(NotReleasable):
        ordering.order_release(actor=story.lead, project=story.project, wanted=Wanted())
    assert not ReleaseOrder.objects.exists()


def test_what_forbids_it_later_closes_the_order_with_every_reason(story, order):
    due.mark(Case.objects.filter(project=story.project, key="case-1"))
    due.run(ReleaseOrder, due.claim_one(order, "test"), freeze_one)
    order.refresh_from_db()
    assert (order.work_state, order.release) == ("done", None)
    assert order.refusal["code"] == "not-releasable"
    assert [error["code"] for error in order.refusal["errors"]] == ["cases-due"]
    assert not GoldRelease.objects.exists()


def test_whoever_lost_the_right_meanwhile_freezes_nothing(story, order):
    intake.set_role(actor=story.lead, project=story.project, user=story.physician, role="qa_lead")
    intake.set_role(actor=story.physician, project=story.project, user=story.lead, role="vendor")
    work(ReleaseOrder)
    order.refresh_from_db()
    assert order.refusal["code"] == "forbidden"
    assert not GoldRelease.objects.exists()


def test_a_cancelled_order_fences_the_worker_that_has_it(story, order):
    claim = claimed(order)
    ordering.cancel_order(actor=story.lead, order=order)
    with pytest.raises(due.Fenced):
        # The worker read the order before it was cancelled, as this test did.
        ordering.fill_order(order=order, claim=claim)
    order.refresh_from_db()
    assert (order.cancelled_by, order.work_state, order.release) == (story.lead, "done", None)
    assert not GoldRelease.objects.exists()
    with pytest.raises(OrderClosed):
        ordering.cancel_order(actor=story.lead, order=order)


def test_a_worker_fenced_in_the_last_step_leaves_no_half_release(story, order):
    claim = claimed(order)

    def close(made):
        ReleaseOrder.objects.filter(pk=order.pk).update(claim="another")
        ordering.close(claim, made)

    with pytest.raises(due.Fenced):
        release.freeze_content(story.lead, story.project, Wanted(), release.Waiting(close=close))
    assert not GoldRelease.objects.exists()
    assert not GoldRecord.objects.exists()


def test_a_killed_worker_is_taken_up_again(story, order):
    claimed(order)
    assert not due.claim_due(ReleaseOrder, 10, "other")
    expire(order)
    due.run(ReleaseOrder, due.claim_due(ReleaseOrder, 10, "other"), freeze_one)
    order.refresh_from_db()
    assert (order.release.number, order.work_state) == (1, "done")


def test_a_stuck_order_is_tried_again_by_hand_only(story, order):
    with pytest.raises(OrderNotStuck):
        ordering.retry_order(actor=story.lead, order=order)
    ReleaseOrder.objects.filter(pk=order.pk).update(attempts=ReleaseOrder.attempt_limit, last_error="OSError")
    order.refresh_from_db()
    assert order.work_state == "stuck"
    ordering.retry_order(actor=story.lead, order=order)
    work(ReleaseOrder)
    order.refresh_from_db()
    assert order.release.number == 1


def test_splits_arrive_as_they_were_asked_for(story):
    splits = {"shares": {"train": 0.5, "test": 0.5}, "by": "", "seed": "7"}
    order = ordering.order_release(actor=story.lead, project=story.project, wanted=Wanted(extra=Extra(splits=splits)))
    assert ordering.wanted_of(ReleaseOrder.objects.get(pk=order.pk).wanted) == Wanted(extra=Extra(splits=splits))


def test_the_api_says_how_far_it_is_and_takes_it_back(story, client):
    client.force_login(story.lead)
    slug = story.project.slug
    answer = client.post(reverse("api-releases", args=[slug]), {"note": "One."}, content_type="application/json")
    assert (answer.status_code, answer["Location"]) == (202, answer.json()["url"])
    claimed(ReleaseOrder.objects.get())
    ReleaseOrder.objects.update(n_steps=1)
    running = client.get(answer["Location"])
    assert running.json()["work"] == {"state": "running", "progress": 0.25, "attempts": 1, "problem": None}
    assert running["Retry-After"] == "1"
    assert client.post(f"{answer['Location']}/cancel").json()["is_cancelled"] is True
    assert client.post(f"{answer['Location']}/cancel").json()["code"] == "order-closed"
    assert client.post(f"{answer['Location']}/retry").json()["code"] == "order-not-stuck"
    again = client.post(reverse("api-releases", args=[slug]), {"note": "One."}, content_type="application/json")
    third = client.post(reverse("api-releases", args=[slug]), {}, content_type="application/json")
    assert third.json()["code"] == "release-under-way"
    work(ReleaseOrder)
    assert client.get(again["Location"]).json()["release"] == 1
    assert client.get(reverse("api-package", args=[slug, 1])).json()["code"] == "package-not-ready"
    assert not ReleaseFile.objects.exists()


def test_the_page_shows_the_order_and_loads_anew_once_it_is_closed(story, client, order):
    client.force_login(story.lead)
    page, line = (reverse(name, args=[story.project.slug]) for name in ("releases", "releases-progress"))
    text = client.get(page).content.decode()
    assert "The release is being frozen" in text
    assert "Freeze release" not in text
    assert "HX-Refresh" not in client.get(line)
    assert client.post(page, {"retry": "1"}, follow=True).content.decode().count("The order is not stuck") == 1
    client.post(page, {"cancel": "1"})
    assert client.get(line)["HX-Refresh"] == "true"
    assert "Freeze release" in client.get(page).content.decode()
