"""Pages of this app: projects, overview, agreement, one case, releases."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.errors import NotFound
from annotations.models import Case, Project, Question, Reader
from annotations.navigation import enter, frame
from annotations.selectors import questions_of
from annotations.setup import has_begun, setup_steps
from qc.models import Evaluation
from qc.selectors import current_protocol, ledger, newest_run
from qc.settling.measure import ALL, COMPLETE
from reports import (
    casebook,
    figures,
    landing,
    methods,
    panels,
    readers,
    scorecards,
    sheets,
    subgroups,
    units,
    watching,
    wording,
)
from reports.kept import kept

ROWS = 25


@login_required
@never_cache
@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    """List the projects that one may know of, each with the way to one's work there."""
    return render(request, "reports/projects.html", {**frame(), "rows": landing.project_lines(request.user)})


@login_required
@never_cache
@require_safe
def project_row(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer one row of the list with its counts: a list of many projects asks for each by itself."""
    project, standing = enter(request.user, slug)
    row = landing.counted_line(project, standing, request.user)
    return render(request, "reports/_project.html", {"row": row})


@login_required
@never_cache
@require_safe
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Show where a project stands, as far as the person's role sees it."""
    project, standing = enter(request.user, slug)
    questions, protocol = questions_of(project), current_protocol(project)
    context = {
        **frame(project, "overview", standing),
        "project": project,
        "standing": standing,
        "progress": scorecards.progress_of(project),
        "protocol": protocol,
        "protocol_lines": wording.protocol_lines(protocol.document, questions) if protocol else (),
        "sees_ledger": standing.may("report.read") or standing.may("release.read"),
        "is_lead": standing.may("report.read"),
        "may_set_up": standing.may("project.manage"),
    }
    sees = context["sees_ledger"]
    counts = kept(project, "counts", [], lambda: scorecards.counts_of(project)) if sees else None
    if context["may_set_up"] and not has_begun(project, counts.n_finished if counts else None):
        context["setup_steps"] = setup_steps(project, questions, has_protocol=protocol is not None)
    if counts is not None:
        book = kept(
            project, "ledger", [slug], lambda: scorecards.ledger_view(ledger(project, questions), questions, slug=slug)
        )
        is_new = "setup_steps" in context
        found = None if is_new else kept(project, "findings", [], lambda: scorecards.findings_of(project))
        context |= {"ledger": book, "counts": counts, "findings": found}
        if context["is_lead"]:
            context |= {
                "steps": scorecards.next_steps(project, counts, book, has_protocol=protocol is not None),
                "members": scorecards.member_lines(project),
                "readers": kept(project, "reader lines", [], lambda: scorecards.reader_lines(project)),
                "imports": scorecards.imports_of(project),
                "guideline": questions[0].schema.guideline if questions else "",
            }
    else:
        context |= {"own": landing.own_work(request.user, project, standing)}
    return render(request, "reports/overview.html", context)


@login_required
@never_cache
@require_safe
def work_progress(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer the progress line; once the work is done the page is asked to load its new figures."""
    project, _ = enter(request.user, slug)
    now = scorecards.progress_of(project)
    response = render(request, "components/_progress.html", {"progress": now})
    if now.state != "running":
        response.headers["HX-Refresh"] = "true"
    return response


@login_required
@never_cache
@require_safe
def agreement(request: HttpRequest, slug: str) -> HttpResponse:
    """Show every question's agreement, or the same rows as CSV."""
    project, standing = enter(request.user, slug, "report.read")
    population = population_of(request)
    questions, run = questions_of(project), newest_run(project)
    results = panels.results_of(run) if run is not None else {}
    outlines = panels.question_rows(project, questions, results, population, spatial=True)
    answers = panels.question_rows(project, questions, results, population, spatial=False)
    own = panels.own_rows(project, questions, results, population)
    if request.GET.get("format") == "csv":
        return sheets.csv_response(
            dated(project, run, f"{slug}-agreement-{population}"),
            sheets.AGREEMENT_COLUMNS,
            sheets.agreement_rows((*outlines, *answers, *own)),
        )
    measured = any(row.n for row in (*outlines, *answers, *own))
    context = {
        **frame(project, "agreement", standing),
        **report_state(project, run, population),
        "project": project,
        "outlines": outlines,
        "answers": answers,
        "own": own,
        "chart": figures.alpha_forest(answers) if measured and answers else None,
        "kpis": panels.headline(outlines, answers),
        "is_measured": measured,
        "n_double": panels.double_read(project) if not measured else 0,
        "remarks": tuple(row for row in (*answers, *own) if row.remark),
    }
    return render(request, "reports/agreement.html", context)


def population_of(request: HttpRequest) -> str:
    """Return the population that the address asks for."""
    return COMPLETE if request.GET.get("population") == COMPLETE else ALL


def report_state(project: Project, run: Evaluation | None, population: str) -> dict[str, Any]:
    """Return what a report says of itself: of when it is, whether it is stale, over which units."""
    work = scorecards.progress_of(project)
    tabs = [
        {"title": title, "href": f"?population={name}", "current": name == population, "count": None}
        for name, title in panels.POPULATIONS.items()
    ]
    return {
        "run": run,
        "protocol_title": wording.protocol_title(run.protocol) if run is not None else "",
        "work": work,
        "is_stale": work.state != "done" and run is not None,
        "tabs": tabs,
        "population": population,
        "knows_readers": project.knows_readers,
    }


@login_required
@never_cache
@require_safe
def agreement_question(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Show one question: every statistic side by side, what stands against what, and the cases behind it."""
    project, standing = enter(request.user, slug, "report.read")
    question = panels.question_named(project, code)
    population, run = population_of(request), newest_run(project)
    results = panels.results_of(run) if run is not None else {}
    estimates = results.get((code, population), {})
    limit = panels.limit_of(current_protocol(project), question)
    beside, groups = methods.method_rows(run, question), subgroups.rows_of(run, question)
    tables = {
        "csv": (population, sheets.PANEL_COLUMNS, sheets.panel_rows(estimates)),
        "methods": ("methods", methods.METHOD_COLUMNS, methods.method_sheet(beside)),
        "subgroups": ("subgroups", subgroups.SUBGROUP_COLUMNS, subgroups.subgroup_sheet(groups)),
    }
    asked = request.GET.get("format", "")
    if asked == "units":
        rows = units.unit_rows(project, question, units.unit_values(project, question), limit)
        tables["units"] = ("units", sheets.UNIT_COLUMNS, sheets.unit_rows(rows))
    table = tables.get(asked)
    if table is not None:
        return sheets.csv_response(dated(project, run, f"{slug}-{code}-{table[0]}"), *table[1:])
    behind = behind_question(project, question, run, limit)
    design, with_bands = panels.design_of(project, question, results, population), "bands" in request.GET
    context = {
        **frame(project, "agreement", standing),
        **report_state(project, run, population),
        "project": project,
        "question": question,
        "panel": panels.honest_panel(question, estimates, design, with_bands=with_bands),
        "three": panels.three_questions(question, questions_of(project), results, population),
        "with_bands": with_bands,
        "remark": panels.remark_on(estimates, panels.titles_of(question)),
        "cautions": panels.cautions_of(estimates),
        **behind.pictures,
        **page_of(request, project, question, behind.order, limit),
        "limit": limit,
        "methods": methods.method_lines(project, beside),
        "attributes": subgroups.attributes_of(groups),
        "facts": (run.facts.get(code) or {}) if run is not None else {},
    }
    return render(request, f"reports/{'_units' if request.headers.get('HX-Request') else 'question'}.html", context)


@dataclass(frozen=True, slots=True)
class Behind:
    """All units of a question, those that agree least first, by their primary keys; and the charts of them all."""

    order: list[int]
    pictures: dict[str, Any]


def behind_question(project: Project, question: Question, run: Evaluation | None, limit: float | None) -> Behind:
    """Return what stands behind a question, computed once for a state of the project."""

    def made() -> Behind:
        values = units.unit_values(project, question)
        rows = units.unit_rows(project, question, values, limit)
        return Behind([row.pk for row in rows], pictures_of(run, project, question, values, limit))

    return kept(project, "behind a question", [question.pk, run.pk if run else 0, limit], made)


def page_of(
    request: HttpRequest, project: Project, question: Question, order: list[int], limit: float | None
) -> dict[str, Any]:
    """Return the page of units that is asked for."""
    page = Paginator(order, ROWS).get_page(request.GET.get("page"))
    return {"page": page, "units": units.unit_rows(project, question, units.units_at(list(page)), limit)}


def pictures_of(
    run: Evaluation | None, project: Project, question: Question, values: list[dict[str, Any]], limit: float | None
) -> dict[str, Any]:
    """Return the charts of a question: answers or overlaps, and reader beside reader."""
    return {
        "confusion": figures.confusion(question, values),
        "overlaps": figures.overlaps(question, values, limit),
        "matrix": figures.reader_matrix(run, question, values) if run is not None else None,
        "no_matrix": figures.no_matrix_because(project, question),
    }


@login_required
@never_cache
@require_safe
def readers_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the readers of a project on one question, by code, each with bounds and a verdict where there is one."""
    project, standing = enter(request.user, slug, "report.read")
    run, protocol = newest_run(project), current_protocol(project)
    if request.GET.get("format") == "csv":
        rows = readers.reader_sheet(readers.results_of(run))
        return sheets.csv_response(dated(project, run, f"{slug}-readers"), readers.READER_COLUMNS, rows)
    judged = readers.judged_questions(run)
    questions = [question for question in questions_of(project) if question.pk in judged]
    chosen = next((one for one in questions if one.code == request.GET.get("question")), next(iter(questions), None))
    least = readers.least_of(protocol.document if protocol else None, chosen.code if chosen else "")
    lines = readers.lines_of(project, run, chosen, least) if chosen else []
    context = {
        **frame(project, "readers", standing),
        **report_state(project, run, ALL),
        "project": project,
        "question": chosen,
        "tabs": [
            {"title": one.title, "href": f"?question={one.code}", "current": one == chosen, "count": None}
            for one in questions
        ],
        "lines": lines,
        "least": least,
        "chart": readers.reader_chart(lines, chosen, least) if chosen else None,
    }
    return render(request, "reports/readers.html", context)


@login_required
@never_cache
@require_safe
def reader_page(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Show everything that was found about one reader, question by question and truth by truth."""
    project, standing = enter(request.user, slug, "report.read")
    reader = Reader.objects.filter(project=project, code=code).first()
    if reader is None:
        raise NotFound("No such reader.")
    run = newest_run(project)
    context = {
        **frame(project, "readers", standing),
        **report_state(project, run, ALL),
        "project": project,
        "reader": reader,
        "sections": kept(
            project, "reader", [code, run.pk if run else 0], lambda: readers.sections_of(readers.results_of(run, code))
        ),
        "decisions": watching.DECISIONS,
        "decided": watching.decisions_about(project, code),
        "questions": questions_of(project),
    }
    return render(request, "reports/reader.html", context)


@login_required
@never_cache
@require_safe
def case(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Show a QA lead everything that was said of one case and what came of it."""
    project, standing = enter(request.user, slug, "report.read")
    row = Case.objects.filter(project=project, public_id=public_id).select_related("image", "project").first()
    if row is None:
        raise NotFound("No such case.")
    context = {
        **frame(project, "agreement", standing),
        "project": project,
        "case": row,
        "view": casebook.case_view(project, row),
    }
    return render(request, "reports/case.html", context)


def dated(project: Project, run: Evaluation | None, name: str) -> str:
    """Return the name of a table's file; figures that cases have outlived are named by their time, never as current."""
    if run is None or scorecards.progress_of(project).state == "done":
        return f"{name}.csv"
    return f"{name}-stale-as-of-{run.created_at:%Y%m%dT%H%M%S}Z.csv"
