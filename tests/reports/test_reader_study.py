import pytest
from django.urls import reverse

from annotations import intake
from qc import adjudication
from qc.models import Dispute
from reports import reader_study
from reports.errors import NoStudy
from tests.factories import EFFUSION, GRADE, PASSWORD, code, level, read, study, work
from tests.personas import ADA, BEN, CODES

pytestmark = pytest.mark.django_db


def modality(cast, slug):
    people = {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}
    project = study(cast.mira, people, slug=slug, questions=[EFFUSION, GRADE], n_cases=5)
    for number in range(1, 5):
        for user in people.values():
            # On the fourth case they differ about the truth, which stays open.
            ill = number % 2 == 1 or (number == 4 and user == cast.ada)
            given = level(4 if ill else number)
            read(project, user, f"case-{number}", effusion=code("yes" if ill else "no"), grade=given)
    work()
    return project


@pytest.fixture
def project(cast):
    return modality(cast, "study")


def questions(project):
    found = {one.code: one for one in project.schemas.get().questions.all()}
    return found["grade"], found["effusion"]


def test_scores_stand_against_what_is_settled(cast, project):
    answer = cast.client("mira").get(
        reverse("api-imrmc", args=[project.slug]) + "?score=grade&truth=effusion&positive=yes"
    )
    lines = answer.content.decode().splitlines()
    assert lines[0].startswith("A study: grade against effusion = yes. 0 of 3 truths were signed by a physician")
    assert lines[1:7] == [
        "2 scores of cases without a truth are left out.", "N0: 1", "N1: 2", "NR: 2", "NM: 1", "BEGIN DATA:",
    ]  # fmt: skip
    assert lines[7:10] == ["-1,case-1,0,1", "-1,case-2,0,0", "-1,case-3,0,1"]
    assert f"{CODES[BEN]},case-2,study,2" in lines
    page = cast.client("mira").get(reverse("study-file", args=[project.slug]) + "?score=grade&truth=effusion%3Dyes")
    assert page.content == answer.content


def test_a_second_modality_adds_its_scores(cast, project):
    with_ai = modality(cast, "with-ai")
    text = reader_study.study_file(project, *questions(project), "yes", with_ai).decode()
    assert "NM: 2" in text
    assert f"{CODES[ADA]},case-1,with-ai,4" in text


def test_a_score_is_a_grade_and_a_truth_a_category(cast, project):
    grade, effusion = questions(project)
    for wrong in ((effusion, grade, "1"), (grade, effusion, "maybe")):
        with pytest.raises(NoStudy):
            reader_study.study_file(project, *wrong)
    address = reverse("api-imrmc", args=[project.slug]) + "?score=effusion&truth=effusion&positive=yes"
    refused = cast.client("mira").get(address)
    assert (refused.status_code, refused.json()["code"]) == (422, "no-study")


def test_unknown_readers_make_no_study(project):
    project.knows_readers = False
    with pytest.raises(NoStudy, match="do not say who read"):
        reader_study.study_file(project, *questions(project), "yes")


def test_what_a_physician_signed_is_the_truth_and_is_counted(cast, project):
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    row = Dispute.objects.get(project=project, case__key="case-4", question__code="effusion", closed_at__isnull=True)
    held = adjudication.claim_dispute(actor=cast.chen, dispute=row)
    decided = adjudication.NewDecision(
        decision="own",
        value=code("yes"),
        rationale="It is there.",
        root_cause="interpretation",
        confidence="high",
        password=PASSWORD,
        shown_digest=adjudication.shown_digest(held),
        fence=held.fence,
    )
    adjudication.resolve_dispute(actor=cast.chen, dispute=held, new=decided)
    work()
    lines = reader_study.study_file(project, *questions(project), "yes").decode().splitlines()
    assert "1 of 4 truths were signed by a physician" in lines[0]
    assert "-1,case-4,0,1" in lines
