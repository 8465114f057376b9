"""The agreement report on paper: protocol, state of the data, every table of every question, methods with sources."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from annotations.models import Project, Question
from annotations.selectors import questions_of
from qc.models import Evaluation
from qc.selectors import ledger, newest_run
from qc.settling.measure import ALL
from reports import figures, methods, panels, pdf, readers, scorecards, subgroups, units, wording
from reports.charts.base import Chart
from reports.errors import NothingMeasured


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as an image with its numbers in words."""

    title: str
    alt: str
    source: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One question."""

    question: Question
    rows: tuple[panels.PanelRow, ...]
    why: str
    remark: str
    cautions: tuple[str, ...]
    facts: Mapping[str, Any]
    pictures: tuple[Picture, ...]
    attributes: tuple[subgroups.Attribute, ...]
    group_pictures: tuple[Picture, ...]
    methods: tuple[methods.MethodLine, ...]
    readers: tuple[readers.ReaderLine, ...]
    least: float


def paper_html(project: Project, population: str = ALL, code: str = "") -> str:
    """Return the report as a document of its own; ``code`` for one question.

    Raises
    ------
    NothingMeasured
        When no measurement exists.
    """
    run = newest_run(project)
    if run is None:
        raise NothingMeasured("It takes two readings of a case.")
    questions = questions_of(project)
    chosen = [panels.question_named(project, code)] if code else questions
    results = panels.results_of(run)
    chapters = [_chapter(project, run, question, results, population) for question in chosen]
    answers = panels.question_rows(project, questions, results, population, spatial=False)
    context = {
        "project": project,
        "run": run,
        "protocol_title": wording.protocol_title(run.protocol),
        "protocol_lines": wording.protocol_lines(run.protocol.document, questions),
        "population_title": panels.POPULATIONS[population],
        "is_stale": scorecards.progress_of(project).state != "done",
        "ledger": scorecards.ledger_view(ledger(project, questions), questions, slug=project.slug),
        "chapters": chapters,
        "whole": picture_of(figures.alpha_forest(answers)) if answers and not code else None,
        "sources": sources_of(chapters),
        "version": settings.VERSION,
        "knows_readers": project.knows_readers,
    }
    return render_to_string("reports/paper.html", context)


def paper_pdf(project: Project, population: str = ALL, code: str = "") -> bytes:
    """Return the report as PDF/UA; the same data give the same bytes."""
    html = paper_html(project, population, code)
    run = newest_run(project)
    if run is None:
        raise NothingMeasured("It takes two readings of a case.")
    digest = hashlib.sha256(f"{run.input_digest} {population} {code}".encode()).hexdigest()
    return pdf.pdf_of(pdf.Sheet(html, digest, run.created_at))


def _chapter(
    project: Project,
    run: Evaluation,
    question: Question,
    results: Mapping[tuple[str, str], Mapping[str, Mapping[str, Any]]],
    population: str,
) -> Chapter:
    estimates = results.get((question.code, population), {})
    design = panels.design_of(project, question, results, population)
    panel = panels.honest_panel(question, estimates, design, with_bands=False)
    values = units.unit_values(project, question)
    limit = panels.limit_of(run.protocol, question)
    charts = (figures.confusion(question, values), figures.overlaps(question, values, limit))
    groups = subgroups.attributes_of(subgroups.rows_of(run, question))
    least = readers.least_of(run.protocol.document, question.code)
    judged = readers.results_of(run, with_charts=False) if project.knows_readers else []
    return Chapter(
        question=question,
        rows=(*panel.rows, *panel.others),
        why=panel.why,
        remark=panels.remark_on(estimates, panels.titles_of(question)),
        cautions=panels.cautions_of(estimates),
        facts=run.facts.get(question.code) or {},
        pictures=tuple(picture_of(chart) for chart in charts if chart is not None),
        attributes=groups,
        group_pictures=tuple(picture_of(one.chart) for one in groups),
        methods=methods.method_lines(project, methods.method_rows(run, question)),
        readers=tuple(readers.reader_lines(project, judged, question, least)),
        least=least,
    )


def picture_of(chart: Chart) -> Picture:
    """Return a chart as an image that carries its own bytes."""
    code = base64.b64encode(chart.svg.encode()).decode()
    return Picture(chart.title, chart.description, f"data:image/svg+xml;base64,{code}")


def sources_of(chapters: Sequence[Chapter]) -> list[tuple[str, str, str]]:
    """Return every statistic that was used, once, with its reference and address, by title."""
    found = {(row.title.partition(":")[0], row.reference, row.href) for one in chapters for row in one.rows}
    return sorted(found)
