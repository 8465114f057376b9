"""Pages: requirements of readers, what is decided about one, and a reader's own page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from annotations.errors import NotFound
from annotations.models import Reader
from annotations.navigation import enter, frame
from annotations.selectors import questions_of
from qc.selectors import current_protocol, newest_run
from reports import own, panels, readers, watching
from reports.sheets import csv_response


@login_required
@never_cache
@require_safe
def requirements_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show every reader against what is required, pass, fail or too few to say; or the same as CSV."""
    project, standing = enter(request.user, slug, "report.read")
    run, protocol = newest_run(project), current_protocol(project)
    document = protocol.document if protocol else None
    found = readers.requirements_of(project, run, questions_of(project), document)
    if request.GET.get("format") == "csv":
        rows = readers.requirement_sheet(found)
        return csv_response(f"{slug}-requirements.csv", readers.REQUIREMENT_COLUMNS, rows)
    context = {**frame(project, "readers", standing), "project": project, "run": run, "rows": found}
    return render(request, "reports/requirements.html", context)


@login_required
@never_cache
@require_POST
def decide_about(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Take a decision about a reader, with its reason, and return to the reader's page."""
    project, _ = enter(request.user, slug, "report.read")
    reader = Reader.objects.filter(project=project, code=code).first()
    if reader is None:
        raise NotFound("No such reader.")
    name = request.POST.get("question", "")
    what, reason = request.POST.get("what", ""), request.POST.get("reason", "")
    watching.decide(
        actor=request.user,  # type: ignore[arg-type]
        reader=reader,
        what=what,
        reason=reason,
        question=panels.question_named(project, name) if name else None,
    )
    messages.success(request, f"Recorded: {watching.SAID[what]}.")
    return redirect("reader", slug, code)


@login_required
@never_cache
@require_safe
def own_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a reader his own figures and the cases in which the released answer is another than his."""
    project, standing = enter(request.user, slug, "annotation.submit")
    reader = Reader.objects.filter(project=project, user_id=request.user.pk or 0).select_related("project").first()
    if reader is None:
        raise NotFound("You read nothing here.")
    view = own.own_page(project, reader)
    return render(
        request, "reports/own.html", {**frame(project, "overview", standing), "project": project, "view": view}
    )
