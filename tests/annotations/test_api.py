"""Conventions that every address keeps: pages of lists, problems, tokens, the schema in git."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from annotations import intake, locking, tokens
from annotations.intake import NewCase
from tests.factories import EFFUSION, code, read, study, work
from tests.personas import ADA, BEN, CODES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(cast):
    return study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, n_cases=5)


def walk(client, path):
    """Follow ``next`` to the end and return the sizes of the pages and all items."""
    sizes, items = [], []
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.content
        page = answer.json()
        sizes.append(len(page["items"]))
        items += page["items"]
        assert ("Link" in answer.headers) == (page["next"] is not None)
        path = page["next"]
    return sizes, items


def test_a_list_is_walked_page_by_page_and_everything_comes_once(cast, project):
    path = reverse("api-cases", args=[project.slug])
    sizes, items = walk(cast.client("mira"), f"{path}?limit=2")
    assert sizes == [2, 2, 1]
    assert [item["key"] for item in items] == [f"case-{n}" for n in range(1, 6)]


def test_a_row_added_between_two_pages_neither_hides_nor_doubles_one(cast, project):
    client, path = cast.client("mira"), reverse("api-cases", args=[project.slug])
    first = client.get(f"{path}?limit=3").json()
    intake.register_cases(actor=cast.mira, project=project, cases=[NewCase("late", "p9")])
    _, rest = walk(client, first["next"])
    keys = [item["key"] for item in first["items"] + rest]
    assert keys == [*(f"case-{n}" for n in range(1, 6)), "late"]


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "limit=-1", "after=nothing", "after=²"])
def test_a_bad_page_is_refused_with_a_pointer(cast, project, query):
    answer = cast.client("mira").get(f"{reverse('api-cases', args=[project.slug])}?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"#/{query.partition('=')[0]}"


def test_the_queue_is_walked_in_its_own_order_even_when_its_head_is_settled(cast, project):
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    for number in range(1, 6):
        read(project, cast.ada, f"case-{number}", effusion=code("yes"))
        read(project, cast.ben, f"case-{number}", effusion=code("no"))
    work()
    client, path = cast.client("chen"), reverse("api-disputes", args=[project.slug])
    sizes, items = walk(client, f"{path}?limit=2")
    assert sizes == [2, 2, 1]
    names = [item["id"] for item in items]
    assert len(set(names)) == 5
    page = client.get(f"{path}?limit=2").json()
    project.disputes.filter(public_id=names[1]).update(closed_at=locking.now())
    _, rest = walk(client, page["next"])
    assert [item["id"] for item in rest] == names[2:]


def test_a_batch_is_all_or_none_unless_each_is_asked_for(cast, project):
    client, path = cast.client("ada"), reverse("api-annotation-batch", args=[project.slug])
    good = {"case": "case-1", "question": "effusion", "value": code("yes")}
    bad = {"case": "case-2", "question": "effusion", "value": code("perhaps")}
    answer = client.post(path, [good, bad], format="json")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/1/value/code"]
    assert client.get(reverse("api-annotations", args=[project.slug])).json()["items"] == []
    answer = client.post(f"{path}?partial=true", [bad, good, good], format="json").json()
    assert (answer["n_saved"], answer["n_refused"]) == (1, 1)
    assert [item["saved"] for item in answer["items"]] == [False, True, False]
    assert answer["items"][0]["errors"][0]["pointer"] == "#/0/value/code"
    assert len(client.get(reverse("api-annotations", args=[project.slug])).json()["items"]) == 1


def test_an_empty_or_endless_batch_is_refused(cast, project):
    client, path = cast.client("ada"), reverse("api-annotation-batch", args=[project.slug])
    assert client.post(path, [], format="json").status_code == 422
    item = {"case": "case-1", "question": "effusion", "value": code("yes")}
    assert client.post(path, [item] * 5001, format="json").status_code == 422


def test_filters_and_revisions_of_answers(cast, project):
    read(project, cast.ada, "case-1", finish=False, effusion=code("yes"))
    read(project, cast.ada, "case-1", finish=False, effusion=code("no"))
    read(project, cast.ben, "case-2", finish=False, effusion=code("no"))
    client, path = cast.client("mira"), reverse("api-annotations", args=[project.slug])

    def seen(query):
        return [(item["case"], item["revision"]) for item in client.get(f"{path}?{query}").json()["items"]]

    assert seen("") == [("case-1", 2), ("case-2", 1)]
    assert seen("revisions=all") == [("case-1", 1), ("case-1", 2), ("case-2", 1)]
    assert seen("case=case-2") == [("case-2", 1)]
    assert seen(f"reader={CODES[ADA]}") == [("case-1", 2)]
    assert seen("question=grade") == []


def test_bad_names_in_an_assignment_are_all_named(cast, project):
    answer = cast.client("mira").post(
        reverse("api-assignments", args=[project.slug]),
        {"cases": ["case-1", "case-9"], "readers": [CODES[ADA]]},
        format="json",
    )
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/cases/1"]


def test_a_schema_with_faults_answers_pointers_into_the_request(cast, project):
    question = {name: getattr(EFFUSION, name) for name in ("code", "title", "kind", "scale", "definition")}
    answer = cast.client("mira").post(
        reverse("api-schemas", args=[project.slug]),
        {"questions": [question, {**question, "code": "b", "kind": "opinion"}]},
        format="json",
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/questions/1/kind"


def test_a_bearer_token_signs_in_until_it_is_revoked_or_expires(cast, project):
    row, text = tokens.make_token(actor=cast.ada, name="machine")
    assert text not in str(vars(row))
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    path = reverse("api-worklist", args=[project.slug])
    assert client.get(path).status_code == 200
    row.expires_at = locking.now() - timedelta(seconds=1)
    row.save()
    assert client.get(path).status_code == 401
    row.expires_at = None
    row.save()
    assert client.delete(reverse("api-token", args=[row.pk])).status_code == 204
    refused = client.get(path)
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"] == "Bearer"


def test_a_session_needs_the_csrf_token(cast, project):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(cast.ada)
    assert client.get(reverse("api-worklist", args=[project.slug])).status_code == 200
    answer = client.post(reverse("api-tokens"), {"name": "x"}, format="json")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "status"),
    [
        ("post", "/api/v1/projects", "{", "application/json", 400),
        ("post", "/api/v1/projects", "a=b", "text/plain", 415),
        ("delete", "/api/v1/projects", "", "application/json", 405),
        ("get", "/api/v1/nowhere", "", "application/json", 404),
        ("post", "/api/v1/projects", "[]", "application/json", 422),
        ("post", "/api/v1/projects", '{"slug": "a b", "name": ""}', "application/json", 422),
    ],
)
def test_every_failure_is_a_problem_document(cast, method, path, body, kind, status):
    answer = cast.client("mira").generic(method.upper(), path, body, content_type=kind)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_the_committed_schema_is_the_one_that_the_code_describes(tmp_path):
    made = tmp_path / "openapi.yaml"
    command = [sys.executable, "manage.py", "spectacular", "--file", str(made), "--fail-on-warn", "--validate"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    committed = (ROOT / "docs" / "api" / "openapi.yaml").read_text()
    assert made.read_text() == committed, "run: manage.py spectacular --file docs/api/openapi.yaml"
