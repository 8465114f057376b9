"""Nothing that is served to the adjudicator tells who read, when, where, or under which number."""

import gzip
import json
import re

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from annotations.models import Annotation
from annotations.tokens import make_token
from qc import adjudication, presentation
from qc.models import Dispute
from tests.access.world import build
from tests.factories import SHAPE, box_mask, code, read, work
from tests.personas import ADA, BEN, CODES, NAMES

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
QUERIES = 20


@pytest.fixture
def world(db):
    return build()


def served_to(client, world):
    """Return every answer that this person gets while working through the queue."""
    slug = world.project.slug
    paths = ["api-projects", "api-project", "api-schema", "api-protocol", "api-disputes"]
    answers = [client.get(reverse(name, args=[] if name == "api-projects" else [slug])) for name in paths]
    answers.append(client.post(reverse("api-claim", args=[slug, world.waiting.public_id])))
    for dispute in (world.dispute, world.waiting):
        answers.append(client.get(reverse("api-dispute", args=[slug, dispute.public_id])))
    answers.append(client.post(reverse("api-claim", args=[slug, world.foreign.public_id])))
    assert [answer.status_code for answer in answers] == [200] * 8 + [404]
    return answers


def traces(world):
    """Return every text that would tell a reader, a case, a place or a row."""
    project = world.project
    rows = Annotation.objects.filter(case__project=project)
    cases = project.cases.all()
    return {
        *CODES.values(),
        *(name for name in NAMES if name != "chen"),
        *(part for name in (ADA, BEN) for part in NAMES[name].split()),
        *(str(row.public_id) for row in rows),
        *(row.digest for row in rows),
        *(row.key for row in cases),
        *(row.subject for row in cases),
        *(str(row.public_id) for row in cases),
        "St Elsewhere",
        "reads.csv",
        project.secret,
    }


def test_no_payload_and_no_header_of_the_adjudicator_tells_who_when_or_where(world):
    client = world.cast.client("chen")
    for answer in served_to(client, world):
        text = answer.content.decode() + json.dumps(dict(answer.headers))
        found = {trace for trace in traces(world) if holds(text, trace)}
        assert not found, (answer.request["PATH_INFO"], found)
        assert not INSTANT.search(text), (answer.request["PATH_INFO"], INSTANT.search(text))
    names = {key for answer in served_to(client, world) for key in keys_of(answer.json())}
    assert not names & {"pk", "annotation", "reader", "readers", "inputs", "created_at", "seconds", "priority"}


def holds(text, trace):
    """Say whether a text holds a trace as a word of its own: random names and digests may contain short ones."""
    return re.search(rf"(?<![\w-]){re.escape(trace)}(?![\w-])", text, re.IGNORECASE) is not None


def keys_of(value):
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in keys_of(inner)}
    return {key for inner in value for key in keys_of(inner)} if isinstance(value, list) else set()


def test_the_queue_gives_neither_score_nor_reason_nor_case(world):
    items = world.cast.client("chen").get(reverse("api-disputes", args=[world.project.slug])).json()["items"]
    assert len(items) == 2
    assert all(set(item) == {"id", "question", "question_title", "kind", "finding", "is_mine"} for item in items)
    assert sorted(item["is_mine"] for item in items) == [False, True]


def test_readers_do_not_see_one_another(world):
    slug = world.project.slug
    for mine, other in ((ADA, BEN), (BEN, ADA)):
        client = world.cast.client(mine)
        text = ""
        for name in ("api-project", "api-schema", "api-protocol", "api-cases", "api-worklist", "api-annotations"):
            text += client.get(reverse(name, args=[slug]), {"revisions": "all"}).content.decode()
        assert CODES[other] not in text
        assert not {part for part in NAMES[other].split() if holds(text, part)}
        assert "St Elsewhere" not in text


def test_letters_are_the_same_in_a_case_and_tell_nothing_across_cases(world):
    assert presentation.letters_of(world.dispute) == presentation.letters_of(world.waiting)
    project = world.project
    orders = set()
    for number in range(12):
        key = f"extra-{number}"
        project.cases.create(key=key, subject=key, registered_at=world.dispute.opened_at)
        case = project.cases.get(key=key)
        fresh = Dispute(project=project, case=case, question=world.waiting.question, result=world.waiting.result)
        orders.add(presentation.letters_of(fresh)[CODES[ADA]])
    assert orders == {"A", "B"}


