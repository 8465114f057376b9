"""The protocol as a form: what it starts from, what it keeps, what it refuses, what a change touches."""

import json
import re

import pytest
from django.urls import reverse

from annotations import intake
from qc import evaluation
from qc.protocols.base import flow_of
from qc.registry import PROTOCOLS
from qc.selectors import current_protocol
from reports import protocol_page
from reports.protocol_form import ProtocolForm, initial_of, proposed
from tests.factories import (
    DIAMETER,
    EFFUSION,
    FRACTURE,
    GRADE,
    HEART,
    LESION,
    NODULE,
    ORDER,
    SIGNS,
    SPINDLES,
    SUSPICION,
    VALVE,
    code,
    document,
    level,
    read,
    study,
    work,
)
from tests.personas import ADA, BEN, CODES

EVERY_KIND = [
    EFFUSION, GRADE, DIAMETER, LESION, NODULE, SUSPICION, SIGNS, ORDER, SPINDLES, FRACTURE, HEART, VALVE,
]  # fmt: skip


@pytest.fixture
def project(cast):
    return study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=[EFFUSION, GRADE], n_cases=4)


def questions_of(project):
    return list(project.schemas.get().questions.select_related("about"))


def posted(project, base=None, **changed):
    """Return what a browser would send: every field as it is shown, but for what changed."""
    values = initial_of(questions_of(project), base or current_protocol(project).document)
    values |= {name.replace("__", "-"): value for name, value in changed.items()}
    return {name: "on" if value is True else value for name, value in values.items() if value not in (None, False)}


def test_a_proposal_for_every_kind_of_question_can_be_adopted_as_it_is(cast):
    project = study(cast.mira, {}, questions=EVERY_KIND)
    evaluation.check_document(project, proposed(questions_of(project)))


def test_a_form_sent_back_untouched_is_the_same_document(cast):
    project = study(cast.mira, {}, questions=EVERY_KIND)
    base = {**document(EVERY_KIND), "panel": {"seats": 3, "rounds": 2}, "audit": {"share": 0.07, "minimum": 9}}
    form = ProtocolForm(questions_of(project), base, posted(project, base))
    assert form.is_valid(), form.errors
    assert form.document() == base


def test_what_the_form_does_not_know_stays(project):
    base = document([EFFUSION, GRADE])
    base["questions"]["effusion"]["least_right"] = 0.9
    base["questions"]["effusion"]["rules"]["by_design"] = {}
    form = ProtocolForm(questions_of(project), base, posted(project, base, grade__limit="2"))
    assert form.is_valid(), form.errors
    made = form.document()
    assert made["questions"]["effusion"] == base["questions"]["effusion"]
    assert made["questions"]["grade"]["rules"]["low_agreement"] == {"statistic": "spread", "maximum": 2}


def test_a_limit_that_is_emptied_is_no_rule(project):
    form = ProtocolForm(
        questions_of(project), document([EFFUSION, GRADE]), posted(project, grade__limit=None, grade__method="majority")
    )
    assert form.is_valid(), form.errors
    policy = form.document()["questions"]["grade"]
    assert (policy["method"], policy["rules"]) == ("majority", {"no_majority": {}})


def test_the_lead_sees_what_a_change_does_before_it_is_in_force(project, cast):
    for user, said in ((cast.ada, "yes"), (cast.ben, "no")):
        read(project, user, "case-1", effusion=code(said), grade=level(2))
    work()
    client = cast.client("mira")
    address = reverse("protocol", args=[project.slug])
    before = current_protocol(project)
    shown = client.post(address, {**posted(project, grade__limit="0"), "do": "preview"}, HTTP_HX_REQUEST="true")
    text = " ".join(re.sub(r"<[^>]+>", " ", shown.content.decode()).split())
    assert "questions › grade › rules › low agreement › maximum 1 0.0" in text
    assert "Severity 1 0 0" in text
    assert "Effusion 0 1 0" not in text
    assert "1 case read so far" in text
    assert current_protocol(project) == before


