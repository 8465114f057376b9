"""Pages: two sides of a study compared, and the same study for iMRMC."""

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
from reports import comparison, panels, reader_study
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
        "grades": [one for one in questions if one.kind == "grade" and one.about_id is None],
        "truths": [
            (one, code, title)
            for one in questions
            if one.kind == "category" and one.about_id is None
            for code, title in panels.titles_of(one).items()
        ],
        "csv": "&".join(["format=csv", *([request.GET.urlencode()] if request.GET else [])]),
    }
    return render(request, "reports/comparison.html", context)


def others_of(user: User | AnonymousUser, project: Project) -> list[Project]:
    """Return the other projects whose reports the person may read."""
    mine = Project.objects.filter(memberships__user_id=user.pk or 0, memberships__role__in=ALLOWED["report.read"])
    return list(mine.exclude(pk=project.pk).order_by("name"))


@login_required
@never_cache
@require_safe
def study_file(request: HttpRequest, slug: str) -> HttpResponse:
    """Hand out the scores of a grade against a settled category as iMRMC reads them."""
    project, _ = enter(request.user, slug, "report.read")
    truth, _, positive = request.GET.get("truth", "").partition("=")
    other = request.GET.get("with", "")
    content = reader_study.study_file(
        project,
        panels.question_named(project, request.GET.get("score", "")),
        panels.question_named(project, truth),
        positive,
        enter(request.user, other, "report.read")[0] if other else None,
    )
    return HttpResponse(
        content,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{slug}.imrmc"', "X-Content-Type-Options": "nosniff"},
    )
