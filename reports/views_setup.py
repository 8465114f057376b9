"""Page: how far a project is set up, and what is next."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.navigation import enter, frame
from annotations.selectors import questions_of
from annotations.setup import setup_steps
from qc.selectors import current_protocol


@login_required
@never_cache
@require_safe
def setup(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what there is to set up, with what is done and what comes next."""
    project, standing = enter(request.user, slug, "project.manage")
    steps = setup_steps(project, questions_of(project), has_protocol=current_protocol(project) is not None)
    context = {**frame(project, "overview", standing), "project": project, "steps": steps}
    return render(request, "reports/setup.html", context)
