"""What a monitor sees, and that nobody else sees it."""

import pytest
from django.test import Client

from annotations import due
from annotations.models import Case
from tests.factories import study

pytestmark = pytest.mark.django_db


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_this_machine_may_ask_and_a_proxy_is_not_this_machine():
    assert Client(REMOTE_ADDR="127.0.0.1").get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.7").get("/metrics").status_code == 404
    assert Client(REMOTE_ADDR="127.0.0.1").get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404


def test_where_a_token_is_set_only_the_token_counts(settings):
    settings.METRICS_TOKEN = "a long word"
    assert Client(REMOTE_ADDR="127.0.0.1").get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"Authorization": "Bearer a wrong word"}).status_code == 404
    assert Client().get("/metrics", headers={"Authorization": "Bearer a long word"}).status_code == 200


def test_work_is_counted_by_kind_and_state(cast):
    project = study(cast.mira, {}, n_cases=5)
    cases = list(Case.objects.filter(project=project))
    Case.objects.filter(pk=cases[0].pk).update(attempts=Case.attempt_limit)
    due.claim_one(cases[1], "worker")
    text = text_of(Client().get("/metrics"))
    assert 'consilium_due_rows{kind="annotations.case",state="stuck"} 1.0' in text
    assert 'consilium_due_rows{kind="annotations.case",state="running"} 1.0' in text
    assert 'consilium_due_rows{kind="annotations.case",state="waiting"} 3.0' in text


def test_answers_are_counted_by_route_and_nobody_is_named(cast):
    project = study(cast.mira, {}, slug="knees-of-springfield")
    client = cast.client("mira")
    assert client.get(f"/api/v1/projects/{project.slug}").status_code == 200
    text = text_of(Client().get("/metrics"))
    assert 'route="api-project",status="200"' in text
    assert "springfield" not in text
    assert "mira" not in text
