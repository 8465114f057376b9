"""Page: two sides of a study compared."""

from collections.abc import Mapping

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.models import Project
from annotations.navigation import enter, frame
from annotations.permissions import ALLOWED
from annotations.selectors import questions_of
from reports import comparison, panels
from reports.comparison import Asked
from reports.sheets import csv_response


def asked_of(user: User | AnonymousUser, asked: Mapping[str, str]) -> Asked:
    """Return what an address asks for; another project is entered as any is."""
    slug = asked.get("with", "")
    other = enter(user, slug, "report.read")[0] if slug else None
    return Asked(asked.get("first", "").strip(), asked.get("second", "").strip(), asked.get("by", "").strip(), other)


@login_required
@never_cache
@require_safe
def comparison_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Compare two panels of readers, two projects on the same cases, or two groups of cases; or the same as CSV."""
    project, standing = enter(request.user, slug, "report.read")
    questions = questions_of(project)
    code = request.GET.get("question", "")
    question = panels.question_named(project, code) if code else next(iter(questions), None)
    asked = asked_of(request.user, request.GET)
    view = comparison.compare(project, question, asked) if question is not None else None
    if request.GET.get("format") == "csv" and view is not None and question is not None:
        rows = comparison.comparison_sheet(view)
        return csv_response(f"{slug}-{question.code}-comparison.csv", comparison.COMPARISON_COLUMNS, rows)
    context = {
        **frame(project, "agreement", standing),
        "project": project,
        "questions": questions,
        "question": question,
        "asked": asked,
        "view": view,
        "readers": list(project.readers.order_by("code").values_list("code", flat=True)),
        "groups": comparison.groups_of(project),
        "others": others_of(request.user, project),
        "csv": "&".join(["format=csv", *([request.GET.urlencode()] if request.GET else [])]),
    }
    return render(request, "reports/comparison.html", context)


def others_of(user: User | AnonymousUser, project: Project) -> list[Project]:
    """Return the other projects whose reports the person may read."""
    mine = Project.objects.filter(memberships__user_id=user.pk or 0, memberships__role__in=ALLOWED["report.read"])
    return list(mine.exclude(pk=project.pk).order_by("name"))
