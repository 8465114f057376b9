"""Pages by which a project is opened and set up: questions, cases, people and seats."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations import assignment, intake, questionnaire
from annotations.case_table import CaseTable, read_case_table
from annotations.errors import DomainError, Forbidden
from annotations.forms_setup import (
    CasesForm,
    GuidelineForm,
    MemberForm,
    ProjectForm,
    QuestionForms,
    ReaderForm,
)
from annotations.models import Annotation, Membership, Project
from annotations.navigation import Standing, enter, frame
from annotations.selectors import current_schema, questions_of
from annotations.setup import counted, reader_rows

MANAGE = "project.manage"
OPEN_PROJECTS = "annotations.add_project"
MORE, PUBLISH = "more", "publish"
ROWS = 100
SHOWN_FAULTS = 50
METHODS = ["GET", "HEAD", "POST"]


@login_required
@never_cache
@require_http_methods(METHODS)
def new_project(request: HttpRequest) -> HttpResponse:
    """Open a project; whoever opens it is its first QA lead."""
    actor = cast(User, request.user)
    if not actor.has_perm(OPEN_PROJECTS):
        raise Forbidden("You may not open projects; the administrator can.")
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            project = intake.open_project(actor=actor, new=intake.NewProject(**form.cleaned_data))
        except DomainError as refusal:
            form.add_error("slug", refusal.detail or refusal.title)
        else:
            messages.success(request, "The project is open. Say what is asked next.")
            return redirect("setup-questions", project.slug)
    return render(request, "annotations/setup_project.html", {**frame(), "form": form})


@login_required
@never_cache
@require_http_methods(METHODS)
def questions(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the questions as rows of fields; publish them as the next version of the schema."""
    project, standing = enter(request.user, slug, MANAGE)
    asked, schema = questions_of(project), current_schema(project)
    before = [questionnaire.fields_of(question) for question in asked]
    guideline = GuidelineForm(request.POST or None, initial={"guideline": schema.guideline if schema else ""})
    rows = QuestionForms(request.POST or None, initial=before or [{}])
    if request.method == "POST" and rows.is_valid() and guideline.is_valid():
        if request.POST.get("do") == MORE:
            given = [form.cleaned_data for form in rows.ordered_forms if form.cleaned_data]
            rows = QuestionForms(initial=[*given, {}])
        elif published(request, project, rows, guideline.cleaned_data["guideline"]):
            return redirect("setup-questions", slug)
    context = {
        "rows": rows,
        "guideline": guideline,
        "schema": schema,
        "n_answers": Annotation.objects.filter(case__project=project).count() if asked else 0,
    }
    return page(request, "annotations/setup_questions.html", project, standing, context)


def published(request: HttpRequest, project: Project, rows: Any, guideline: str) -> bool:
    """Publish the questions of a form; says whether it could, with the reason at its row where not."""
    kept = questionnaire.definitions_of(questions_of(project))
    ordered = [form for form in rows.ordered_forms if form.cleaned_data]
    made = []
    for form in ordered:
        fields = form.cleaned_data
        code = fields.get("code") or questionnaire.code_of(fields["title"])
        made.append(questionnaire.question_of(fields, kept.get(f"{code}|{fields['kind']}", {})))
    try:
        schema = intake.publish_schema(
            actor=cast(User, request.user), project=project, questions=made, guideline=guideline
        )
    except DomainError as refusal:
        for error in refusal.errors or [{"detail": refusal.detail}]:
            parts = str(error.get("pointer", "")).split("/")
            place = int(parts[2]) if len(parts) > 2 and parts[2].isdecimal() else 0
            if ordered:
                ordered[min(place, len(ordered) - 1)].add_error(None, str(error.get("detail", "")))
        if not ordered:
            messages.error(request, "A schema asks at least one question.")
        return False
    messages.success(request, f"Version {schema.version} of the questions is published.")
    return True


