"""The worklist and the reading page: own seats only, own answers only, drafts until finished."""

import json
import re

import numpy as np
import pytest
from django.urls import reverse

from annotations import intake, reading, storing
from annotations.models import Annotation, Assignment
from tests.factories import (
    DIAMETER,
    GRADE,
    LESION,
    NODULE,
    SHAPE,
    SUSPICION,
    box_mask,
    level,
    millimetres,
    read,
    square,
    study,
)

pytestmark = pytest.mark.django_db
NOTHING = {"kind": "nothing_found"}


@pytest.fixture
def project(cast):
    pixels = storing.store_bytes(np.arange(np.prod(SHAPE), dtype="<i2").tobytes(), "voxels")
    readers = {"reader-aquila": cast.ada, "reader-boreas": cast.ben}
    return study(cast.mira, readers, questions=[GRADE, NODULE, SUSPICION], n_cases=3, pixels=pixels)


@pytest.fixture
def ada(client, cast):
    client.force_login(cast.ada)
    return client


def at(name, project, key="case-1"):
    return reverse(name, args=[project.slug, project.cases.get(key=key).public_id])


def send(client, method, path, body):
    return client.generic(method, path, json.dumps(body).encode(), content_type="application/json")


def save(client, project, *answers, key="case-1"):
    body = [{"question": q, "mark": mark, "value": value, "seconds": 2.5} for q, mark, value in answers]
    return send(client, "PUT", at("reading-answers", project, key), body)


def finish(client, project, key="case-1"):
    return send(client, "POST", at("reading-finish", project, key), {})


def drafts(client, project):
    return client.get(at("reading", project)).context["view"].drafts


def test_a_case_is_read_saved_finished_and_the_next_one_named(ada, project, cast):
    save(ada, project, ("grade", "", level(2)), ("nodule", "1", square(1, 2, 3, 4)), ("suspicion", "1", level(4)))
    assert [(d.question, d.mark, d.seconds) for d in drafts(ada, project)] == [
        ("grade", "", 2.5),
        ("nodule", "1", 2.5),
        ("suspicion", "1", 2.5),
    ]
    answer = finish(ada, project)
    assert answer.json() == {"next": at("reading", project, "case-2")}
    assert Assignment.objects.get(case__key="case-1", reader__user=cast.ada).finished_at is not None
    assert ada.get(reverse("worklist", args=[project.slug])).context["progress"] == reading.Progress(1, 3)


def test_the_last_case_leads_back_to_the_worklist(ada, project):
    for key in ("case-1", "case-2", "case-3"):
        save(ada, project, ("grade", "", level(2)), ("nodule", "", NOTHING), key=key)
        answer = finish(ada, project, key)
    worklist = reverse("worklist", args=[project.slug])
    assert answer.json() == {"next": worklist}
    assert "You have read everything assigned" in ada.get(worklist).content.decode()
    assert ada.post(reverse("next-case", args=[project.slug])).url == worklist


def test_saving_the_same_again_makes_no_revision(ada, project):
    assert save(ada, project, ("grade", "", level(2))).json() == {"n_new": 1}
    assert save(ada, project, ("grade", "", level(2))).json() == {"n_new": 0}
    assert save(ada, project, ("grade", "", level(3))).json() == {"n_new": 1}
    assert list(Annotation.objects.values_list("revision", flat=True)) == [1, 2]


def test_what_is_missing_is_named_and_nothing_is_finished(ada, project, cast):
    save(ada, project, ("nodule", "1", square(1, 2, 3, 4)))
    answer = finish(ada, project)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/grade", "#/suspicion"]
    assert not Assignment.objects.filter(finished_at__isnull=False).exists()


def test_findings_beside_nothing_found_are_refused(ada, project):
    save(ada, project, ("grade", "", level(2)), ("nodule", "", NOTHING), ("nodule", "1", square(1, 2, 3, 4)))
    save(ada, project, ("suspicion", "1", level(1)))
    answer = finish(ada, project)
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == ["contradiction"]
    assert send(ada, "POST", at("reading-withdraw", project), {"question": "nodule"}).json() == {"n_withdrawn": 1}
    assert finish(ada, project).status_code == 200


