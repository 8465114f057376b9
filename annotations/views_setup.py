"""Pages by which a project is opened and its cases are registered."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations import intake
from annotations.case_table import CaseTable, against, read_case_table
from annotations.errors import DomainError, Forbidden
from annotations.forms_setup import CasesForm, ProjectForm
from annotations.models import Project
from annotations.navigation import Standing, enter, frame
from annotations.permissions import OPEN_PROJECTS, cases_visible_to
from annotations.posted import member
from annotations.setup import case_rows, counted

MANAGE = "project.manage"
ROWS = 100
SHOWN_FAULTS = 50
METHODS = ["GET", "HEAD", "POST"]


@login_required
@never_cache
@require_http_methods(METHODS)
def new_project(request: HttpRequest) -> HttpResponse:
    """Ask what a project is called, and open it."""
    user = member(request)
    if not user.has_perm(OPEN_PROJECTS):
        raise Forbidden("You may not open projects; the administrator can.")
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        project = opened(user, form)
        if project is not None:
            messages.success(request, "The project is open. Say what is asked next.")
            return redirect("setup-questions", project.slug)
    return render(request, "annotations/setup_project.html", {**frame(), "form": form})


def opened(user: User, form: ProjectForm) -> Project | None:
    """Return the project that a valid form opens; None where it was refused, with the reason at its field."""
    given = form.cleaned_data
    new = intake.NewProject(
        slug=given["slug"],
        name=given["name"],
        description=given["description"],
        attribution=given["attribution"],
        simulated_note=given["simulated_note"],
        knows_readers=not given["anonymous_readers"],
    )
    try:
        return intake.open_project(actor=user, new=new)
    except DomainError as refusal:
        form.add_error("slug" if "slug" in refusal.data else None, str(refusal))
        return None


@login_required
@never_cache
@require_http_methods(METHODS)
def cases(request: HttpRequest, slug: str) -> HttpResponse:
    """List the cases, and register more from a table: checked first, then all or the good lines."""
    user = member(request)
    project, standing = enter(user, slug, MANAGE)
    form = CasesForm(request.POST or None, request.FILES or None)
    table: CaseTable | None = None
    if request.method == "POST" and form.is_valid():
        table = against(read_case_table(form.cleaned_data["table"]), subjects_of(project))
        do = request.POST.get("do", "")
        if table.cases and (do == "good" or (do == "take" and not table.faults)):
            n_new = intake.register_cases(actor=user, project=project, cases=table.cases)
            there = len(table.cases) - n_new
            messages.success(request, f"{counted(n_new, 'case')} registered; {there:,} were there already.")
            return redirect("setup-cases", slug)
        form = CasesForm(initial={"table": form.cleaned_data["table"]})
    asked = request.GET.get("q", "").strip()
    # The administrator runs the instance and sees no case without a role in the project.
    rows = cases_visible_to(user).filter(project=project)
    if asked:
        rows = rows.filter(Q(key__icontains=asked) | Q(subject__icontains=asked))
    listed = Paginator(rows.order_by("key"), ROWS).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "table": table,
        "n_new": len(table.cases) - table.n_there if table else 0,
        "faults": table.faults[:SHOWN_FAULTS] if table else (),
        "asked": asked,
        "n_cases": project.cases.count(),
        "listed": listed,
        "rows": case_rows(list(listed.object_list)),
        "may_open": standing.may("report.read"),
    }
    return page(request, "annotations/setup_cases.html", project, standing, context)


def subjects_of(project: Project) -> dict[str, str]:
    """Return the patient of every case that is registered."""
    return dict(project.cases.values_list("key", "subject"))


def page(
    request: HttpRequest, template: str, project: Project, standing: Standing, context: dict[str, Any]
) -> HttpResponse:
    """Return a page of the set-up."""
    return render(request, template, {**frame(project, "overview", standing), "project": project, **context})
