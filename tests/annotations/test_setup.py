"""A study is set up in the browser: the same verbs as the API, refusals at their field, nothing half done."""

import io

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Picture

from annotations.case_table import read_case_table
from annotations.models import Annotation, Case, ImportBatch, Project
from annotations.schema_form import SchemaForm, document_of
from tests.factories import (
    DIAMETER,
    EFFUSION,
    FRACTURE,
    GRADE,
    LESION,
    NODULE,
    ORDER,
    SIGNS,
    SPINDLES,
    SUSPICION,
    VALVE,
    study,
    work,
)
from tests.personas import ADA, BEN, CODES

EVERY_KIND = [EFFUSION, GRADE, DIAMETER, LESION, NODULE, SUSPICION, SIGNS, ORDER, SPINDLES, FRACTURE, VALVE]


@pytest.fixture
def project(cast):
    return study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=[EFFUSION, GRADE], n_cases=3)


def address(name, project):
    return reverse(name, args=[project.slug])


def test_a_project_is_opened_by_whoever_may_and_leads_on_to_its_questions(cast, client):
    client.force_login(cast.root)
    sent = {"name": "Chest films", "slug": "chest", "description": "", "attribution": ""}
    answer = client.post(reverse("new-project"), sent)
    assert answer["Location"] == reverse("setup-questions", args=["chest"])
    assert Project.objects.get(slug="chest").memberships.get().user == cast.root
    again = client.post(reverse("new-project"), sent)
    assert "A project with this short name exists" in again.content.decode()
    assert Project.objects.filter(slug="chest").count() == 1


def test_the_steps_say_what_is_next(cast, client, project):
    client.force_login(cast.mira)
    page = client.get(address("setup", project)).context
    assert [(step.title, step.is_done) for step in page["steps"]] == [
        ("Questions", True), ("Cases", True), ("People and readers", True), ("Protocol", True),
        ("Seats", True), ("Reads", False),
    ]  # fmt: skip
    assert [step.title for step in page["steps"] if step.is_next] == ["Reads"]


def test_every_kind_of_question_goes_through_the_fields_unchanged(cast):
    project = study(cast.mira, {}, questions=EVERY_KIND)
    document = document_of(project.schemas.get())
    sent = {}
    for place, form in enumerate(SchemaForm(document).questions):
        values = {name: form[name].value() for name in form.fields}
        sent |= {
            f"q{place}-{name}": value
            for name, value in values.items()
            if value not in (None, "") and value is not False
        }
    asked = SchemaForm(document, {"n": str(len(EVERY_KIND)), **sent}).asked()
    for question, made in zip(EVERY_KIND, asked, strict=True):
        titled = {name: [{"title": one["code"], **one} for one in value] if isinstance(value, list) else value
                  for name, value in question.definition.items()}  # fmt: skip
        assert (made.code, made.kind, made.scale, made.about) == (
            question.code, question.kind, question.scale, question.about,
        )  # fmt: skip
        assert made.definition == titled


TABLE = "case,subject,site\nct-1,p-1,Basel\nct-2,p-1,\n"


def test_a_table_is_looked_through_before_it_is_registered(cast, client, project):
    client.force_login(cast.mira)
    shown = client.post(address("setup-cases", project), {"table": TABLE, "do": "check"})
    assert "2 cases can be registered" in shown.content.decode()
    assert project.cases.count() == 3
    client.post(address("setup-cases", project), {"table": TABLE, "do": "take"})
    assert Case.objects.get(key="ct-1").strata == {"site": "Basel"}
    assert Case.objects.get(key="ct-2").strata == {}
    again = client.post(address("setup-cases", project), {"table": TABLE, "do": "take"}, follow=True)
    assert "0 cases registered; 2 were there already" in again.content.decode()


