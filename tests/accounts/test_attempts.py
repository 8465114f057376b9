from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import attempts
from accounts.attempts import ADDRESS_TRIES, CODE_TRIES, LONGEST_WAIT, TRIES
from accounts.forms import spoken
from annotations import locking
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client, username, password=PASSWORD, address="127.0.0.1"):
    return client.post(reverse("sign-in"), {"username": username, "password": password}, REMOTE_ADDR=address)


def strangers(username, number):
    for place in range(number):
        sign_in(Client(), username, "wrong", f"10.0.{place // 200}.{place % 200}")


@pytest.fixture
def clock(monkeypatch):
    """A clock that tests put forward; names are bound where they are used."""
    start, passed = locking.now(), timedelta()

    class Clock:
        def forward(self, seconds):
            nonlocal passed
            passed += timedelta(seconds=seconds)

    monkeypatch.setattr(attempts, "now", lambda: start + passed)
    return Clock()


def test_a_wrong_password_says_so_and_ten_close_the_name_from_one_address(client, cast):
    for _ in range(TRIES):
        answer = sign_in(client, "ada", "wrong")
    assert "do not go together" in answer.content.decode()
    closed = sign_in(client, "ada")
    assert closed.status_code == 200
    assert "fifteen minutes" in closed.content.decode()
    assert sign_in(client, "ben").status_code == 302


def test_many_addresses_share_the_tries_of_a_name_and_wait_longer_each_time(cast, clock):
    strangers("ada", TRIES)
    waits = []
    for place in range(12):
        waits.append(attempts.seconds_to_wait(None, "ada"))
        clock.forward(waits[-1])
        sign_in(Client(), "ada", "wrong", f"10.1.0.{place}")
    assert waits[:5] == [1, 2, 4, 8, 16]
    assert max(waits) == LONGEST_WAIT
    refused = sign_in(Client(), "ada", PASSWORD, "10.2.0.1")
    assert "Too many wrong passwords" in refused.content.decode()


def test_no_wait_is_for_ever(cast, clock):
    strangers("ada", 3 * TRIES)
    clock.forward(LONGEST_WAIT)
    assert sign_in(Client(), "ada", PASSWORD, "10.2.0.1").status_code == 302


def test_a_browser_that_signed_in_before_is_not_kept_out_by_strangers(client, cast, clock):
    assert sign_in(client, "ada").status_code == 302
    client.post(reverse("sign-out"))
    strangers("ada", 2 * TRIES)
    assert "Too many" in sign_in(Client(), "ada").content.decode()
    assert sign_in(client, "ada").status_code == 302


def test_the_mark_of_a_browser_is_for_its_names_and_cannot_be_made_up(client, cast, clock):
    sign_in(client, "ada")
    client.post(reverse("sign-out"))
    strangers("ben", 2 * TRIES)
    assert "Too many" in sign_in(client, "ben").content.decode()
    client.cookies[attempts.COOKIE] = client.cookies[attempts.COOKIE].value[:-2] + "xx"
    strangers("ada", 2 * TRIES)
    assert "Too many" in sign_in(client, "ada").content.decode()
    assert "ada" not in client.cookies[attempts.COOKIE].value


def test_one_address_may_not_try_all_names(cast):
    for place in range(ADDRESS_TRIES):
        attempts.failed(asked("10.9.9.9"), f"name-{place}")
    assert "fifteen minutes" in sign_in(Client(), "ada", PASSWORD, "10.9.9.9").content.decode()
    assert sign_in(Client(), "ada", PASSWORD, "10.9.9.8").status_code == 302


def asked(address):
    from django.test import RequestFactory

    return RequestFactory().get("/", REMOTE_ADDR=address)


def test_a_name_that_nobody_has_waits_like_every_other(cast):
    strangers("nobody-at-all", TRIES)
    strangers("ada", TRIES)
    assert attempts.seconds_to_wait(None, "nobody-at-all") == attempts.seconds_to_wait(None, "ada") > 0


def test_codes_have_their_own_count():
    for _ in range(CODE_TRIES):
        assert not attempts.code_closed(7)
        attempts.code_failed(7)
    assert attempts.code_closed(7) and not attempts.code_closed(8)


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 second"), (60, "60 seconds"), (61, "2 minutes"), (900, "fifteen minutes")]
)
def test_a_wait_in_words(seconds, words):
    assert spoken(seconds) == words
