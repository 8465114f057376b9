import csv
import io
import re
import sys
from types import SimpleNamespace

import pytest
from django.urls import reverse
from pypdf import PdfReader

from annotations import due
from annotations.models import Case, Project
from qc.selectors import newest_run
from reports import paper, pdf
from reports.errors import NothingMeasured, PaperNotPossible
from tests.factories import EFFUSION, GRADE, LESION, box_mask, code, level, read, study, work
from tests.personas import ADA, BEN, CODES, assemble

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told(standing):
    cast = assemble()
    questions = [EFFUSION, GRADE, LESION]
    project = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=questions, n_cases=16)
    for number in range(1, 16):
        case = f"case-{number}"
        first, second = ("yes" if number % 2 else "no"), ("no" if number in (3, 9) else "yes" if number % 2 else "no")
        moved = 2 + number % 3
        read(
            project,
            cast.ada,
            case,
            effusion=code(first),
            grade=level(1 + number % 4),
            lesion=box_mask(0, 2, 2, 8, 2, 8),
        )
        other = box_mask(0, 2, moved, moved + 6, 2, 8)
        read(project, cast.ben, case, effusion=code(second), grade=level(1 + number % 3), lesion=other)
    work()
    return cast, project.pk


@pytest.fixture
def cast(told, db):
    return told[0].again()


@pytest.fixture
def project(told, db):
    return Project.objects.get(pk=told[1])


def words(content):
    pages = PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def test_page_api_csv_and_pdf_hold_the_same_numbers(cast, project):
    client = cast.client("mira")
    body = client.get(reverse("api-agreement", args=[project.slug])).json()
    page = client.get(reverse("agreement-question", args=[project.slug, "effusion"]))
    sheet = client.get(reverse("agreement-question", args=[project.slug, "effusion"]) + "?format=csv")
    rows = {row["statistic"]: row for row in csv.DictReader(io.StringIO(sheet.content.decode()))}
    text = words(client.get(reverse("paper", args=[project.slug])).content)
    api = {
        one["statistic"]: one["estimate"]
        for one in body["estimates"]
        if (one["question"], one["population"], one["pair"]) == ("effusion", "all", [])
    }
    known = {name: one for name, one in api.items() if one["value"] is not None and one["low"] is not None}
    assert len(known) >= 4
    assert set(rows) == set(api)
    for name, one in known.items():
        assert (float(rows[name]["value"]), float(rows[name]["low"])) == (one["value"], one["low"])
        shown = f"{one['value']:.3f}", f"{one['low']:.3f}–{one['high']:.3f}"
        for figure in shown:
            assert figure in page.content.decode(), name
            assert figure in text, name


def test_the_same_data_give_the_same_bytes(project):
    assert paper.paper_pdf(project) == paper.paper_pdf(project)


def test_it_is_tagged_names_its_data_and_describes_its_charts(project):
    content = paper.paper_pdf(project)
    made = PdfReader(io.BytesIO(content))
    root = made.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert b"pdfuaid" in made.xmp_metadata.stream.get_data()
    run = newest_run(project)
    assert run.input_digest in words(content).replace(" ", "")
    html = paper.paper_html(project)
    assert html.count("<img") >= 3
    assert 'alt=""' not in html
    assert "Stale" not in html


def test_methods_stand_with_their_sources(project):
    text = words(paper.paper_pdf(project))
    assert "Krippendorff" in text
    assert "Methods" in text
    assert "Protocol" in text


def test_what_has_changed_since_is_said(project):
    due.mark(Case.objects.filter(project=project, key="case-1"))
    assert "Stale." in paper.paper_html(project)


def test_one_question_alone(cast, project):
    text = words(cast.client("mira").get(reverse("paper", args=[project.slug]) + "?question=grade").content)
    assert "Severity" in text
    assert "Which answers stand against each other" in text
    assert cast.client("mira").get(reverse("paper", args=[project.slug]) + "?question=none").status_code == 404


def test_nothing_measured_is_refused(cast):
    project = study(cast.mira, {CODES[ADA]: cast.ada}, slug="empty")
    with pytest.raises(NothingMeasured):
        paper.paper_html(project)
    assert cast.client("mira").get(reverse("api-paper", args=[project.slug])).status_code == 409


@pytest.mark.parametrize("failure", [ImportError, OSError])
def test_a_server_without_the_libraries_refuses_and_says_what_to_install(cast, project, monkeypatch, failure):
    def missing(name):
        raise failure(name)

    # only what this file imports is missing: whoever binds `importlib.import_module` meanwhile would keep the fake
    monkeypatch.setattr(pdf, "importlib", SimpleNamespace(import_module=missing))
    with pytest.raises(PaperNotPossible, match="Pango"):
        paper.paper_pdf(project)
    assert not pdf.is_possible()
    answer = cast.client("mira").get(reverse("api-paper", args=[project.slug]))
    assert answer.status_code == 503
    assert answer.json()["code"] == "paper-not-possible"
    assert cast.client("mira").get(reverse("agreement", args=[project.slug])).status_code == 200


def test_the_engine_fetches_nothing_but_what_stands_in_the_text(project, tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>SECRET</text></svg>')
    run = newest_run(project)
    html = f'<html lang="en"><head><title>t</title></head><body><img alt="x" src="{secret.as_uri()}"></body></html>'
    with_file = pdf.pdf_of(pdf.Sheet(html, run.input_digest, run.created_at))
    assert "SECRET" not in words(with_file)
    assert "weasyprint" in sys.modules
