"""Page: what another limit would send to physicians, and what is still to come."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.errors import InvalidInput
from annotations.navigation import enter, frame
from annotations.selectors import questions_of
from qc import evaluation
from qc.selectors import current_protocol
from reports import what_if


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def what_if_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what another limit would send to physicians; put it in force when the QA lead says why."""
    project, standing = enter(request.user, slug, "report.read" if request.method != "POST" else "project.manage")
    asked, protocol = request.POST or request.GET, current_protocol(project)
    names = (asked.get("question", ""), asked.get("rule", ""), asked.get("limit", ""))
    trial = what_if.trial_of(protocol, questions_of(project), *names)
    if request.method == "POST" and trial is not None and protocol is not None:
        if len(asked.get("reason", "").strip()) < 3:
            error = {"pointer": "#/reason", "code": "required", "detail": "Say in a sentence why the limit changes."}
            raise InvalidInput("The limit was not changed.", errors=[error])
        evaluation.adopt_protocol(
            actor=request.user,  # type: ignore[arg-type]
            project=project,
            document=what_if.changed_document(protocol, trial),
            reason=asked.get("reason", ""),
        )
        messages.success(request, "The limit is in force as a new protocol version; cases are evaluated anew.")
        return redirect("what-if", slug)
    standing_now = what_if.standings(project, trial.question) if trial else []
    found = what_if.tried(protocol, trial, standing_now) if trial and protocol else None
    n_ahead = int(asked["ahead"]) if asked.get("ahead", "").isdecimal() else what_if.open_cases(project)
    context = {
        **frame(project, "adjudication", standing),
        "project": project,
        "trial": trial,
        "limits": what_if.limits_of(protocol, questions_of(project)),
        "shift": found,
        "chart": what_if.picture(trial, standing_now) if trial else None,
        "entering": what_if.case_links(project, found.entering) if found else [],
        "leaving": what_if.case_links(project, found.leaving) if found else [],
        "ahead": what_if.ahead(project, min(n_ahead, 10_000_000)),
        "knows_readers": project.knows_readers,
    }
    return render(request, f"reports/{'_trial' if request.headers.get('HX-Request') else 'what_if'}.html", context)
