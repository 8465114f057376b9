import pytest
from django.urls import reverse

from annotations import intake
from tests.factories import PASSWORD, study

pytestmark = pytest.mark.django_db


def sign_in(client, username, password=PASSWORD, then=""):
    return client.post(reverse("sign-in"), {"username": username, "password": password, "next": then})


@pytest.mark.parametrize(
    ("role", "section"), [("adjudicator", "queue"), ("vendor", "releases"), ("annotator", "worklist")]
)
def test_one_project_leads_straight_to_the_work_there(client, cast, role, section):
    project = study(cast.mira, {})
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role=role)
    assert sign_in(client, "chen").url == reverse(section, args=[project.slug])


def test_several_projects_lead_to_the_list(client, cast):
    for slug in ("one", "two"):
        project = study(cast.mira, {}, slug=slug)
        intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    assert sign_in(client, "chen").url == reverse("projects")


def test_an_annotator_of_several_projects_starts_where_a_case_waits(client, cast):
    for slug, n_cases in (("one", 2), ("two", 0)):
        study(cast.mira, {"reader-aquila": cast.ada}, slug=slug, n_cases=n_cases)
    assert sign_in(client, "ada").url == reverse("worklist", args=["one"])
    client.logout()
    study(cast.mira, {"reader-aquila": cast.ada}, slug="three")
    assert sign_in(client, "ada").url == reverse("projects")


def test_the_page_that_was_asked_for_comes_first_and_only_here(client, cast):
    study(cast.mira, {})
    assert sign_in(client, "mira", then="/p/study/agreement/").url == "/p/study/agreement/"
    client.logout()
    assert sign_in(client, "mira", then="https://elsewhere.example/").url == reverse("overview", args=["study"])


def test_signing_out_is_a_post_that_clears_the_pictures(client, cast):
    client.force_login(cast.ada)
    assert client.get(reverse("sign-out")).status_code == 405
    answer = client.post(reverse("sign-out"))
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_the_theme_goes_back_to_this_site_only(client, back):
    answer = client.post(reverse("theme"), {"theme": "light", "next": back})
    assert answer.url == "/"
    assert answer.cookies["theme"].value == "light"


def test_an_unknown_theme_is_not_kept(client):
    answer = client.post(reverse("theme"), {"theme": "pink", "next": "/p/study/"})
    assert answer.url == "/p/study/"
    assert "theme" not in answer.cookies