@login_required
@never_cache
@require_http_methods(METHODS)
def cases(request: HttpRequest, slug: str) -> HttpResponse:
    """List the cases, and register more from a table: checked first, then all or the good lines."""
    project, standing = enter(request.user, slug, MANAGE)
    form = CasesForm(request.POST or None, request.FILES or None)
    table: CaseTable | None = None
    if request.method == "POST" and form.is_valid():
        table = read_case_table(form.cleaned_data["table"])
        do = request.POST.get("do", "")
        if table.cases and (do == "good" or (do == "take" and not table.faults)):
            n_new = intake.register_cases(actor=cast(User, request.user), project=project, cases=table.cases)
            there = len(table.cases) - n_new
            messages.success(request, f"{counted(n_new, 'case')} registered; {there:,} were there already.")
            return redirect("setup-cases", slug)
        form = CasesForm(initial={"table": form.cleaned_data["table"]})
    asked = request.GET.get("q", "").strip()
    rows = project.cases.filter(key__icontains=asked) if asked else project.cases.all()
    context = {
        "form": form,
        "table": table,
        "faults": table.faults[:SHOWN_FAULTS] if table else (),
        "asked": asked,
        "listed": Paginator(rows.order_by("key"), ROWS).get_page(request.GET.get("page")),
    }
    return page(request, "annotations/setup_cases.html", project, standing, context)


@login_required
@never_cache
@require_http_methods(METHODS)
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """Show members and readers; give roles, register readers, and seat them."""
    project, standing = enter(request.user, slug, MANAGE)
    do = request.POST.get("do", "")
    shown: dict[str, forms.Form] = {
        "member": MemberForm(request.POST if do == "member" else None, prefix="member"),
        "reader": ReaderForm(request.POST if do == "reader" else None, prefix="reader"),
    }
    if do == "seats":
        seat_everybody(request, project)
        return redirect("setup-people", slug)
    if do in shown and shown[do].is_valid() and entered(request, project, do, shown[do]):
        return redirect("setup-people", slug)
    context = {
        "member_form": shown["member"],
        "reader_form": shown["reader"],
        "members": Membership.objects.filter(project=project).select_related("user").order_by("user__username"),
        "readers": reader_rows(project),
        "n_cases": project.cases.count(),
    }
    return page(request, "annotations/setup_people.html", project, standing, context)


def entered(request: HttpRequest, project: Project, what: str, form: forms.Form) -> bool:
    """Give a role or register a reader; says whether it could, with the reason at its field where not."""
    given, actor = form.cleaned_data, cast(User, request.user)
    user = User.objects.filter(username=given["username"], is_active=True).first() if given["username"] else None
    if given["username"] and user is None:
        form.add_error("username", "Nobody has this user name.")
        return False
    if what == "reader" and user is not None and not Membership.objects.filter(project=project, user=user).exists():
        form.add_error("username", "This person is no member of the project yet: give the role first.")
        return False
    try:
        if what == "member" and user is not None:
            intake.set_role(actor=actor, project=project, user=user, role=given["role"])
        elif what == "reader":
            intake.register_reader(actor=actor, project=project, code=given["code"], user=user, kind=given["kind"])
    except DomainError as refusal:
        form.add_error(None, refusal.detail or refusal.title)
        return False
    messages.success(request, f"Entered: {given.get('code') or given['username']}.")
    return True


def seat_everybody(request: HttpRequest, project: Project) -> None:
    """Seat every active reader who reads here at every case."""
    readers = list(project.readers.filter(deactivated_at__isnull=True, user__isnull=False))
    n_new = assignment.assign_readers(
        actor=cast(User, request.user), project=project, cases=list(project.cases.order_by("pk")), readers=readers
    )
    messages.success(request, f"{counted(n_new, 'seat')} given.")


def page(
    request: HttpRequest, template: str, project: Project, standing: Standing, context: dict[str, Any]
) -> HttpResponse:
    """Return a page of the set-up."""
    return render(request, template, {**frame(project, "overview", standing), "project": project, **context})
