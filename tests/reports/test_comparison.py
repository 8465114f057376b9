import csv
import io

import pytest
from django.urls import reverse

from annotations import intake
from annotations.models import Case, Project
from reports import comparison
from reports.comparison import Asked
from tests.factories import EFFUSION, LESION, box_mask, code, read, study, work
from tests.personas import ADA, BEN, CODES, assemble

pytestmark = pytest.mark.django_db


def rounds(cast, slug, apart, questions=(EFFUSION,)):
    """A round in which two people differ on some of twenty cases."""
    project = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, slug=slug, n_cases=20, questions=questions)
    for number in range(1, 21):
        yes = number % 2 == 1
        case = f"case-{number}"
        read(project, cast.ada, case, effusion=code("yes" if yes else "no"))
        read(project, cast.ben, case, effusion=code("yes" if yes != (number in apart) else "no"))
    return project


@pytest.fixture(scope="module")
def told(standing):
    cast = assemble()
    first = rounds(cast, "round-1", {1, 2, 3, 4, 5, 6})
    second = rounds(cast, "round-2", {1, 2})
    work()
    return cast, first.pk, second.pk


@pytest.fixture
def cast(told, db):
    return told[0].again()


@pytest.fixture
def two_rounds(told, db):
    return tuple(Project.objects.get(pk=pk) for pk in told[1:])


def test_round_2_beside_round_1_on_page_csv_and_api(cast, two_rounds):
    first, _ = two_rounds
    client, query = cast.client("mira"), "?question=effusion&with=round-2"
    address = reverse("comparison", args=[first.slug]) + query
    body = client.get(reverse("api-comparison", args=[first.slug, "effusion"]) + "?with=round-2").json()
    assert body["n_both"] == 20
    kappa = body["estimates"]["kappa_difference"]
    assert body["estimates"]["kappa_before"]["value"] == pytest.approx(0.4)
    assert body["estimates"]["kappa_after"]["value"] == pytest.approx(0.8)
    assert kappa["value"] == pytest.approx(0.4)
    rows = {
        (row["measure"], row["side"]): row
        for row in csv.DictReader(io.StringIO(client.get(address + "&format=csv").content.decode()))
    }
    assert float(rows["kappa", "difference"]["low"]) == kappa["low"]
    page = client.get(address).content.decode()
    assert "0.400" in page
    assert f"{kappa['low']:.3f}–{kappa['high']:.3f}" in page
    assert "agreement is higher on the second side" in page
    assert client.get(address + "&format=csv").headers["Content-Type"].startswith("text/csv")


def test_a_key_alone_does_not_make_two_cases_the_same(cast):
    first, second = rounds(cast, "round-3", {1, 2, 3, 4, 5, 6}), rounds(cast, "round-4", {1, 2})
    work()
    Case.objects.filter(project=second, key__in=["case-1", "case-2", "case-3"]).update(subject="somebody else")
    address = reverse("api-comparison", args=[first.slug, "effusion"]) + "?with=round-4"
    body = cast.client("mira").get(address).json()
    assert (body["n_both"], body["n_apart"]) == (17, 3)
    page = cast.client("mira").get(reverse("comparison", args=[first.slug]) + "?question=effusion&with=round-4")
    assert "3 with the same key are left out: the patient is another" in page.content.decode()


def test_another_project_is_entered_as_any_is(cast, two_rounds):
    first, second = two_rounds
    second.memberships.filter(user=cast.mira).delete()
    for address in (
        reverse("comparison", args=[first.slug]) + "?with=round-2",
        reverse("api-comparison", args=[first.slug, "effusion"]) + "?with=round-2",
    ):
        assert cast.client("mira").get(address).status_code == 404


def test_a_question_that_the_other_does_not_ask_is_compared_with_nothing(cast, two_rounds):
    first, _ = two_rounds
    other = study(cast.mira, {CODES[ADA]: cast.ada}, slug="other", questions=[LESION])
    view = comparison.compare(first, first.schemas.get().questions.get(), Asked(other=other))
    assert view.found.n_both == 0
    assert view.sentence.startswith("Whether the sides differ cannot be told")


def test_two_sites(cast):
    project = rounds(cast, "sites", set(range(11, 20)))
    for number in range(1, 21):
        site = {"site": "north" if number <= 10 else "south"}
        Case.objects.filter(project=project, key=f"case-{number}").update(strata=site)
    work()
    address = reverse("comparison", args=[project.slug]) + "?by=site&first=north&second=south"
    page = cast.client("mira").get(address).content.decode()
    assert "agreement is lower on the second side" in page
    assert "Permutation of patients: p" in page
    assert comparison.groups_of(project) == {"site": ["north", "south"]}


def test_two_panels_of_one_project(cast):
    people = {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben, "cyd": cast.chen, "dan": cast.vera}
    project = study(cast.mira, people, slug="panels", questions=[LESION, EFFUSION], n_cases=12)
    for number in range(1, 13):
        for place, user in enumerate(people.values()):
            mask = box_mask(0, 2, 2 + (place == 3), 8 + (place == 3), 2, 8)
            answer = code("yes" if number % 2 or place == 3 else "no")
            read(project, user, f"case-{number}", lesion=mask, effusion=answer)
    work()
    asked = Asked(f"{CODES[ADA]}, {CODES[BEN]}", "cyd, dan")
    found = {one.code: comparison.compare(project, one, asked) for one in project.schemas.get().questions.all()}
    assert found["lesion"].found.estimates["mean_before"].value == 1.0
    assert found["lesion"].found.estimates["mean_after"].value < 1.0
    assert found["effusion"].found.estimates["agreement_difference"].value == pytest.approx(-0.5)


@pytest.mark.parametrize(
    "query", ["", "?first=a", "?first=a&second=b", "?by=none&first=x&second=y", "?question=effusion"]
)
def test_any_question_is_answered(cast, two_rounds, query):
    assert cast.client("mira").get(reverse("comparison", args=["round-1"]) + query).status_code == 200


def test_a_project_without_questions_says_so(cast):
    project = intake.open_project(actor=cast.mira, new=intake.NewProject(slug="bare", name="Bare"))
    page = cast.client("mira").get(reverse("comparison", args=[project.slug])).content.decode()
    assert "No questions are published yet" in page
