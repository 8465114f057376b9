import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse

from annotations import locking
from annotations.models import Assignment
from qc.models import Dispute
from qc.selectors import newest_run
from reports import history, outlook
from tests.factories import code, read, study, work
from tests.personas import ADA, BEN, CODES

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(cast):
    return study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, n_cases=40)


def read_on(cast, project, number, days_ago, *, same=True, minutes=3):
    """Two people read a case so many days ago; each takes so many minutes."""
    case = f"case-{number}"
    read(project, cast.ada, case, effusion=code("yes" if number % 2 else "no"))
    read(project, cast.ben, case, effusion=code("yes" if (number % 2) == same else "no"))
    moment = locking.now() - timedelta(days=days_ago)
    Assignment.objects.filter(case__project=project, case__key=case).update(finished_at=moment)
    return case


def table(answer):
    return {row["what"]: row for row in csv.DictReader(io.StringIO(answer.content.decode()))}


def test_the_forecast_is_the_same_on_the_page_in_the_csv_and_over_the_api(cast, project):
    for number in range(1, 31):
        read_on(cast, project, number, 31 - number)
    work()
    client, address = cast.client("mira"), reverse("outlook", args=[project.slug])
    found = outlook.finish_of(project)
    assert (found.numbers.n_left, found.numbers.n_reads, found.numbers.n_days) == (20, 60, 30)
    assert (found.numbers.days, found.numbers.low, found.numbers.high) == (10.0, 10.0, 10.0)
    assert found.on == locking.now().date() + timedelta(days=10)
    page = client.get(address).content.decode()
    assert f"{found.on.day} {found.on:%b %Y}" in page
    assert float(table(client.get(address + "?format=csv"))["days_left"]["value"]) == 10.0
    body = client.get(reverse("api-outlook", args=[project.slug])).json()
    assert body["finish"]["on"] == found.on.isoformat()
    assert body["effort"]["cost"] is None


def test_too_few_days_are_no_forecast(cast, project):
    read_on(cast, project, 1, 1)
    work()
    page = cast.client("mira").get(reverse("outlook", args=[project.slug])).content.decode()
    assert "No forecast: it takes 14 days and 20 readings made here" in page


def test_a_case_whose_time_nobody_knows_is_left_out_and_counted(cast, project):
    for number in range(1, 21):
        read_on(cast, project, number, 1)
    work()
    found = outlook.effort_of(project, 60.0, 120.0)
    assert (found.n_settled, found.n_untimed, found.reading.n_units) == (20, 20, 0)
    assert found.reading.undefined == "too_few_items"


def test_times_add_up_over_the_readers_of_a_case(cast, project):
    from annotations import submission

    for number in range(1, 13):
        for user in (cast.ada, cast.ben):
            reader = project.readers.get(user=user)
            answer = submission.NewAnswer(
                f"case-{number}", reader.code, "effusion", code("yes"), seconds=60.0 * (1 + number % 3)
            )
            submission.submit_answers(actor=user, project=project, answers=[answer])
            seat = Assignment.objects.get(case__key=f"case-{number}", reader=reader)
            submission.finish_reading(actor=user, assignment=seat)
    work()
    found = outlook.effort_of(project, 60.0, 120.0)
    assert (found.n_settled, found.n_untimed) == (12, 0)
    assert found.reading.value == pytest.approx(4.0)
    assert found.reading.low < 4.0 < found.reading.high
    assert found.deciding.value == 0.0
    assert found.cost.value == pytest.approx(4.0)
    body = cast.client("mira").get(reverse("api-outlook", args=[project.slug]) + "?reader=60&physician=120").json()
    assert body["effort"]["cost"]["value"] == pytest.approx(4.0)


@pytest.mark.parametrize("text", ["", "much", "-1", "nan", "1e9"])
def test_what_is_no_amount_is_no_rate(text):
    assert outlook.rate_of(text) is None


def test_rules_speak_with_their_reason_and_the_way_out(cast, project):
    for number in range(1, 31):
        read_on(cast, project, number, 60 - number, same=number % 2 == 0)
    work()
    Dispute.objects.filter(project=project).update(opened_at=locking.now() - timedelta(days=20))
    finish = outlook.finish_of(project)
    found = {one.code: one for one in outlook.alerts_of(project, newest_run(project), finish)}
    assert set(found) >= {"dispute-waits", "nobody-reads", "low-agreement"}
    assert "even its upper bound" in found["low-agreement"].reason
    page = cast.client("mira").get(reverse("outlook", args=[project.slug])).content.decode()
    assert all(one.href in page for one in found.values())
    fragment = cast.client("mira").get(reverse("outlook", args=[project.slug]), headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()


def test_a_calm_project_has_no_alert(cast, project):
    for number in range(1, 41):
        read_on(cast, project, number, 41 - number)
    work()
    assert outlook.alerts_of(project, newest_run(project), outlook.finish_of(project)) == ()


def test_agreement_by_month_says_which_month_differs(cast, project):
    for number in range(1, 41):
        read_on(cast, project, number, 100 if number <= 20 else 1, same=number <= 20 or number % 4 == 0)
    work()
    question = project.schemas.get().questions.get()
    [found] = history.histories_of(project, question)
    assert found.by == "month"
    assert [one.mean.n_units for one in found.periods] == [20, 20]
    assert found.periods[0].mean.value == 1.0
    assert found.periods[1].mean.value == pytest.approx(0.25)
    assert "after Holm's correction" in found.sentence
    assert "Readers agree more in" in found.sentence
    address = reverse("history", args=[project.slug, "effusion"])
    page = cast.client("mira").get(address).content.decode()
    assert "0.250" in page
    sheet = list(csv.DictReader(io.StringIO(cast.client("mira").get(address + "?format=csv").content.decode())))
    body = cast.client("mira").get(reverse("api-history", args=[project.slug, "effusion"])).json()
    assert [float(row["mean"]) for row in sheet] == [one["mean"]["value"] for one in body["items"][0]["periods"]]


def test_one_month_is_no_history(cast, project):
    for number in range(1, 13):
        read_on(cast, project, number, 1)
    work()
    page = cast.client("mira").get(reverse("history", args=[project.slug, "effusion"])).content.decode()
    assert "There is one period only" in page


def test_a_rare_answer_that_lowers_alpha_alarms_nobody(cast):
    project = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, slug="rare", n_cases=120)
    for number in range(1, 121):
        read(project, cast.ada, f"case-{number}", effusion=code("yes" if number in (1, 2) else "no"))
        read(project, cast.ben, f"case-{number}", effusion=code("yes" if number in (3, 4) else "no"))
    work()
    run = newest_run(project)
    alpha = run.agreement.get(statistic="krippendorff_alpha", population="all")
    assert alpha.estimate["high"] < 0.667
    assert "low-agreement" not in {one.code for one in outlook.alerts_of(project, run, outlook.finish_of(project))}
