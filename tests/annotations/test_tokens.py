"""What a token opens: never more than its owner may, and no more than it was made for."""

import pytest
from rest_framework.test import APIClient

from annotations.tokens import make_token
from tests.factories import code, study
from tests.personas import ADA, CODES

API = "/api/v1/projects/study"
ANSWER = {"case": "case-1", "question": "effusion", "value": code("yes")}


@pytest.fixture
def project(cast):
    return study(cast.mira, {CODES[ADA]: cast.ada})


def machine(user, scope):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(actor=user, name='machine', scope=scope)[1]}")
    return client


@pytest.mark.parametrize(("scope", "reads", "submits", "makes"), [
    ("all", 200, 201, 201),
    ("submit", 200, 201, 403),
    ("read", 200, 403, 403),
])  # fmt: skip
def test_each_scope_opens_what_it_says(cast, project, scope, reads, submits, makes):
    client = machine(cast.ada, scope)
    assert client.get(f"{API}/worklist").status_code == reads
    submitted = client.post(f"{API}/annotations", ANSWER, format="json")
    assert submitted.status_code == submits, submitted.content
    made = client.post("/api/v1/tokens", {"name": "another"}, format="json")
    assert made.status_code == makes
    for refused in (answer for answer in (submitted, made) if answer.status_code == 403):
        assert refused.json()["code"] == "token-scope"
        assert refused.json()["data"] == {"scope": scope}


def test_a_scope_gives_nothing_that_the_role_does_not(cast, project):
    answer = machine(cast.chen, "submit").post(f"{API}/annotations", ANSWER, format="json")
    assert answer.status_code == 404


def test_the_scope_is_asked_for_and_shown(cast):
    client = cast.client("ada")
    made = client.post("/api/v1/tokens", {"name": "model", "scope": "submit"}, format="json").json()
    assert made["scope"] == "submit"
    assert [item["scope"] for item in client.get("/api/v1/tokens").json()["items"]] == ["submit"]
    assert client.post("/api/v1/tokens", {"name": "model", "scope": "root"}, format="json").status_code == 422
