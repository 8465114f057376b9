"""Ready-made protocols walked through with real people: a recall that is confirmed, a panel by design, a benchmark."""

import pytest
from django.urls import reverse

from annotations import assignment, intake
from annotations.intake import NewQuestion
from annotations.models import Assignment, Reader
from qc import evaluation
from qc.errors import InvalidProtocol
from qc.models import Dispute, ReaderResult
from qc.protocols.base import flow_of
from qc.registry import PROTOCOLS
from qc.selectors import ledger
from reports.protocol_form import ProtocolForm, initial_of
from tests.factories import EFFUSION, MAJORITY, NODULE, POLICIES, code, person, read, square, study, work
from tests.qc.test_extra_readers import answer, project_of, state
from tests.qc.test_panels_and_looks import physicians, vote
from tests.reports.verification.test_people_and_kinds import faults, package


def readers(number):
    return {f"R-{n}": person(f"reader{n}") for n in range(number)}


def test_a_recall_that_both_readers_give_is_confirmed_by_a_physician(cast, tmp_path):
    document = {"protocol": "mammography_double_reading", "arbitrate_concordant": ["yes"]}
    project = project_of(cast, readers(2), {**document, "questions": {"effusion": MAJORITY}})
    answer(project, "case-1", ["no", "no"])
    answer(project, "case-2", ["yes", "yes"])
    answer(project, "case-3", ["yes", "no"])
    assert state(project, "case-1") == ("accept", "no", 0)
    recall, differ = Dispute.objects.order_by("case__key")
    assert (recall.cause, recall.result.rule, recall.result.label) == ("by-design", "arbitrate_concordant", code("yes"))
    assert recall.explanation == "The readers agree, and the protocol asks a physician about this answer."
    assert (differ.cause, differ.seats) == ("class", 1)
    assert faults(package(cast, project, tmp_path)) == {}


@pytest.mark.parametrize("answers", [["maybe"], [], "yes", ["yes", "yes"]])
def test_answers_that_nobody_can_give_are_refused(cast, answers):
    document = {"protocol": "mammography_double_reading", "arbitrate_concordant": answers}
    with pytest.raises(InvalidProtocol) as caught:
        project_of(cast, readers(2), {**document, "questions": {"effusion": MAJORITY}})
    assert caught.value.errors[0]["pointer"].startswith("#/arbitrate_concordant")


VINDR = {"protocol": "vindr_three_plus_panel", "seats": 3, "questions": {"effusion": MAJORITY}}


def test_a_panel_decides_every_case_of_a_test_set(cast, tmp_path):
    document = {**VINDR, "profile": "test", "panel": {"seats": 3}}
    titles = [stage.title for stage in flow_of(PROTOCOLS[document["protocol"]], document)]
    assert titles == ["3 readers read every case, blind to one another", "3 physicians cast one vote, unseen"]
    project = project_of(cast, readers(3), document)
    answer(project, "case-1", ["yes", "yes", "yes"])
    dispute = Dispute.objects.get()
    assert (dispute.cause, dispute.seats, dispute.referred_by) == ("by-design", 3, None)
    for doctor, says in zip(physicians(cast, project, 3), ("yes", "no", "no"), strict=True):
        vote(doctor, dispute, says)
    work()
    assert ledger(project).counts["panel"] == 1
    assert faults(package(cast, project, tmp_path)) == {}


def test_in_a_training_set_the_majority_stands_and_no_panel_meets(cast):
    project = project_of(cast, readers(3), {**VINDR, "profile": "train"})
    answer(project, "case-1", ["yes", "yes", "no"])
    assert state(project, "case-1") == ("accept", "yes", 0)


