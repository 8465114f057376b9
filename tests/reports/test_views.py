import csv
import io

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations import due, intake
from annotations.models import Case
from qc.models import AgreementResult
from reports.models import GoldRelease
from tests.access.world import build
from tests.factories import PASSWORD, study, work
from tests.personas import PEOPLE

pytestmark = pytest.mark.django_db
BUDGET = 20


@pytest.fixture
def world(db):
    return build()


@pytest.fixture
def mira(client, world):
    client.force_login(world.cast.mira)
    return client


def path(world, name):
    slug = world.project.slug
    more = {
        "agreement-question": ["lesion"],
        "case": [world.case("case-1").public_id],
        "release": [world.release.number],
        "release-package": [world.release.number],
    }
    return reverse(name, args=[slug, *more.get(name, [])])


#                                        mira ada  ben  chen vera oz   root nobody
ROWS = {
    "overview": "200  200  200  200  200  404  200  302",
    "progress": "200  200  200  200  200  404  200  302",
    "project-row": "200  200  200  200  200  404  200  302",
    "agreement": "200  403  403  403  403  404  403  302",
    "agreement-question": "200  403  403  403  403  404  403  302",
    "case": "200  403  403  403  403  404  403  302",
    "queue": "200  403  403  200  403  404  403  302",
    "releases": "200  403  403  403  200  404  403  302",
    "release": "200  403  403  403  200  404  403  302",
    "release-package": "200  403  403  403  200  404  403  302",
}


@pytest.mark.parametrize("name", ROWS)
def test_every_page_answers_every_person_as_the_matrix_says(world, name):
    answers = {who: world.cast.client(who).get(path(world, name), headers={"Accept": "text/html"}) for who in PEOPLE}
    assert [answers[who].status_code for who in PEOPLE] == [int(code) for code in ROWS[name].split()]
    for answer in answers.values():
        assert answer.streaming or b"UNDEFINED&lt;" not in answer.content
        assert answer.streaming or b"UNDEFINED<" not in answer.content
        answer.close()


@pytest.mark.parametrize("name", [name for name in ROWS if name != "release-package"])
def test_a_page_asks_the_database_little(world, name):
    # The pages ask as often for one case as for a thousand: no count here depends on the data.
    client = world.cast.client("chen" if name == "queue" else "mira")
    address = path(world, name)
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    assert len(queries) <= BUDGET, "\n".join(query["sql"][:150] for query in queries.captured_queries)


def test_the_list_asks_as_often_for_one_project_as_for_many(world):
    client = world.cast.client("mira")

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("projects")).status_code == 200
        return len(queries)

    before = count()
    for number in range(3):
        study(world.cast.mira, {}, slug=f"more-{number}")
    assert count() == before


def test_nobody_without_a_project_sees_why(client, cast):
    client.force_login(cast.vera)
    assert "No project is open to you yet" in client.get(reverse("projects")).content.decode()


def test_the_ledger_on_the_page_adds_up(mira, world):
    text = " ".join(mira.get(path(world, "overview")).content.decode().split())
    assert "2 auto-accepted" in text
    assert "2 in dispute" in text
    assert "4 collecting" in text
    assert "= <b>8</b>" in text


def test_an_adjudicators_overview_holds_no_ledger_and_no_name(world):
    text = world.cast.client("chen").get(path(world, "overview")).content.decode()
    assert "2 disputes wait for you" in text
    assert "Where every cell stands" not in text
    assert "reader-aquila" not in text


def test_an_import_names_each_problem_by_line_and_field(mira, world):
    text = mira.get(path(world, "overview")).content.decode()
    assert "reads.csv" in text
    assert "1 answer taken" in text


def test_progress_refreshes_the_page_once_the_work_is_done(mira, world):
    due.mark(Case.objects.filter(project=world.project))
    busy = mira.get(path(world, "progress"))
    assert "HX-Refresh" not in busy.headers
    assert 'hx-trigger="every 2s"' in busy.content.decode()
    assert "stale" not in mira.get(path(world, "agreement")).content.decode()
    assert "cases have changed since" in mira.get(path(world, "agreement")).content.decode()
    work()
    assert mira.get(path(world, "progress")).headers["HX-Refresh"] == "true"


