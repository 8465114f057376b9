import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from rest_framework.test import APIClient

from annotations import idempotency, locking
from annotations.errors import Conflict, IdempotencyInFlight, IdempotencyKeyReused
from annotations.idempotency import Answer
from annotations.models import Annotation, ApiToken, IdempotencyKey, Project
from tests.factories import code, person, study
from tests.personas import ADA, CODES

PATH = reverse("api-projects")
KEY = {"Idempotency-Key": "k-1"}
NEW = {"slug": "knee", "name": "Knee"}


@pytest.fixture(params=["answer_once", "answer_long"])
def answer(request):
    return getattr(idempotency, request.param)


def counted(calls, body):
    def act():
        calls.append(body)
        return Answer(201, body)

    return act


def test_a_retry_gets_the_stored_answer_and_no_second_effect(cast):
    client = cast.client("mira")
    first = client.post(PATH, NEW, format="json", headers=KEY)
    again = client.post(PATH, NEW, format="json", headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Location"] == first["Location"] == "/api/v1/projects/knee"
    assert Project.objects.count() == 1


def test_another_body_under_the_same_key_is_refused(cast):
    client = cast.client("mira")
    client.post(PATH, NEW, format="json", headers=KEY)
    answer = client.post(PATH, {**NEW, "name": "Hip"}, format="json", headers=KEY)
    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency-key-reused"


def test_the_order_of_members_is_no_difference_and_the_address_is():
    one = idempotency.fingerprint("POST", "/a", {"x": 1, "y": 2})
    assert idempotency.fingerprint("POST", "/a", {"y": 2, "x": 1}) == one
    assert idempotency.fingerprint("POST", "/b", {"x": 1, "y": 2}) != one
    assert idempotency.fingerprint("POST", "/a", {"x": 1, "y": 3}) != one
    assert idempotency.fingerprint("POST", "/a", {"x": 1, "y": 2, "password": "p"}) == one


def test_a_refusal_keeps_nothing_so_the_key_may_try_again(cast, answer):
    def refuse():
        raise Conflict("Not now.")

    with pytest.raises(Conflict):
        answer(user=cast.mira, key="k", fingerprint="f", act=refuse)
    calls = []
    assert answer(user=cast.mira, key="k", fingerprint="f", act=counted(calls, {"a": 1})) == Answer(201, {"a": 1})
    assert answer(user=cast.mira, key="k", fingerprint="f", act=counted(calls, {"a": 2})) == Answer(201, {"a": 1})
    assert calls == [{"a": 1}]
    with pytest.raises(IdempotencyKeyReused):
        answer(user=cast.mira, key="k", fingerprint="g", act=refuse)


def test_keys_of_two_people_and_no_key_do_not_meet(cast, answer):
    calls = []
    for user, key in ((cast.mira, "k"), (cast.ada, "k"), (cast.mira, ""), (cast.mira, "")):
        answer(user=user, key=key, fingerprint="f", act=counted(calls, {}))
    assert len(calls) == 4


def test_a_key_is_forgotten_after_two_days(cast, answer):
    calls = []
    answer(user=cast.mira, key="k", fingerprint="f", act=counted(calls, {}))
    IdempotencyKey.objects.update(created_at=locking.now() - timedelta(hours=49))
    answer(user=cast.mira, key="k", fingerprint="g", act=counted(calls, {}))
    assert len(calls) == 2


def test_a_long_request_that_still_runs_is_said_to_run(cast):
    def asks_again():
        with pytest.raises(IdempotencyInFlight):
            idempotency.answer_long(user=cast.mira, key="k", fingerprint="f", act=counted([], {}))
        return Answer(202, {"a": 1})

    first = idempotency.answer_long(user=cast.mira, key="k", fingerprint="f", act=asks_again)
    assert first == Answer(202, {"a": 1})
    IdempotencyKey.objects.update(status=None, body=idempotency.RUNNING, created_at=locking.now() - timedelta(hours=1))
    calls = []
    idempotency.answer_long(user=cast.mira, key="k", fingerprint="f", act=counted(calls, {}))
    assert len(calls) == 1


def test_a_secret_is_answered_once_and_never_kept(cast):
    client, path = cast.client("ada"), reverse("api-tokens")
    first = client.post(path, {"name": "laptop"}, format="json", headers=KEY).json()
    again = client.post(path, {"name": "laptop"}, format="json", headers=KEY).json()
    assert first.pop("token")
    assert again == first
    assert ApiToken.objects.count() == 1


def test_a_key_that_is_too_long_is_refused(cast):
    answer = cast.client("mira").post(PATH, NEW, format="json", headers={"Idempotency-Key": "x" * 256})
    assert answer.status_code == 422


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_have_one_effect_and_one_answer():
    lead = person("lead", is_superuser=True)
    ada = person("ada-2")
    project = study(lead, {CODES[ADA]: ada})
    path = reverse("api-annotations", args=[project.slug])
    body = {"case": "case-1", "question": "effusion", "value": code("yes")}
    start, answers = threading.Barrier(4), []

    def ask():
        client = APIClient()
        client.force_authenticate(ada)
        start.wait()
        answers.append(client.post(path, body, format="json", headers=KEY))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["annotation"]["id"] for answer in answers}) == 1
    assert Annotation.objects.count() == 1