def test_masks_are_served_as_bits_of_their_box_to_the_holder_alone(world):
    client = world.cast.client("chen")
    view = client.get(reverse("api-dispute", args=[world.project.slug, world.dispute.public_id])).json()["case_data"]
    letter = presentation.letters_of(world.dispute)[CODES[ADA]]
    (drawn,) = [item for item in view["reads"] if item["letter"] == letter]
    assert drawn["kind"] == "mask"
    assert drawn["box"] == [0, 2, 2, 8, 2, 8]
    answer = client.get(drawn["url"], headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Cache-Control"].startswith("private")
    bits = np.unpackbits(np.frombuffer(gzip.decompress(answer.content), np.uint8), bitorder="little")
    assert bits[:72].all()
    assert not bits[72:].any()
    voxels = client.get(view["image"]["url"])
    assert "Content-Encoding" not in voxels
    assert np.array_equal(np.frombuffer(voxels.content, "<i2"), np.arange(np.prod(SHAPE)))
    adjudication.release_dispute(actor=world.cast.chen, dispute=world.dispute)
    assert client.get(drawn["url"]).status_code == 404


def test_the_viewers_data_have_the_agreed_shape(world):
    client = world.cast.client("chen")
    view = client.get(reverse("api-dispute", args=[world.project.slug, world.dispute.public_id])).json()
    data = view["case_data"]
    assert data["canvas"] == {"width": SHAPE[2], "height": SHAPE[1], "slices": SHAPE[0]}
    assert data["image"] | {"url": ""} == {
        "url": "",
        "shape": list(SHAPE),
        "spacing_mm": [2.0, 1.0, 1.0],
        "dtype": "int16",
        "window": {"center": 40, "width": 400},
        "orientation": "LPS",
    }
    assert data["letters"] == ["A", "B"]
    assert [item["letter"] for item in data["reads"]] == ["A", "B"]
    assert data["consensus"] is None
    assert data["start_slice"] == 1
    assert 1700 < data["seconds_left"] <= 1800
    assert {"decision_url", "draft_url", "renew_url", "release_url", "next_url"} <= set(data)
    assert [item["summary"] for item in view["reads"]] == ["0.14 mL", "0.14 mL"]


def test_pages_ask_the_database_a_fixed_number_of_times(world):
    slug = world.project.slug
    counted = {}
    for name, person, arguments in (
        ("api-project", "mira", [slug]),
        ("api-disputes", "mira", [slug]),
        ("api-disputes", "chen", [slug]),
        ("api-annotations", "mira", [slug]),
        ("api-cases", "ada", [slug]),
        ("api-releases", "vera", [slug]),
        ("api-agreement", "mira", [slug]),
        ("api-dispute", "chen", [slug, world.dispute.public_id]),
    ):
        counted[name, person] = queries(world.cast.client(person), reverse(name, args=arguments))
    assert max(counted.values()) <= QUERIES, counted
    before = counted["api-disputes", "chen"], counted["api-project", "mira"]
    read(world.project, world.cast.ada, "case-4", effusion=code("yes"), lesion=box_mask(0, 1, 2, 8, 2, 8))
    read(world.project, world.cast.ben, "case-4", effusion=code("no"), lesion=box_mask(2, 3, 9, 15, 9, 15))
    work()
    after = (
        queries(world.cast.client("chen"), reverse("api-disputes", args=[slug])),
        queries(world.cast.client("mira"), reverse("api-project", args=[slug])),
    )
    assert after == before


def queries(client, path):
    client.get(path)  # whatever is kept between requests is there now
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get(path)
    assert answer.status_code == 200
    return len(asked)


def test_one_label_costs_few_queries(world):
    client, path = APIClient(), reverse("api-annotations", args=[world.project.slug])
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(actor=world.cast.ben, name='machine')[1]}")
    body = {"case": "case-3", "question": "effusion", "value": code("no")}
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(path, body, format="json")
    assert answer.status_code == 201
    # Savepoints are those of the test's own transaction; reading the clock touches no table.
    silent = ("SAVEPOINT", "RELEASE", "SELECT clock_timestamp()")
    plain = [row["sql"] for row in asked if not row["sql"].startswith(silent)]
    assert len(plain) <= 12, plain
    assert Annotation.objects.filter(case__key="case-3", reader__user=world.cast.ben).count() == 1
