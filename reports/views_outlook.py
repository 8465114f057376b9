"""Pages: what is ahead of a project, agreement over time, and the report on paper."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.navigation import enter, frame
from qc.selectors import newest_run
from qc.settling.measure import ALL, COMPLETE
from reports import history, outlook, panels, paper
from reports.sheets import csv_response


@login_required
@never_cache
@require_safe
def outlook_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show when a project will be finished, what a settled case costs and which rules speak; or the same as CSV."""
    project, standing = enter(request.user, slug, "report.read")
    finish, run = outlook.finish_of(project), newest_run(project)
    if request.headers.get("HX-Request"):
        context = {"project": project, "finish": finish, "alerts": outlook.alerts_of(project, run, finish)}
        return render(request, "reports/_outlook.html", context)
    rates = [outlook.rate_of(request.GET.get(name, "")) for name in ("reader", "physician")]
    effort = outlook.effort_of(project, *rates)
    if request.GET.get("format") == "csv":
        return csv_response(f"{slug}-outlook.csv", outlook.OUTLOOK_COLUMNS, outlook.outlook_rows(finish, effort))
    context = {
        **frame(project, "overview", standing),
        "project": project,
        "finish": finish,
        "effort": effort,
        "alerts": outlook.alerts_of(project, run, finish),
    }
    return render(request, "reports/outlook.html", context)


@login_required
@never_cache
@require_safe
def history_page(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Show a question's agreement by month and by file; or the same as CSV."""
    project, standing = enter(request.user, slug, "report.read")
    question = panels.question_named(project, code)
    histories = history.histories_of(project, question)
    if request.GET.get("format") == "csv":
        return csv_response(f"{slug}-{code}-history.csv", history.HISTORY_COLUMNS, history.history_sheet(histories))
    context = {
        **frame(project, "agreement", standing),
        "project": project,
        "question": question,
        "histories": histories,
    }
    return render(request, "reports/history.html", context)


@login_required
@never_cache
@require_safe
def paper_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Hand out the agreement report as PDF/UA, of the whole project or of one question."""
    project, _ = enter(request.user, slug, "report.read")
    population = COMPLETE if request.GET.get("population") == COMPLETE else ALL
    code = request.GET.get("question", "")
    content = paper.paper_pdf(project, population, code)
    name = "-".join(part for part in (slug, code, "agreement", population) if part)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"', "X-Content-Type-Options": "nosniff"},
    )
