"""The project to read in: open seats for the annotator, a simulated reader beside, and a physician for what differs."""

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from annotations import selectors, submission
from annotations.models import Annotation, Assignment, ReaderKind
from config.demo import reading_study
from config.demo.brain import DISTRIBUTION, TEMPLATE
from config.demo.brain_study import build as build_brain
from config.demo.distributions import DataMissing, data_file
from config.demo.opening import open_study
from config.demo.people import create_people
from config.demo.study import Study
from qc.models import Dispute
from tests.factories import code, level, millimetres, work


def template():
    try:
        return data_file(DISTRIBUTION, TEMPLATE)
    except DataMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def study() -> Study:
    return reading_study.build(template())


def rows_of(study: Study) -> list[list[str]]:
    return list(csv.reader(io.StringIO(study.table.decode())))[1:]


def test_only_the_simulated_reader_has_answers_and_they_are_those_of_the_larger_project(study: Study) -> None:
    rows = rows_of(study)
    assert {row[1] for row in rows} == {"north"}
    assert len(rows) == len(study.cases) * len(study.questions) == 24
    larger = rows_of(build_brain(template()))
    assert all(row in larger for row in rows)


@pytest.mark.django_db
def test_a_case_that_the_annotator_finishes_may_become_a_dispute(study: Study, client) -> None:
    create_people()
    project = open_study(study, lambda line: None)
    work()
    reader = User.objects.get(username="reader")
    kinds = dict(project.readers.values_list("code", "kind"))
    assert kinds == {"own-eyes": ReaderKind.HUMAN, "north": ReaderKind.MODEL}
    assert selectors.worklist(reader, project).count() == len(study.cases) == 6
    assert not Dispute.objects.exists()
    client.force_login(reader)
    assert client.get(reverse("sign-in")).url == reverse("worklist", args=[project.slug])
    seat = selectors.worklist(reader, project).first()
    theirs = {row.question.code: row.label for row in Annotation.objects.filter(case=seat.case)}
    far = "1" if theirs["visibility"]["level"] in {"3", "4"} else "4"
    values = {
        "fluid_space": theirs["fluid_space"],
        "visibility": level(far),
        "artefact": code(theirs["artefact"]["code"]),
        "width": millimetres(theirs["width"]["number"]),
    }
    answers = [
        submission.NewAnswer(case=seat.case.key, reader="own-eyes", question=question, value=value)
        for question, value in values.items()
    ]
    submission.submit_answers(actor=reader, project=project, answers=answers)
    submission.finish_reading(actor=reader, assignment=seat)
    work()
    assert [dispute.question.code for dispute in Dispute.objects.all()] == ["visibility"]
    assert Assignment.objects.filter(finished_at=None).count() == 5
