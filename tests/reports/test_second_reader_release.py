"""A release in which a model read second says so first and beside each label, and whoever verifies it agrees."""

import pytest
from django.urls import reverse

from qc.selectors import current_protocol
from reports.protocol_form import ProtocolForm, initial_of
from reports.units import unit_values
from reports.verification.verify import verify_package
from tests.qc.test_second_reader import model_reads, next_reads, opened
from tests.reports.verification.archives import changed, forged, lines, packed, unpacked
from tests.reports.verification.test_people_and_kinds import faults, package


@pytest.fixture
def project(cast):
    made = opened(cast)
    model_reads(made, "case-1", "yes")
    next_reads(made, "case-1", "yes")
    model_reads(made, "case-2", "yes")
    next_reads(made, "case-2", "no")
    next_reads(made, "case-3", "no")
    model_reads(made, "case-3", "yes")
    next_reads(made, "case-3", "no")
    return made


def test_the_package_says_it_and_verifies(cast, project, tmp_path):
    path = package(cast, project, tmp_path)
    report = verify_package(path)
    assert report.is_equal, report.lines()
    files = unpacked(path)
    pair, people = lines(files, "gold.jsonl")
    assert (pair["case"], pair["provenance"]["accepted_by"]) == ("case-1", "human_ai_pair")
    assert (people["case"], "accepted_by" in people["provenance"]) == ("case-3", False)
    assert {one["reader"] for one in people["inputs"]} == {"R-0", "R-1"}
    seats = files["seats.csv"].decode()
    assert "case-1,net,1,1,1,second_reader" in seats
    assert "case-3,net,1,1,1,benchmark" in seats
    first = files["datasheet.md"].decode().splitlines()[0]
    assert first.startswith("**A model read second.** 1 labels rest on one person and the model net")
    page = cast.client("mira").get(reverse("release", args=[project.slug, 1])).content.decode()
    assert "A model read second." in page


def test_a_label_of_the_pair_that_passes_as_of_people_is_found_out(cast, project, tmp_path):
    files = unpacked(package(cast, project, tmp_path))

    def hide(line):
        line["provenance"].pop("accepted_by", None)

    hidden = packed(forged(changed(files, "gold.jsonl", hide)), tmp_path / "hidden.zip")
    assert "labels by rule" in faults(hidden)
    late = {**files, "seats.csv": files["seats.csv"].replace(b"second_reader", b"benchmark")}
    assert not verify_package(packed(forged(late), tmp_path / "late.zip")).is_equal


def test_a_person_beside_the_model_is_not_among_the_units_behind_the_agreement(project):
    question = project.schemas.get().questions.get()
    assert [one["case__key"] for one in unit_values(project, question)] == ["case-3"]


def test_the_form_keeps_the_model(project):
    questions, document = list(project.schemas.get().questions.all()), current_protocol(project).document
    values = {name: value for name, value in initial_of(questions, document).items() if value not in (None, False)}
    form = ProtocolForm(questions, document, values)
    assert form.is_valid(), form.errors
    assert form.document() == document
