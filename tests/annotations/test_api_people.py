"""Members, readers and drawn seats over the API: the same verbs as the pages."""

import pytest
from django.urls import reverse

from annotations import intake
from annotations.models import Assignment
from tests.factories import study

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(cast):
    project = study(cast.mira, {}, n_cases=6)
    for username, code in (("ada", "R01"), ("ben", "R02"), ("chen", "R03")):
        user = getattr(cast, username)
        intake.set_role(actor=cast.mira, project=project, user=user, role="annotator")
        intake.register_reader(actor=cast.mira, project=project, code=code, user=user)
    return project


def at(name, *arguments):
    return reverse(name, args=["study", *arguments])


def test_members_are_listed_and_removed_but_never_the_only_lead(cast, project):
    api = cast.client("mira")
    items = api.get(at("api-members")).json()["items"]
    assert {item["username"]: item["role"] for item in items} == {
        "mira": "qa_lead", "ada": "annotator", "ben": "annotator", "chen": "annotator",
    }  # fmt: skip
    assert api.delete(at("api-member", "chen")).status_code == 204
    assert api.delete(at("api-member", "chen")).status_code == 422
    refused = api.delete(at("api-member", "mira"))
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    demoted = api.put(at("api-member", "mira"), {"role": "vendor"}, format="json")
    assert demoted.status_code == 409
    assert project.memberships.filter(role="qa_lead").count() == 1


def test_a_reader_stops_and_gets_no_seat(cast, project):
    api = cast.client("mira")
    answer = api.patch(at("api-reader-detail", "R01"), {"is_active": False}, format="json")
    assert (answer.json()["code"], answer.json()["is_active"]) == ("R01", False)
    refused = api.post(at("api-assignments"), {"readers": ["R01"]}, format="json")
    assert refused.status_code == 422
    assert api.patch(at("api-reader-detail", "nobody"), {"is_active": True}, format="json").status_code == 404
    assert project.audit_events.filter(action="reader.deactivated").count() == 1
    api.patch(at("api-reader-detail", "R01"), {"is_active": False}, format="json")
    assert project.audit_events.filter(action="reader.deactivated").count() == 1


def test_seats_are_drawn_balanced_and_topped_up(cast, project):
    api, wish = cast.client("mira"), {"readers": ["R01", "R02", "R03"], "n_readers": 2}
    assert api.post(at("api-assignments"), wish, format="json").json() == {"n_new": 12}
    assert api.post(at("api-assignments"), wish, format="json").json() == {"n_new": 0}
    assert {row.assignments.count() for row in project.readers.all()} == {4}
    pairs = Assignment.objects.filter(case__project=project).values_list("case", "reader")
    assert len({tuple(sorted(reader for at_case, reader in pairs if at_case == case)) for case, _ in pairs}) > 1
    assert api.post(at("api-assignments"), {**wish, "n_readers": 3}, format="json").json() == {"n_new": 6}


@pytest.mark.parametrize("more", [{"n_readers": 4}, {"n_readers": 2, "round": 2}, {"n_readers": 0}])
def test_a_draw_that_cannot_be_is_refused(cast, project, more):
    answer = cast.client("mira").post(at("api-assignments"), {"readers": ["R01", "R02", "R03"], **more}, format="json")
    assert answer.status_code == 422
    assert not Assignment.objects.exists()


def test_a_draw_asks_people_who_are_least_busy_first(cast, project):
    first = project.cases.order_by("pk").first()
    api = cast.client("mira")
    api.post(at("api-assignments"), {"readers": ["R01", "R02"], "cases": [first.key]}, format="json")
    api.post(at("api-assignments"), {"readers": ["R01", "R02", "R03"], "n_readers": 1}, format="json")
    # Two seats at the first case already; the five others go round so that the shares differ by one at most.
    counts = sorted(row.assignments.count() for row in project.readers.all())
    assert sum(counts) == 7
    assert counts[-1] - counts[0] <= 1


def test_another_version_of_a_model_is_another_reader(cast, project):
    api = cast.client("mira")
    model = {"code": "M1", "kind": "model", "version": "2.1"}
    assert api.post(at("api-readers"), model, format="json").json()["version"] == "2.1"
    assert api.post(at("api-readers"), model, format="json").status_code == 201
    assert api.post(at("api-readers"), {**model, "version": "2.2"}, format="json").status_code == 409
