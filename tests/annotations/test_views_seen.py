import csv
import io

import pytest
from django.urls import reverse

from annotations import intake
from annotations.models import Exposure, Role
from annotations.views_seen import COLUMNS, plain_cell
from tests.access.world import build
from tests.personas import ADA, BEN, CODES

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    made = build()
    for annotation in made.dispute.case.annotations.filter(question=made.dispute.question):
        row = {"annotation": annotation, "viewer": made.cast.chen, "stage": "adjudication"}
        Exposure.objects.create(case=made.dispute.case, shown_at=annotation.created_at, **row)
    return made


def lines(answer):
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_the_lead_reads_who_was_shown_whose_answer_and_takes_it_home(client, world):
    client.force_login(world.cast.mira)
    text = client.get(reverse("seen", args=["study"])).content.decode()
    assert "Chen Weiming" in text and CODES[ADA] in text and CODES[BEN] in text
    head, *rows = lines(client.get(reverse("seen-file", args=["study"])))
    assert tuple(head) == COLUMNS
    assert {(row[1], row[2], row[4]) for row in rows} == {
        ("chen", "case-1", CODES[ADA]),
        ("chen", "case-1", CODES[BEN]),
    }


FILTERS = [
    ({"person": "chen"}, 2),
    ({"person": "mira"}, 0),
    ({"case": "case-1"}, 2),
    ({"case": "case-2"}, 0),
    ({"person": "chen", "case": "case-1"}, 2),
    ({"page": "99"}, 2),
    ({"case": "\0"}, 2),
    ({"person": "chen\0"}, 2),
]


def test_filters_hold_on_the_page_and_in_the_file(client, world):
    client.force_login(world.cast.mira)
    for query, n_rows in FILTERS:
        answer = client.get(reverse("seen", args=["study"]), query)
        assert len(answer.context["rows"]) == n_rows, query
        assert len(lines(client.get(reverse("seen-file", args=["study"]), query))) == n_rows + 1, query
        assert ("Download" in answer.content.decode()) is bool(n_rows), query


def test_another_project_lends_no_row(client, world):
    client.force_login(world.cast.oz)
    assert "Nobody was shown" in client.get(reverse("seen", args=["other"])).content.decode()


def test_an_administrator_who_reads_in_the_project_is_as_blind_as_everybody(client, world):
    client.force_login(world.cast.root)
    assert client.get(reverse("seen", args=["study"])).status_code == 200
    intake.set_role(actor=world.cast.mira, project=world.project, user=world.cast.root, role=Role.ADJUDICATOR)
    for name in ("seen", "seen-file"):
        assert client.get(reverse(name, args=["study"])).status_code == 403


def test_a_page_takes_few_queries_however_many_rows(client, world, django_assert_max_num_queries):
    client.force_login(world.cast.mira)
    with django_assert_max_num_queries(12):
        client.get(reverse("seen", args=["study"]))


@pytest.mark.parametrize(("cell", "written"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("case-1", "case-1"), ("", "")])
def test_no_cell_is_a_formula(cell, written):
    assert plain_cell(cell) == written