def test_a_mark_is_withdrawn_with_what_describes_it_and_its_number_is_not_given_again(ada, project):
    save(ada, project, ("nodule", "1", square(1, 2, 3, 4)), ("suspicion", "1", level(4)), ("grade", "", level(1)))
    answer = send(ada, "POST", at("reading-withdraw", project), {"question": "nodule", "mark": "1"})
    assert answer.json() == {"n_withdrawn": 2}
    view = ada.get(at("reading", project)).context["view"]
    assert [draft.question for draft in view.drafts] == ["grade"]
    assert [question.next_mark for question in view.questions] == [1, 2, 2]
    again = send(ada, "POST", at("reading-withdraw", project), {"question": "nodule", "mark": "1"})
    assert again.status_code == 404


def test_a_finished_reading_is_not_changed(ada, project):
    save(ada, project, ("grade", "", level(2)), ("nodule", "", NOTHING))
    finish(ada, project)
    assert ada.get(at("reading", project)).status_code == 409
    assert ada.get(at("reading-voxels", project)).status_code == 409
    assert finish(ada, project).status_code == 409
    assert save(ada, project, ("grade", "", level(1))).status_code == 409
    refused = send(ada, "POST", at("reading-withdraw", project), {"question": "grade"})
    assert refused.json()["code"] == "reading-finished"
    assert Annotation.objects.count() == 2


@pytest.mark.parametrize("name", ["reading", "reading-voxels"])
def test_a_case_without_a_seat_is_not_there(ada, project, cast, name):
    Assignment.objects.filter(case__key="case-1", reader__user=cast.ada).delete()
    assert ada.get(at(name, project)).status_code == 404
    assert ada.get(at(name, project, "case-2")).status_code == 200


def test_a_seat_does_not_open_acts_at_another_case(ada, project, cast):
    Assignment.objects.filter(case__key="case-1", reader__user=cast.ada).delete()
    assert save(ada, project, ("grade", "", level(2))).status_code == 404
    assert send(ada, "POST", at("reading-withdraw", project), {"question": "grade"}).status_code == 404
    assert finish(ada, project).status_code == 404
    assert not Annotation.objects.exists()


def test_no_other_read_reaches_any_answer_of_these_addresses(ada, project, cast):
    read(
        project,
        cast.ben,
        "case-1",
        grade=level(4),
        nodule__othersmark77=square(2, 5, 5, 3),
        suspicion__othersmark77=level(3),
    )
    answers = [
        ada.get(reverse("worklist", args=[project.slug])),
        ada.get(at("reading", project)),
        save(ada, project, ("grade", "", level(2))),
        finish(ada, project),
        send(ada, "POST", at("reading-withdraw", project), {"question": "grade"}),
    ]
    theirs = [
        "boreas",
        "othersmark77",
        "ben",
        *Annotation.objects.filter(reader__user=cast.ben).values_list("digest", flat=True),
    ]
    for answer in answers:
        text = answer.content.decode().lower()
        # As words: three letters of a name occur in a random token now and then.
        assert not [word for word in theirs if re.search(rf"\b{word}\b", text)]
    assert [question.next_mark for question in ada.get(at("reading", project)).context["view"].questions] == [1, 1, 1]
    foreign = send(ada, "POST", at("reading-withdraw", project), {"question": "nodule", "mark": "othersmark77"})
    assert foreign.status_code == 404


def test_a_case_that_was_taken_out_is_not_read(ada, project, cast):
    intake.exclude_case(actor=cast.mira, case=project.cases.get(key="case-1"), reason="technical", note="")
    assert ada.get(at("reading", project)).status_code == 409
    page = ada.get(reverse("worklist", args=[project.slug]))
    assert page.context["progress"] == reading.Progress(0, 2)
    assert [row.key for row in page.context["rows"]] == ["case-2", "case-3"]