def test_a_change_says_why_and_is_a_new_version(project, cast):
    client = cast.client("mira")
    address = reverse("protocol", args=[project.slug])
    asked = {**posted(project, audit_share="10", audit_minimum="5"), "do": "adopt"}
    refused = client.post(address, asked)
    assert "Say in a sentence why" in refused.content.decode()
    assert current_protocol(project).number == 1
    done = client.post(address, {**asked, "reason": "The first round is closed."}, follow=True)
    assert "Version 2 of the protocol is in force" in done.content.decode()
    assert "The first round is closed." in done.content.decode()
    assert current_protocol(project).document["audit"] == {"share": 0.1, "minimum": 5}


def test_what_cannot_be_carried_out_is_said_at_its_field_and_changes_nothing(project, cast):
    client = cast.client("mira")
    address = reverse("protocol", args=[project.slug])
    even = client.post(address, {**posted(project, panel_seats="4"), "do": "adopt", "reason": "Because."})
    assert "odd number of members" in even.content.decode()
    three = client.post(address, {**posted(project, seats="3"), "do": "adopt", "reason": "Because."})
    assert "exactly two seats" in three.content.decode()
    assert current_protocol(project).number == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [("{", "This is no JSON"), ("[]", "A JSON object is needed"), ('{"protocol": "dance"}', "is not one of")],
)
def test_json_that_is_no_protocol_is_refused(project, cast, text, says):
    answer = cast.client("mira").post(reverse("protocol", args=[project.slug]), {"document": text, "do": "adopt"})
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert current_protocol(project).number == 1


def test_json_puts_a_protocol_in_force(project, cast):
    wanted = {**document([EFFUSION, GRADE]), "look_first": True}
    sent = {"document": json.dumps(wanted), "do": "adopt", "reason": "Anchoring."}
    cast.client("mira").post(reverse("protocol", args=[project.slug]), sent)
    assert current_protocol(project).document == wanted


def test_a_project_without_a_protocol_starts_from_a_proposal(cast):
    project = intake.open_project(actor=cast.mira, new=intake.NewProject("bare", "Bare"))
    client = cast.client("mira")
    assert "publish the questions first" in client.get(reverse("protocol", args=["bare"])).content.decode()
    intake.publish_schema(actor=cast.mira, project=project, questions=[EFFUSION])
    page = client.get(reverse("protocol", args=["bare"])).content.decode()
    assert "this is one to start from" in page
    client.post(reverse("protocol", args=["bare"]), {**posted(project, proposed(questions_of(project))), "do": "adopt"})
    assert current_protocol(project).number == 1


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_protocol_draws_its_flow(name):
    made = {"protocol": name, "seats": 2, "most": 5, "look_first": True, "panel": {"seats": 3, "rounds": 2},
            "audit": {"share": 0.05, "minimum": 50}}  # fmt: skip
    stages = flow_of(PROTOCOLS[name], made)
    assert stages[0].title.startswith(("2 readers read every case", "1 reader reads", "3 readers read every case"))
    assert [stage.title for stage in stages][-3:] == [
        "A physician looks at the images first, then decides and signs",
        "3 physicians cast up to 2 votes, unseen",
        "Audit: 5 % of the closed cases, 50 at least, read once more",
    ]
    chart = protocol_page.picture(made)
    assert all(stage.title in chart.description for stage in stages)


def test_two_documents_differ_member_by_member():
    before = {"seats": 2, "panel": {"seats": 3}, "questions": {"a": {"method": "majority"}}}
    after = {"seats": 3, "questions": {"a": {"method": "plurality"}}, "audit": {"share": 0.1}}
    found = [(one.where, one.before, one.after) for one in protocol_page.changes(before, after)]
    assert found == [
        ("audit", "", "share 0.1"),
        ("panel", "seats 3", ""),
        ("questions › a › method", "majority", "plurality"),
        ("seats", "2", "3"),
    ]
