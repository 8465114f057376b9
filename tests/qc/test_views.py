import re

import pytest
from django.urls import reverse

from annotations import intake
from annotations.models import Exposure
from qc import adjudication
from qc.models import Adjudication, Dispute, Draft
from qc.presentation import shown_digest
from tests.access.world import build
from tests.factories import PASSWORD
from tests.personas import CODES, NAMES

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    return build()


@pytest.fixture
def chen(client, world):
    client.force_login(world.cast.chen)
    return client


def address(world, name, dispute=None):
    return reverse(name, args=[world.project.slug, (dispute or world.dispute).public_id])


def page(client, world):
    return client.get(reverse("queue", args=[world.project.slug]))


def decision(world, **more):
    return {
        "decision": "nothing",
        "rationale": "Neither is a lesion.",
        "cause": "interpretation",
        "confidence": "low",
        "password": PASSWORD,
        "shown_digest": shown_digest(world.dispute),
        "fence": world.dispute.fence,
        **more,
    }


def send(client, url, body, method="post"):
    return getattr(client, method)(url, body, content_type="application/json")


def test_the_queue_puts_what_one_holds_first_and_tells_nothing_of_readers(chen, world):
    text = page(chen, world).content.decode()
    names = re.findall(r'class="row mono" href="[^"]+">(\w+)<', text)
    assert names == [str(world.dispute.public_id)[:8], str(world.waiting.public_id)[:8]]
    assert "held by you" in text
    for secret in (*CODES.values(), *(name for key, name in NAMES.items() if key != "chen"), "St Elsewhere", "0.0"):
        assert secret not in text
    assert "UNDEFINED<" not in text


def test_a_filter_leaves_only_what_it_names(chen, world):
    answer = chen.get(reverse("queue", args=[world.project.slug]), {"question": "effusion"})
    text = answer.content.decode()
    assert str(world.waiting.public_id) in text
    assert str(world.dispute.public_id) not in text
    fragment = chen.get(
        reverse("queue", args=[world.project.slug]), {"cause": "none-such"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "<html" not in fragment
    assert "No dispute fits" in fragment


def test_a_lead_sees_counts_and_no_row(client, world):
    client.force_login(world.cast.mira)
    text = page(client, world).content.decode()
    assert "Open disputes" in text
    assert str(world.waiting.public_id) not in text
    assert "UNDEFINED<" not in text


def test_opening_a_dispute_claims_it_and_notes_what_was_shown(chen, world):
    answer = chen.get(address(world, "dispute", world.waiting))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "UNDEFINED<" not in text
    world.waiting.refresh_from_db()
    assert world.waiting.held_by == world.cast.chen
    assert Exposure.objects.filter(viewer=world.cast.chen, stage="adjudication").count() == 2
    for secret in (*CODES.values(), NAMES["ada"], NAMES["ben"], "St Elsewhere"):
        assert secret not in text


def test_the_next_one_is_the_one_that_is_held(chen, world):
    answer = chen.post(reverse("next-dispute", args=[world.project.slug]))
    assert answer.url == address(world, "dispute")


def test_a_dispute_of_a_case_that_one_read_is_refused_in_words(client, world):
    intake.set_role(actor=world.cast.mira, project=world.project, user=world.cast.ada, role="adjudicator")
    client.force_login(world.cast.ada)
    answer = client.get(address(world, "dispute", world.waiting))
    assert answer.status_code == 403
    assert "not open to you" in answer.content.decode()
    assert "2 not open to you" in page(client, world).content.decode()


def test_signing_settles_and_names_the_next_page(chen, world):
    answer = send(chen, address(world, "dispute-decision"), decision(world))
    assert answer.status_code == 200, answer.content
    assert answer.json() == {"next": address(world, "dispute", world.waiting)}
    assert Adjudication.objects.get().dispute == world.dispute


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"password": "wrong"}, 403, "wrong-password"),
        ({"fence": 0}, 409, "lease-lost"),
        ({"fence": True}, 409, "lease-lost"),
        ({"fence": "1"}, 409, "lease-lost"),
        ({"shown_digest": "0" * 64}, 409, "stale-view"),
        ({"rationale": ""}, 422, "invalid-input"),
        ({"rationale": ["a list"]}, 422, "invalid-input"),
        ({"cause": "mood"}, 422, "invalid-input"),
        ({"confidence": ""}, 422, "invalid-input"),
        ({"decision": "reader", "letter": "Q"}, 422, "invalid-input"),
        ({"decision": "own", "value": "a text"}, 422, "invalid-input"),
        ({"decision": "flip a coin"}, 422, "invalid-input"),
    ],
)
def test_a_decision_that_does_not_hold_is_refused_as_a_problem(chen, world, more, status, code):
    answer = send(chen, address(world, "dispute-decision"), decision(world, **more))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Adjudication.objects.exists()


@pytest.mark.parametrize("body", ["{", "[]", '"text"'])
def test_a_body_that_is_no_object_is_refused(chen, world, body):
    answer = send(chen, address(world, "dispute-draft"), body, "put")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")


def test_a_draft_is_kept_without_password_and_comes_back_with_the_page(chen, world):
    body = {"rationale": "Not sure yet.", "fence": 1, "password": PASSWORD}
    assert send(chen, address(world, "dispute-draft"), body, "put").json() == {"revision": 1}
    assert Draft.objects.get().body == {"rationale": "Not sure yet."}
    assert "Not sure yet." in chen.get(address(world, "dispute")).content.decode()
    assert "draft of" not in page(chen, world).content.decode()


def test_renewing_says_how_long_is_left(chen, world):
    left = send(chen, address(world, "dispute-renew"), {}).json()["seconds_left"]
    assert 1700 < left <= 1800


def test_giving_back_frees_the_dispute_and_passes_over_it(chen, world):
    answer = send(chen, address(world, "dispute-give-back"), {"reason": "I know the patient."})
    assert answer.json()["next"] == address(world, "dispute", world.waiting)
    world.dispute.refresh_from_db()
    assert world.dispute.held_by is None


def test_a_session_that_ended_does_not_look_like_a_saved_draft(client, world):
    answer = send(client, address(world, "dispute-draft"), {"rationale": "Lost?"}, "put")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_what_somebody_else_holds_is_refused_with_a_way_on(client, world):
    intake.set_role(actor=world.cast.mira, project=world.project, user=world.cast.vera, role="adjudicator")
    client.force_login(world.cast.vera)
    answer = client.get(address(world, "dispute"))
    assert answer.status_code == 409
    assert "Open the next one" in answer.content.decode()


def test_a_settled_queue_says_so(chen, world):
    Dispute.objects.filter(project=world.project).update(closed_at=world.dispute.opened_at)
    text = page(chen, world).content.decode()
    assert "Nothing waits for you" in text
    assert "Every dispute is settled" in text
    assert chen.post(reverse("next-dispute", args=[world.project.slug])).url == reverse("queue", args=["study"])
    assert adjudication.claim_next(actor=world.cast.chen, project=world.project) is None
