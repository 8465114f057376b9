"""With a second factor a decision is signed by password and digits, over the page and in one field."""

import json

import pytest
from django.urls import reverse

from accounts import entering
from qc.models import Adjudication
from qc.presentation import shown_digest
from tests.access.world import build
from tests.accounts.devices import digits, equip
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
HINT = "a space, and the six digits"


def sign(client, world, password):
    body = {
        "decision": "nothing",
        "rationale": "Neither is a lesion.",
        "cause": "interpretation",
        "confidence": "low",
        "password": password,
        "shown_digest": shown_digest(world.dispute),
        "fence": world.dispute.fence,
    }
    address = reverse("dispute-decision", args=["study", world.dispute.public_id])
    return client.post(address, json.dumps(body), content_type="application/json")


def test_a_decision_takes_both_and_the_page_says_so(client, settings):
    world = build()
    client.force_login(world.cast.chen)
    page = reverse("dispute", args=["study", world.dispute.public_id])
    assert HINT not in client.get(page).content.decode()
    equip(world.cast.chen)
    settings.SECOND_FACTOR = "signers"
    session = client.session
    session[entering.SHOWN] = True
    session.save()
    assert HINT in client.get(page).content.decode()
    for wrong in (PASSWORD, f"{PASSWORD} 000000", digits(world.cast.chen)):
        refused = sign(client, world, wrong)
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong-password")
    assert not Adjudication.objects.exists()
    assert sign(client, world, f"{PASSWORD} {digits(world.cast.chen)}").status_code in {200, 201}
    assert Adjudication.objects.get().adjudicator == world.cast.chen