def test_that_nothing_is_there_goes_to_the_panel_too(cast):
    people = readers(3)
    project = study(cast.mira, people, questions=[NODULE])
    made = {**VINDR, "tie": "refer", "profile": "test", "panel": {"seats": 3}}
    made |= {
        "questions": {"nodule": POLICIES["nodule"]},
        "matching": {"method": "outline_distance", "tolerance_mm": 1.0},
    }
    evaluation.adopt_protocol(actor=cast.mira, project=project, document=made)
    marks = {"nodule__1": square(1, 2, 2, 6)}
    for place, user in enumerate(people.values()):
        read(project, user, "case-1", nodule={"kind": "nothing_found"})
        # Two of three saw nothing: the majority is that there is nothing.
        read(project, user, "case-2", **(marks if place == 0 else {"nodule": {"kind": "nothing_found"}}))
    work()
    causes = Dispute.objects.order_by("case__key").values_list("cause", "seats", "result__label")
    assert list(causes) == [("by-design", 3, {"kind": "nothing_found"})] * 2


@pytest.mark.parametrize(
    ("change", "pointer"), [({}, "#/profile"), ({"profile": "x"}, "#/profile"), ({"profile": "test"}, "#/panel")]
)
def test_a_test_set_without_a_panel_is_refused(cast, change, pointer):
    with pytest.raises(InvalidProtocol) as caught:
        project_of(cast, readers(3), {**VINDR, **change})
    assert caught.value.errors[0]["pointer"] == pointer


def test_benchmark_readers_are_drawn_first_and_measured_by_the_truth(cast):
    yes_no = NewQuestion("effusion", "Effusion", "category", "nominal", EFFUSION.definition)
    people = readers(4)
    project = study(cast.mira, people, questions=[yes_no], n_cases=2)
    document = {
        "protocol": "chexpert_truth_and_benchmark",
        "seats": 3,
        "tie": "refer",
        "benchmark": 1,
        "questions": {"effusion": MAJORITY},
    }
    with pytest.raises(InvalidProtocol) as caught:
        evaluation.adopt_protocol(actor=cast.mira, project=project, document=document)
    assert caught.value.errors[0]["pointer"] == "#/benchmark"
    (drawn,) = assignment.draw_benchmark(actor=cast.mira, project=project, n_readers=1)
    evaluation.adopt_protocol(actor=cast.mira, project=project, document=document)
    truth = [one.user for one in Reader.objects.filter(project=project).exclude(pk=drawn.pk)]
    for user in truth:
        read(project, user, "case-1", effusion=code("yes"))
    work()
    # The benchmark reader who has not read holds nothing up.
    assert state(project, "case-1") == ("accept", "yes", 0)
    read(project, drawn.user, "case-1", effusion=code("no"))
    work()
    assert state(project, "case-1") == ("accept", "yes", 0)
    accuracy = ReaderResult.objects.filter(reader=drawn, statistic="accuracy", part="accuracy").latest("pk")
    assert accuracy.result["value"] == 0.0
    assert set(Assignment.objects.filter(reader=drawn).values_list("purpose", flat=True)) == {"benchmark"}
    other = intake.register_reader(actor=cast.mira, project=project, code="R-9", user=person("reader9"))
    assert other.reads_for == "truth"


@pytest.mark.parametrize(
    "own",
    [
        {"protocol": "mammography_double_reading", "seats": 2, "arbitrate_concordant": ["yes", "no"]},
        {"protocol": "vindr_three_plus_panel", "seats": 3, "profile": "train"},
        {"protocol": "chexpert_truth_and_benchmark", "seats": 3, "benchmark": 2},
        {"protocol": "early_stop", "seats": 3, "most": 6},
    ],
)
def test_the_form_shows_and_keeps_what_only_one_protocol_knows(cast, own):
    project = study(cast.mira, {})
    questions = list(project.schemas.get().questions.all())
    document = {"tie": "refer", "questions": {"effusion": MAJORITY}, **own}
    values = {name: value for name, value in initial_of(questions, document).items() if value not in (None, False)}
    form = ProtocolForm(questions, {"questions": {"effusion": MAJORITY}}, values)
    assert form.is_valid(), form.errors
    assert form.document() == document


def test_what_is_wrong_with_it_stands_at_its_field(cast):
    project = study(cast.mira, {})
    posted = {"protocol": "mammography_double_reading", "seats": 2, "arbitrate_concordant": "yes, maybe", "do": "adopt"}
    page = cast.client("mira").post(reverse("protocol", args=[project.slug]), {**posted, "effusion-method": "majority"})
    assert "No question has the answer maybe." in page.content.decode()
