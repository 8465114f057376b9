"""Readers who are asked because others differ: they settle, and never count in the agreement."""

import pytest

from annotations import assignment, intake
from annotations.models import Assignment
from qc import evaluation
from qc.models import AgreementResult, ConsensusResult, Dispute
from qc.selectors import ledger
from tests.factories import EFFUSION, MAJORITY, code, person, read, work

N_OF_M = {
    "method": "n_of_m",
    "method_parameters": {"positive": "yes", "negative": "no", "panel": 5, "quorum": [3, 1]},
    "rules": {"no_majority": {}},
}


def project_of(cast, readers, document):
    project = intake.open_project(actor=cast.mira, new=intake.NewProject(slug="study", name="A study"))
    intake.publish_schema(actor=cast.mira, project=project, questions=[EFFUSION])
    cases = [intake.NewCase(f"case-{n}", f"p-{n}", {}, (1, 8, 8), (1.0, 1.0, 1.0), ("", ""), None) for n in range(1, 4)]
    intake.register_cases(actor=cast.mira, project=project, cases=cases)
    for name, user in readers.items():
        intake.set_role(actor=cast.mira, project=project, user=user, role="annotator")
        intake.register_reader(actor=cast.mira, project=project, code=name, user=user)
    base = {"seats": 2, "minimum": 2, "tie": "refer"}
    evaluation.adopt_protocol(actor=cast.mira, project=project, document={**base, **document})
    work()
    return project


def answer(project, case, says):
    """Let every reader who is asked and has not finished answer, by the order of the codes."""
    seats = Assignment.objects.filter(case__project=project, case__key=case, finished_at__isnull=True)
    for seat in seats.order_by("round", "reader__code"):
        read(project, seat.reader.user, case, effusion=code(says.pop(0)))
    work()


def seats(project, case):
    rows = Assignment.objects.filter(case__project=project, case__key=case)
    return sorted(rows.values_list("round", flat=True))


def state(project, case):
    found = ConsensusResult.objects.filter(case__key=case).latest("pk")
    return found.verdict, found.label and found.label["code"], Dispute.objects.filter(case__key=case).count()


@pytest.fixture
def third(cast):
    readers = {f"R-{n}": person(f"reader{n}") for n in range(3)}
    document = {"protocol": "third_reader", "questions": {"effusion": MAJORITY}}
    return project_of(cast, readers, document)


def test_a_third_reader_is_asked_only_where_two_differ(third):
    answer(third, "case-1", ["yes", "yes"])
    assert seats(third, "case-1") == [1, 1]
    assert state(third, "case-1") == ("accept", "yes", 0)
    answer(third, "case-2", ["yes", "no"])
    assert seats(third, "case-2") == [1, 1, 2]
    # Nobody is troubled while the third reader reads, and the cell says so.
    assert state(third, "case-2") == ("refer", None, 0)
    book = ledger(third)
    assert book.is_closed
    assert book.collecting_why == {"waits for a further reader": 1, "reads outstanding": 1}
    answer(third, "case-2", ["no"])
    assert state(third, "case-2") == ("accept", "no", 0)


def test_the_third_reader_never_counts_in_the_agreement(third):
    answer(third, "case-1", ["yes", "yes"])
    answer(third, "case-2", ["yes", "no"])
    answer(third, "case-2", ["no"])
    run = third.evaluations.filter(case__isnull=True).latest("pk")
    percent = AgreementResult.objects.get(evaluation=run, statistic="percent", population="all", pair=[]).estimate
    # One of two cases agrees; with the third reader it would be (1 + 1/3) / 2.
    assert percent["value"] == pytest.approx(0.5)
    found = ConsensusResult.objects.filter(case__key="case-2").latest("pk")
    assert len(found.details["codes"]) == 3
    assert len(found.details["block"]["codes"]) == 2


def test_where_nobody_is_left_to_ask_a_physician_is(cast):
    readers = {f"R-{n}": person(f"reader{n}") for n in range(2)}
    project = project_of(cast, readers, {"protocol": "third_reader", "questions": {"effusion": MAJORITY}})
    answer(project, "case-1", ["yes", "no"])
    assert seats(project, "case-1") == [1, 1]
    assert state(project, "case-1") == ("refer", None, 1)
    assert ledger(project).counts["in_dispute"] == 1


@pytest.fixture
def quorum(cast):
    readers = {f"R-{n}": person(f"reader{n}") for n in range(6)}
    document = {"protocol": "early_stop", "seats": 3, "most": 5, "questions": {"effusion": N_OF_M}}
    return project_of(cast, readers, document)


def test_a_quorum_stops_as_soon_as_no_answer_can_change_it(quorum):
    answer(quorum, "case-1", ["yes", "yes", "yes"])
    assert seats(quorum, "case-1") == [1, 1, 1]
    assert state(quorum, "case-1")[:2] == ("accept", "yes")
    # One yes and two no: two further no answers would decide, or two yes; both are asked for at once.
    answer(quorum, "case-2", ["yes", "no", "no"])
    assert seats(quorum, "case-2") in ([1, 1, 1, 2], [1, 1, 1, 2, 2])
    while Assignment.objects.filter(case__key="case-2", finished_at__isnull=True).exists():
        answer(quorum, "case-2", ["no"] * 3)
    assert len(seats(quorum, "case-2")) <= 5
    assert state(quorum, "case-2")[:2] == ("accept", "no")


def test_the_band_of_a_quorum_is_a_dispute(quorum):
    answer(quorum, "case-3", ["yes", "yes", "no"])
    while Assignment.objects.filter(case__key="case-3", finished_at__isnull=True).exists():
        answer(quorum, "case-3", ["no"] * 3)
    # Two yes of five lie between three (positive) and one (negative).
    assert state(quorum, "case-3") == ("refer", None, 1)
    assert ledger(quorum).is_closed


def test_every_case_goes_to_a_physician_by_design(cast):
    readers = {f"R-{n}": person(f"reader{n}") for n in range(2)}
    policy = {"method": "majority", "rules": {"by_design": {}, "no_majority": {}}}
    document = {"protocol": "majority_panel", "questions": {"effusion": policy}}
    project = project_of(cast, readers, document)
    answer(project, "case-1", ["yes", "yes"])
    dispute = Dispute.objects.get()
    assert (dispute.cause, dispute.explanation) == ("by-design", "The protocol asks a physician in every case.")
    assert dispute.result.label == code("yes")


def test_readers_who_were_asked_twice_are_kept_apart_by_round(third, cast):
    case = third.cases.get(key="case-1")
    other = third.readers.exclude(assignments__case=case).get()
    assignment.assign_readers(actor=cast.mira, project=third, cases=[case], readers=[other], round=2)
    answer(third, "case-1", ["yes", "yes", "no"])
    found = ConsensusResult.objects.filter(case__key="case-1").latest("pk")
    assert found.label == code("yes")
