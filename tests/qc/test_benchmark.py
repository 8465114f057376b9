"""Readers without a vote: drawn before the first read, or models; measured by the truth and never part of it."""

import pytest
from django.urls import reverse

from annotations import assignment, intake, submission
from annotations.errors import Conflict, InvalidInput
from annotations.models import Assignment, Purpose
from qc import evaluation
from qc.models import ReaderResult
from qc.selectors import ledger, newest_run
from tests.factories import EFFUSION, LESION, box_mask, code, document, read, study, work
from tests.personas import ADA, BEN, CODES

N_CASES = 24


@pytest.fixture
def project(cast):
    return study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=[EFFUSION, LESION], n_cases=N_CASES)


def truth(number):
    return "yes" if number % 2 else "no"


def mask(shift=0):
    return box_mask(0, 2, 2, 12, 2 + shift, 12 + shift)


def read_all(project, cast):
    for number in range(1, N_CASES + 1):
        for user in (cast.ada, cast.ben):
            read(project, user, f"case-{number}", effusion=code(truth(number)), lesion=mask())
    work()


def add(project, cast, name, *, user, kind="human", reads_for="truth"):
    intake.set_role(actor=cast.mira, project=project, user=user, role="annotator")
    reader = intake.register_reader(actor=cast.mira, project=project, code=name, user=user, kind=kind)
    reader.reads_for = reads_for
    reader.save()
    assignment.assign_readers(actor=cast.mira, project=project, cases=list(project.cases.all()), readers=[reader])
    return reader


def results(project, name, against="settled"):
    rows = ReaderResult.objects.filter(evaluation=newest_run(project), reader__code=name, against=against)
    return {(row.question.code, row.statistic, row.part): row.result for row in rows.select_related("question")}


def test_a_model_has_no_vote_and_is_measured_by_what_people_settle(project, cast):
    add(project, cast, "net-1", user=cast.vera, kind="model")
    read_all(project, cast)
    before = ledger(project).counts
    assert before["auto_accepted"] == 2 * N_CASES
    for number in range(1, 21):
        wrong = number in (2, 4, 5)
        said = {"yes": "no", "no": "yes"}[truth(number)] if wrong else truth(number)
        read(project, cast.vera, f"case-{number}", effusion=code(said), lesion=mask(2))
    work()
    assert ledger(project).counts == before
    found = results(project, "net-1")
    accuracy = found["effusion", "accuracy", "accuracy"]
    assert (accuracy["value"], accuracy["n_units"]) == (17 / 20, 20)
    assert found["effusion", "accuracy", "sensitivity:yes"]["value"] == 9 / 10
    assert found["lesion", "dice", ""]["value"] == pytest.approx(0.8)
    # It stands in nobody else's truth either.
    agreement = newest_run(project).agreement.get(question__code="effusion", statistic="percent", population="all")
    assert agreement.estimate["n_raters"] == 2


def test_with_a_vote_a_model_is_a_reader(project, cast):
    add(project, cast, "net-1", user=cast.vera, kind="model")
    policy = {**document([EFFUSION, LESION], seats=3), "model_votes": True}
    evaluation.adopt_protocol(actor=cast.mira, project=project, document=policy)
    read_all(project, cast)
    assert ledger(project).counts["collecting"] == 2 * N_CASES
    read(project, cast.vera, "case-1", effusion=code("no"), lesion=mask())
    work()
    assert ledger(project).counts["auto_accepted"] == 2
    assert not results(project, "net-1")


def test_a_benchmark_is_drawn_once_before_anybody_has_read_and_leaves_two(project, cast):
    add(project, cast, "r-3", user=cast.vera)
    with pytest.raises(InvalidInput) as caught:
        assignment.draw_benchmark(actor=cast.mira, project=project, n_readers=2)
    assert caught.value.errors[0]["code"] == "out-of-range"
    (drawn,) = assignment.draw_benchmark(actor=cast.mira, project=project, n_readers=1)
    purposes = Assignment.objects.filter(reader=drawn).values_list("purpose", flat=True)
    assert set(purposes) == {Purpose.BENCHMARK}
    with pytest.raises(Conflict):
        assignment.draw_benchmark(actor=cast.mira, project=project, n_readers=1)


def test_after_the_first_read_no_benchmark_is_drawn(project, cast):
    add(project, cast, "r-3", user=cast.vera)
    read(project, cast.ada, "case-1", effusion=code("yes"), lesion=mask())
    with pytest.raises(Conflict, match="before anything is answered"):
        assignment.draw_benchmark(actor=cast.mira, project=project, n_readers=1)


def test_a_benchmark_reader_settles_nothing_and_is_never_asked_further(project, cast):
    reader = add(project, cast, "r-3", user=cast.vera, reads_for=Purpose.BENCHMARK)
    read_all(project, cast)
    for number in range(1, 5):
        read(project, cast.vera, f"case-{number}", effusion=code("no"), lesion=mask())
    work()
    assert ledger(project).counts["auto_accepted"] == 2 * N_CASES
    assert results(project, "r-3")["effusion", "accuracy", "accuracy"]["value"] == 0.5
    case = project.cases.first()
    assert reader not in assignment.free_readers(project=project, case=case, n_readers=None, seed=1)


def test_what_is_open_cannot_be_missed(project, cast):
    add(project, cast, "net-1", user=cast.vera, kind="model")
    for user, said in ((cast.ada, "yes"), (cast.ben, "no")):
        read(project, user, "case-1", effusion=code(said), lesion=mask())
    read(project, cast.vera, "case-1", effusion=code("yes"), lesion=mask())
    work()
    assert {question for question, *_ in results(project, "net-1")} == {"lesion"}


def test_over_the_api(project, cast, client):
    add(project, cast, "r-3", user=cast.vera)
    client.force_login(cast.mira)
    address = reverse("api-benchmark", args=[project.slug])
    made = client.post(address, {"n_readers": 1}, content_type="application/json")
    assert made.status_code == 201
    assert len(made.json()["readers"]) == 1
    assert client.post(address, {"n_readers": 1}, content_type="application/json").status_code == 409


def test_a_seat_of_a_reader_without_a_vote_can_take_its_answers(project, cast):
    add(project, cast, "net-1", user=cast.vera, kind="model")
    answer = submission.NewAnswer("case-1", "net-1", "effusion", code("yes"))
    assert submission.submit_answers(actor=cast.vera, project=project, answers=[answer])
