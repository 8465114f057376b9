import pytest
from django.urls import reverse

from annotations import due, intake
from reports import kept, views
from tests.factories import code, read, study, work
from tests.personas import ADA, BEN, CODES

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(cast):
    made = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, slug="kept", n_cases=3)
    for number in (1, 2, 3):
        read(made, cast.ada, f"case-{number}", effusion=code("yes"))
        read(made, cast.ben, f"case-{number}", effusion=code("yes" if number > 1 else "no"))
    work()
    return made


def counted(project, name="figure", parts=()):
    """How often two requests for a figure compute it, where the answer is nothing."""
    calls = []
    for _ in range(2):
        assert kept.kept(project, name, list(parts), lambda: calls.append(1)) is None
    return len(calls)


def test_a_state_is_computed_once_even_where_the_answer_is_nothing(project):
    assert counted(project) == 1
    assert counted(project) == 0


def test_an_event_makes_another_state(cast, project):
    assert counted(project) == 1
    intake.exclude_case(actor=cast.mira, case=project.cases.get(key="case-2"), reason="artefact")
    assert counted(project) == 1


def test_a_case_that_waits_makes_another_state_without_an_event(project):
    assert counted(project) == 1
    due.mark(project.cases.get(key="case-2"))
    assert counted(project) == 1


def test_what_is_asked_and_whose_it_is_are_part_of_the_key(cast, project):
    other = study(cast.mira, {}, slug="other")
    assert counted(project, parts=["a"]) == 1
    assert counted(project, parts=["b"]) == 1
    assert counted(project, name="another", parts=["a"]) == 1
    assert counted(other, parts=["a"]) == 1


def test_the_page_of_a_question_follows_an_exclusion(cast, project):
    client, address = cast.client("mira"), reverse("agreement-question", args=[project.slug, "effusion"])
    seen = [[row.case for row in client.get(address).context["units"]] for _ in range(2)]
    assert seen == [["case-1", "case-2", "case-3"]] * 2
    intake.exclude_case(actor=cast.mira, case=project.cases.get(key="case-1"), reason="artefact")
    assert [row.case for row in client.get(address).context["units"]] == ["case-2", "case-3"]


def test_a_page_of_units_is_a_part_of_all_in_the_same_order(cast, project):
    client, address = cast.client("mira"), reverse("agreement-question", args=[project.slug, "effusion"])
    listed = client.get(address + "?format=units").content.decode().splitlines()[1:]
    shown = client.get(address).context["units"]
    assert [row.case for row in shown] == [line.split(",")[0] for line in listed][: views.ROWS]