def test_voxels_are_served_to_the_seat_and_asked_for_again_each_time(ada, project):
    answer = ada.get(at("reading-voxels", project))
    assert np.frombuffer(answer.content, "<i2").tolist() == list(range(int(np.prod(SHAPE))))
    assert answer["Cache-Control"] == "private, no-cache"
    again = ada.get(at("reading-voxels", project), headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_case_without_pixels_says_so(client, cast):
    project = study(cast.mira, {"reader-aquila": cast.ada}, questions=[LESION])
    client.force_login(cast.ada)
    view = client.get(at("reading", project)).context["view"]
    assert (view.has_pixels, view.page_data["image"]) == (False, None)
    assert client.get(at("reading-voxels", project)).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([{"question": "grade", "value": "2"}], "#/0/value"),
        ([{"question": "grade", "value": level(2), "seconds": -1}], "#/0/seconds"),
        ([{"question": "grade", "value": level(2), "seconds": True}], "#/0/seconds"),
        ([{"question": "grade", "value": level(2), "mark": "m" * 41}], "#/0/mark"),
        ([{"question": "grade", "value": level(2)}, {"question": "grade", "value": level(9)}], "#/1/value/level"),
        ([{"question": "fever", "value": level(2)}], "#/0/question"),
    ],
)
def test_an_answer_that_cannot_be_taken_is_named_and_none_is_saved(ada, project, body, pointer):
    answer = send(ada, "PUT", at("reading-answers", project), body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Annotation.objects.exists()


@pytest.mark.parametrize("body", [{}, ["grade"], "x"])
def test_a_body_that_is_no_list_of_answers_is_refused(ada, project, body):
    assert send(ada, "PUT", at("reading-answers", project), body).status_code == 422


def test_the_page_holds_questions_guideline_and_digits(client, cast):
    project = study(cast.mira, {"reader-aquila": cast.ada}, questions=[GRADE, DIAMETER])
    intake.publish_schema(actor=cast.mira, project=project, questions=[GRADE, DIAMETER], guideline="Look twice.")
    client.force_login(cast.ada)
    save(client, project, ("diameter", "", millimetres(7.5)))
    view = client.get(at("reading", project)).context["view"]
    grade, diameter = view.questions
    assert [(choice.code, choice.digit) for choice in grade.choices] == [(str(n), str(n)) for n in range(1, 5)]
    assert (diameter.unit, diameter.minimum, diameter.maximum) == ("mm", 0, 200)
    assert (view.guideline, view.guideline_version) == ("Look twice.", 2)
    assert [draft.value["number"] for draft in view.drafts] == [7.5]


def test_a_mask_comes_back_as_it_was_saved(client, cast):
    project = study(cast.mira, {"reader-aquila": cast.ada}, questions=[LESION])
    client.force_login(cast.ada)
    mask = box_mask(0, 2, 3, 5, 3, 9)
    save(client, project, ("lesion", "", mask))
    assert [draft.value for draft in drafts(client, project)] == [mask]


def test_the_worklist_shows_what_was_begun(ada, project):
    save(ada, project, ("grade", "", level(2)), key="case-2")
    rows = ada.get(reverse("worklist", args=[project.slug])).context["rows"]
    assert [(row.key, row.begun_at is not None) for row in rows] == [
        ("case-1", False),
        ("case-2", True),
        ("case-3", False),
    ]


def test_the_number_of_queries_does_not_grow_with_the_cases(client, cast, django_assert_max_num_queries):
    project = study(cast.mira, {"reader-aquila": cast.ada}, questions=[GRADE], n_cases=40)
    client.force_login(cast.ada)
    with django_assert_max_num_queries(20):
        client.get(reverse("worklist", args=[project.slug]))
    with django_assert_max_num_queries(20):
        client.get(at("reading", project))
