"""Page: what is read twice, and what came of it."""

from collections.abc import Callable, Sized

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.assignment import draw_benchmark
from annotations.errors import DomainError, Forbidden
from annotations.models import Project
from annotations.navigation import enter, frame
from qc.repeats import ask_repeats
from reports.checks import CONTROL_COLUMNS, checks_page, control_sheet
from reports.controls import seat_controls
from reports.forms import BenchmarkForm, ControlsForm, RepeatsForm
from reports.scorecards import counted
from reports.sheets import csv_response

CONTROLS, REPEATS, BENCHMARK = "controls", "repeats", "benchmark"
FORMS: dict[str, type[forms.Form]] = {CONTROLS: ControlsForm, REPEATS: RepeatsForm, BENCHMARK: BenchmarkForm}
VERBS: dict[str, Callable[..., Sized]] = {CONTROLS: seat_controls, REPEATS: ask_repeats, BENCHMARK: draw_benchmark}
DONE = {
    CONTROLS: "{} given. Which cases they are is shown to nobody.",
    REPEATS: "{} given. Which cases they are is shown to nobody.",
    BENCHMARK: "{} drawn as benchmark.",
}
NOUNS = {CONTROLS: "seat", REPEATS: "seat", BENCHMARK: "reader"}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checks(request: HttpRequest, slug: str) -> HttpResponse:
    """Show audits, controls and repeats with their figures, and ask for more; readers' controls also as CSV."""
    project, standing = enter(request.user, slug, "report.read")
    may_ask = standing.may("project.manage")
    shown = {name: made(prefix=name) for name, made in FORMS.items()}
    if request.method == "POST":
        name = next((one for one in FORMS if one in request.POST), REPEATS)
        if not may_ask:
            raise Forbidden("Your role in this project does not include this.")
        shown[name] = FORMS[name](request.POST, prefix=name)
        done = ask(request, project, name, shown[name])
        if done:
            messages.success(request, done)
            return redirect("checks", slug)
    view = checks_page(project)
    if request.GET.get("format") == "csv":
        return csv_response(f"{slug}-controls.csv", CONTROL_COLUMNS, control_sheet(view.controls))
    context = {**frame(project, "readers", standing), "project": project, "view": view, "may_ask": may_ask}
    return render(request, "reports/checks.html", {**context, **{f"{name}_form": form for name, form in shown.items()}})


def ask(request: HttpRequest, project: Project, name: str, form: forms.Form) -> str:
    """Seat what a form asks for and return what was done; nothing where the form or a rule refuses."""
    if not form.is_valid():
        return ""
    asked = dict(form.cleaned_data)
    if "share" in asked:
        asked["share"] /= 100
    try:
        made = VERBS[name](actor=request.user, project=project, **asked)
    except DomainError as refusal:
        form.add_error(None, refusal.detail or refusal.title)
        return ""
    return DONE[name].format(counted(len(made), NOUNS[name]))
