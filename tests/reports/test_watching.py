import csv
import io

import pytest
from django.urls import reverse

from annotations import submission
from annotations.errors import Conflict, InvalidInput
from annotations.models import AuditEvent, Project, Reader
from qc.selectors import newest_run
from qc.settling.judging import suspect_window
from reports import own, readers, release, watching
from reports.errors import NoSuspectWindow
from tests.factories import code, read, study, work
from tests.personas import ADA, BEN, CODES, assemble

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told(standing):
    """Three people read forty cases; Ben errs in each of the last fifteen."""
    cast = assemble()
    people = {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben, "reader-cygnus": cast.vera}
    project = study(cast.mira, people, n_cases=41)
    for number in range(1, 41):
        for user in people.values():
            yes = (number % 2 == 1) != (user == cast.ben and number > 25)
            answer = submission.NewAnswer(
                f"case-{number}",
                project.readers.get(user=user).code,
                "effusion",
                code("yes" if yes else "no"),
                seconds=30,
            )
            submission.submit_answers(actor=user, project=project, answers=[answer])
            seat = project.cases.get(key=f"case-{number}").assignments.get(reader__user=user)
            submission.finish_reading(actor=user, assignment=seat)
    work()
    return cast, project.pk


@pytest.fixture
def cast(told, db):
    return told[0].again()


@pytest.fixture
def project(told, db):
    return Project.objects.get(pk=told[1])


def ben(project):
    return Reader.objects.select_related("project").get(project=project, code=CODES[BEN])


def question(project):
    return project.schemas.get().questions.get()


def test_a_window_begins_where_the_sum_last_was_zero():
    assert suspect_window([0, 6, 5, 0, 6, 12, 18, 26, 32], [7, 8]) == (4, 8)
    assert suspect_window([6, 12, 26], [2]) == (0, 2)
    assert suspect_window([0, 6], []) is None


def test_a_reread_takes_the_window_and_tells_nothing_by_its_order(cast, project):
    event = watching.decide(
        actor=cast.mira,
        reader=ben(project),
        what="reread_proposed",
        reason="Errors pile up.",
        question=question(project),
    )
    cases = event.body["cases"]
    assert set(cases) == {f"case-{number}" for number in range(26, 41)}
    assert cases != sorted(cases)
    assert event.body["measured"] == newest_run(project).input_digest
    [decided] = watching.decisions_about(project, CODES[BEN])
    assert (decided.what, decided.cases) == ("blind re-read proposed", tuple(cases))


def test_a_reader_without_a_signal_has_no_window(cast, project):
    ada = Reader.objects.get(project=project, code=CODES[ADA])
    before = AuditEvent.objects.count()
    with pytest.raises(NoSuspectWindow):
        watching.decide(
            actor=cast.mira, reader=ada, what="reread_proposed", reason="To be sure.", question=question(project)
        )
    assert AuditEvent.objects.count() == before
    answer = cast.client("mira").post(
        reverse("api-reader-decisions", args=[project.slug, CODES[ADA]]),
        {"what": "reread_proposed", "reason": "To be sure.", "question": "effusion"},
        format="json",
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "no-suspect-window")


def test_a_paused_reader_gets_no_case_and_can_resume(cast, project):
    read(project, cast.ada, "case-41", effusion=code("yes"))
    watching.decide(actor=cast.mira, reader=ben(project), what="paused", reason="On leave.")
    assert ben(project).deactivated_at is not None
    body = cast.client("ben").get(reverse("api-worklist", args=[project.slug])).json()
    assert body["items"] == []
    with pytest.raises(Conflict):
        watching.decide(actor=cast.mira, reader=ben(project), what="paused", reason="Again.")
    watching.decide(actor=cast.mira, reader=ben(project), what="resumed", reason="Back.")
    assert len(cast.client("ben").get(reverse("api-worklist", args=[project.slug])).json()["items"]) == 1
    assert [one.what for one in watching.decisions_about(project, CODES[BEN])] == ["resumed", "paused"]


@pytest.mark.parametrize(
    ("what", "reason", "pointer"),
    [("paused", "  ", "#/reason"), ("fired", "Because.", "#/what"), ("reread_proposed", "Because.", "#/question")],
)
def test_what_is_not_whole_changes_nothing(cast, project, what, reason, pointer):
    before = AuditEvent.objects.count()
    with pytest.raises(InvalidInput) as refused:
        watching.decide(actor=cast.mira, reader=ben(project), what=what, reason=reason)
    assert refused.value.errors[0]["pointer"] == pointer
    assert AuditEvent.objects.count() == before
    assert ben(project).deactivated_at is None


def test_the_page_records_and_shows_a_decision(cast, project):
    client = cast.client("mira")
    address = reverse("reader-decide", args=[project.slug, CODES[BEN]])
    answer = client.post(address, {"what": "retraining_asked", "reason": "Look at small ones."})
    assert answer.status_code == 302
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Look at small ones." in page
    assert "Retraining asked for" in page


def test_requirements_are_the_same_on_page_csv_and_api(cast, project):
    client, address = cast.client("mira"), reverse("requirements", args=[project.slug])
    items = client.get(reverse("api-requirements", args=[project.slug])).json()["items"]
    rows = list(csv.DictReader(io.StringIO(client.get(address + "?format=csv").content.decode())))
    assert [row["verdict"] for row in rows] == [one["verdict"] for one in items]
    by_code = {row["reader"]: row for row in rows}
    assert by_code[CODES[BEN]]["verdict"] == "fails"
    assert float(by_code[CODES[BEN]]["value"]) == pytest.approx(25 / 40)
    assert by_code[CODES[BEN]]["worst_label"] in {"Present", "Absent"}
    page = client.get(address).content.decode()
    assert "fails" in page
    assert "0.625" in page


def test_too_few_is_neither_passed_nor_failed():
    one = {"value": 0.9, "low": 0.6, "high": 0.99, "n_units": 40}
    assert readers.verdict_of(one, 0.8) == "too few to say"


def test_a_readers_own_page_opens_with_the_first_release_and_names_nobody_else(cast, project):
    client, address = cast.client("ben"), reverse("own", args=[project.slug])
    assert "Nothing is released yet" in client.get(address).content.decode()
    read(project, cast.ada, "case-41", effusion=code("yes"))
    read(project, cast.ben, "case-41", effusion=code("yes"))
    read(project, cast.vera, "case-41", effusion=code("yes"))
    work()
    release.freeze_release(actor=cast.mira, project=project, note="First.")
    work()
    page = client.get(address).content.decode()
    assert "case-26" in page
    assert CODES[ADA] not in page
    assert "reader-cygnus" not in page
    view = own.own_page(project, ben(project))
    assert (len(view.lessons), view.n_compared, view.n_same) == (15, 41, 26)
    assert (view.lessons[0].own, view.lessons[0].gold) == ("Present", "Absent")
    assert cast.client("mira").get(address).status_code == 403
