from time import time

import pytest
from django.urls import reverse

from accounts import entering
from accounts.models import AccountEvent
from config import sessions
from tests.factories import PASSWORD, study

pytestmark = pytest.mark.django_db
IDLE = 1800


@pytest.fixture
def later(monkeypatch):
    """Return a function that puts the session's clock forward."""
    start, passed = time(), 0
    monkeypatch.setattr(sessions, "clock", lambda: start + passed)

    def forward(seconds):
        nonlocal passed
        passed += seconds

    return forward


def is_in(client):
    return client.get(reverse("account")).status_code == 200


def test_a_session_ends_when_nobody_works(client, cast, later):
    client.post(reverse("sign-in"), {"username": "ada", "password": PASSWORD})
    for _ in range(3):
        assert is_in(client)
        later(IDLE - 1)
    later(IDLE)
    assert not is_in(client)


def test_a_page_that_asks_by_itself_keeps_nobody_in(client, cast, later):
    study(cast.mira, {})
    client.post(reverse("sign-in"), {"username": "mira", "password": PASSWORD})
    assert is_in(client)
    for _ in range(4):
        later(IDLE / 3)
        client.get(reverse("progress", args=["study"]))
    assert not is_in(client)


def test_twelve_hours_are_the_most(client, cast, later):
    client.post(reverse("sign-in"), {"username": "ada", "password": PASSWORD})
    for _ in range(24):
        assert is_in(client)
        later(IDLE)
    later(60)
    assert entering.BEGUN in client.session
    assert not is_in(client)


@pytest.mark.parametrize("new", ["short", "password123456", "ada-ada-okafor", "four readers"])
def test_a_weak_password_is_refused_where_people_change_it(client, cast, new):
    cast.ada.username = "ada-ada-okafo"
    cast.ada.save()
    client.force_login(cast.ada)
    sent = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    answer = client.post(reverse("password"), sent)
    assert (answer.status_code == 302) is (new == "four readers")
    cast.ada.refresh_from_db()
    assert cast.ada.check_password(new) is (new == "four readers")


def test_a_changed_password_is_written_down_without_the_password(client, cast):
    client.force_login(cast.ada)
    new = "a long sentence of hers"
    client.post(reverse("password"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    event = AccountEvent.objects.get(user=cast.ada)
    assert (event.action, event.body) == ("password.changed", {})
    assert is_in(client)