@pytest.mark.parametrize(
    ("table", "line", "words"),
    [
        ("subject\np-1\n", 1, "case is missing"),
        ("case,subject\nct-1\n", 2, "2 cells are needed, here are 1"),
        ("case,subject\nct-1,p-1\nct-1,p-2\n", 3, "stands on an earlier line"),
        ("case,subject\n,p-1\n", 2, "The case is empty"),
        ('case,subject\n"ct-1,p-1\n', 2, "This is no CSV"),
        ("case,subject\nct\x00,p\n", 2, "printable"),
        ("case,subject,a,a\n", 1, "Two columns"),
        ("case,subject\n", 0, "holds no case"),
        ("", 1, "case is missing"),
    ],
)
def test_each_fault_of_a_table_has_its_line(table, line, words):
    found = read_case_table(table)
    assert any(fault.line == line and words in fault.words for fault in found.faults), found.faults


def test_the_good_lines_of_a_table_are_taken_only_when_asked_for(cast, client, project):
    client.force_login(cast.mira)
    sent = {"table": TABLE + "ct-1,p-9,\n"}
    client.post(address("setup-cases", project), {**sent, "do": "take"})
    assert project.cases.count() == 3
    client.post(address("setup-cases", project), {**sent, "do": "good"})
    assert project.cases.count() == 5


def csv_of(text):
    return SimpleUploadedFile("reads.csv", text.encode(), content_type="text/csv")


HEAD = "case,reader,question,value\n"


def looked_through(client, project, text):
    return client.post(address("setup-reads", project), {"file": csv_of(text), "format": "csv_table"})


def test_a_file_of_reads_is_looked_through_then_taken_once(cast, client, project):
    client.force_login(cast.mira)
    text = HEAD + "".join(f"case-{n},{CODES[ADA]},effusion,yes\n" for n in (1, 2))
    page = looked_through(client, project, text)
    assert page.context["sums"]["n_accepted"] == 2
    assert not ImportBatch.objects.exists()
    assert not Annotation.objects.exists()
    ticket = page.context["ticket"]
    client.post(address("setup-reads", project), {"ticket": ticket, "do": "all"})
    work()
    assert Annotation.objects.count() == 2
    again = client.post(address("setup-reads", project), {"ticket": ticket, "do": "all"}, follow=True)
    assert "was taken before; nothing is added" in again.content.decode()
    assert Annotation.objects.count() == 2


def test_what_is_refused_has_its_line_and_only_the_good_part_is_offered(cast, client, project):
    client.force_login(cast.mira)
    page = looked_through(
        client, project, HEAD + f"case-1,{CODES[ADA]},effusion,yes\ncase-9,{CODES[ADA]},effusion,yes\n"
    )
    text = page.content.decode()
    assert "The project has no case case-9" in text
    assert "Take the 1 good one<" in text
    client.post(address("setup-reads", project), {"ticket": page.context["ticket"], "do": "good"})
    work()
    assert Annotation.objects.get().case.key == "case-1"


@pytest.mark.parametrize("forged", ["", "nonsense", "somebody-elses"])
def test_only_what_this_person_was_shown_here_can_be_taken(cast, client, project, forged):
    client.force_login(cast.mira)
    if forged == "somebody-elses":
        other = study(cast.mira, {CODES[ADA]: cast.ada}, slug="other", questions=[EFFUSION])
        forged = looked_through(client, other, HEAD + f"case-1,{CODES[ADA]},effusion,yes\n").context["ticket"]
    answer = client.post(address("setup-reads", project), {"ticket": forged, "do": "all"}, follow=True)
    assert "too long ago" in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_what_cannot_be_told_from_a_file_is_asked(cast, client, project):
    client.force_login(cast.mira)
    answer = client.post(address("setup-reads", project), {"file": SimpleUploadedFile("x.bin", b"\x00\x01\x02")})
    assert "choose it" in answer.content.decode()


def test_images_are_shown_first_and_become_cases_when_taken(cast, client, project):
    client.force_login(cast.mira)
    stream = io.BytesIO()
    Picture.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(stream, "png")

    def picture():
        return SimpleUploadedFile("a.png", stream.getvalue(), content_type="image/png")

    shown = client.post(address("setup-images", project), {"files": [picture()], "do": "check", "is_clean": "on"})
    assert "1 image can be taken, 0 cannot" in shown.content.decode()
    assert project.cases.count() == 3
    client.post(address("setup-images", project), {"files": [picture()], "do": "take", "is_clean": "on"})
    assert project.cases.count() == 4
    none = client.post(address("setup-images", project), {"do": "take"})
    assert "Nothing was taken" in none.content.decode()