def test_a_stuck_case_is_said(mira, world):
    Case.objects.filter(project=world.project, key="case-1").update(
        due_at=world.dispute.opened_at, attempts=Case.attempt_limit
    )
    assert "1 case could not be evaluated" in mira.get(path(world, "progress")).content.decode()


def test_a_project_without_cases_says_what_is_missing(client, cast):
    study(cast.mira, {}, slug="empty", n_cases=0)
    client.force_login(cast.mira)
    assert "Before the first read" in client.get(reverse("overview", args=["empty"])).content.decode()
    assert "Nothing can be compared yet" in client.get(reverse("agreement", args=["empty"])).content.decode()
    assert "Nothing is released yet" in client.get(reverse("releases", args=["empty"])).content.decode()


def rows_of(answer):
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_the_csv_holds_the_numbers_that_the_page_rounds(mira, world):
    rows = rows_of(mira.get(path(world, "agreement"), {"format": "csv"}))
    stored = AgreementResult.objects.get(
        evaluation__project=world.project, question__code="lesion", statistic="dice", population="all"
    )
    [row] = [row for row in rows if (row["question"], row["statistic"]) == ("lesion", "dice")]
    assert float(row["value"]) == stored.estimate["value"]
    panel = rows_of(mira.get(path(world, "agreement-question"), {"format": "csv"}))
    assert {row["statistic"] for row in panel} >= {"dice", "iou"}
    units = rows_of(mira.get(path(world, "agreement-question"), {"format": "units"}))
    assert [row["case"] for row in units] == ["case-1", "case-2"]


def test_an_excluded_case_is_not_among_the_cases_behind_a_figure(mira, world):
    intake.exclude_case(actor=world.cast.mira, case=world.case("case-1"), reason="duplicate")
    units = rows_of(mira.get(path(world, "agreement-question"), {"format": "units"}))
    assert [row["case"] for row in units] == ["case-2"]


def test_a_question_that_is_not_there_is_not_found(mira, world):
    assert mira.get(reverse("agreement-question", args=[world.project.slug, "mood"])).status_code == 404


def test_a_case_of_another_project_is_not_found(mira, world):
    foreign = world.case("case-1", world.other)
    assert mira.get(reverse("case", args=[world.project.slug, foreign.public_id])).status_code == 404


def test_the_case_page_sets_the_reads_side_by_side(mira, world):
    text = mira.get(path(world, "case")).content.decode()
    for words in ("reader-aquila", "reader-borealis", "Present", "Absent", "in dispute", "Dispute opened"):
        assert words in text


def freeze(client, world, **more):
    body = {"note": "Second.", "password": PASSWORD, **more}
    return client.post(path(world, "releases"), body)


def test_freezing_the_same_content_again_says_which_release_has_it(mira, world):
    assert freeze(mira, world).status_code == 302
    work()
    assert "Same content as release 1" in mira.get(path(world, "releases")).content.decode()
    assert GoldRelease.objects.filter(project=world.project).count() == 1


def test_a_wrong_password_freezes_nothing(mira, world):
    assert "password is wrong" in freeze(mira, world, password="wrong").content.decode()
    assert GoldRelease.objects.filter(project=world.project).count() == 1


def test_a_vendor_reads_and_does_not_freeze(world):
    vera = world.cast.client("vera")
    assert vera.post(path(world, "releases"), {"note": "Mine.", "password": PASSWORD}).status_code == 403
    assert "Freeze release" not in vera.get(path(world, "releases")).content.decode()


def test_a_second_release_shows_what_changed(mira, world):
    intake.exclude_case(actor=world.cast.mira, case=world.case("case-2"), reason="duplicate")
    work()
    made = freeze(mira, world)
    assert made.status_code == 302, made.content.decode()
    work()
    text = mira.get(reverse("release", args=[world.project.slug, 2])).content.decode()
    assert "Since <a" in text
    assert "exclusion" in text


def test_the_package_is_a_file_to_keep(mira, world):
    cache.clear()
    answer = mira.get(path(world, "release-package"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="study-release-1.zip"'
    assert b"".join(answer.streaming_content).startswith(b"PK")
    answer.close()
