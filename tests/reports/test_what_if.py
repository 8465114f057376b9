import pytest
from django.urls import reverse

from annotations import intake
from annotations.models import AuditEvent, Project
from qc.models import Dispute
from qc.selectors import current_protocol
from reports import what_if
from tests.factories import EFFUSION, LESION, box_mask, code, read, study, work
from tests.personas import ADA, BEN, CODES, assemble


@pytest.fixture(scope="module")
def told(standing):
    cast = assemble()
    project = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=[EFFUSION, LESION], n_cases=14)
    for number in range(1, 13):
        # Dice 1, and every third case 0.5.
        other = box_mask(0, 2, 5, 11, 2, 8) if number % 3 == 0 else box_mask(0, 2, 2, 8, 2, 8)
        case = f"case-{number}"
        read(project, cast.ada, case, effusion=code("yes"), lesion=box_mask(0, 2, 2, 8, 2, 8))
        read(project, cast.ben, case, effusion=code("yes"), lesion=other)
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    work()
    return cast, project.pk


@pytest.fixture
def cast(told, db):
    return told[0].again()


@pytest.fixture
def project(told, db):
    return Project.objects.get(pk=told[1])


def test_a_lower_limit_empties_the_queue_and_writes_nothing(cast, project):
    before = Dispute.objects.count()
    page = cast.client("mira").get(reverse("what-if", args=[project.slug]) + "?question=lesion&limit=0.4")
    text = page.content.decode()
    assert page.status_code == 200
    assert "Leave it" in text
    assert "case-12" in text
    assert Dispute.objects.count() == before == 4
    assert "Put 0.4 in force" in text


def test_the_fragment_is_the_trial_alone(cast, project):
    page = cast.client("mira").get(
        reverse("what-if", args=[project.slug]) + "?question=lesion&limit=0.4", headers={"HX-Request": "true"}
    )
    assert "<html" not in page.content.decode()


def test_a_limit_is_put_in_force_with_a_reason(cast, project):
    client, address = cast.client("mira"), reverse("what-if", args=[project.slug])
    refused = client.post(address, {"question": "lesion", "rule": "low_agreement", "limit": "0.4", "reason": " "})
    assert refused.status_code == 422
    assert current_protocol(project).number == 1
    done = client.post(address, {"question": "lesion", "rule": "low_agreement", "limit": "0.4", "reason": "Pilot."})
    assert done.status_code == 302
    document = current_protocol(project).document
    assert document["questions"]["lesion"]["rules"]["low_agreement"]["minimum"] == 0.4
    assert AuditEvent.objects.filter(action="protocol.adopted").latest("number").body["reason"] == "Pilot."
    work()
    assert not Dispute.objects.filter(closed_at__isnull=True).exists()


@pytest.mark.parametrize("query", ["", "?question=nothing&rule=x&limit=many", "?limit=1e400&ahead=999999999999"])
def test_any_question_is_answered(cast, project, query):
    page = cast.client("mira").get(reverse("what-if", args=[project.slug]) + query)
    assert page.status_code == 200
    assert "Limits of the protocol" in page.content.decode()


def test_what_is_still_to_come_is_foretold_from_the_patients_read(project):
    found = what_if.ahead(project, 120)
    assert (found.n_cases, found.n_subjects) == (12, 12)
    assert found.disputes == pytest.approx(40)
    assert found.low < 40 < found.high
    assert what_if.open_cases(project) == 2


def test_a_project_without_a_limit_says_so(cast):
    project = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, slug="bare")
    page = cast.client("mira").get(reverse("what-if", args=[project.slug]))
    assert "There is no limit to try" in page.content.decode()
