"""Page: the reading protocol as a form, in words and as a drawing; what a change touches; its versions."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.errors import DomainError
from annotations.models import Project, Question
from annotations.navigation import enter, frame
from annotations.selectors import questions_of
from qc.evaluation import adopt_protocol, check_document
from qc.selectors import current_protocol, ledger
from reports import protocol_page
from reports.protocol_form import ProtocolForm, fitted, proposed

ADOPT = "adopt"
LEAST_REASON = 3


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def protocol(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the protocol in force, or one to start from; show what a change does, or put it in force."""
    project, standing = enter(request.user, slug, "report.read" if request.method != "POST" else "project.manage")
    questions = questions_of(project)
    version = current_protocol(project)
    now: Mapping[str, Any] = version.document if version else {}
    base: Mapping[str, Any] = fitted(questions, now) if now else (proposed(questions) if questions else {})
    form = ProtocolForm(questions, base, request.POST or None)
    document, text = base, request.POST.get("document", "")
    if request.method == "POST":
        document = asked(project, form, text) or {}
        if document and request.POST.get("do") == ADOPT and reasoned(form, request.POST.get("reason", ""), version):
            made = adopt_protocol(
                actor=request.user,  # type: ignore[arg-type]
                project=project,
                document=document,
                reason=request.POST.get("reason", ""),
            )
            messages.success(request, f"Version {made.number} of the protocol is in force.")
            return redirect("protocol", slug)
    context = {
        **frame(project, "overview", standing),
        "project": project,
        "form": form,
        "version": version,
        "may_adopt": standing.may("project.manage"),
        "text": text or json.dumps(base, indent=2, ensure_ascii=False),
        "versions": protocol_page.versions_of(project),
        **consequences(project, questions, now, document),
    }
    part = "reports/_protocol.html" if request.headers.get("HX-Request") else "reports/protocol.html"
    return render(request, part, context)


def asked(project: Project, form: ProtocolForm, text: str) -> Mapping[str, Any] | None:
    """Return the document that was asked for, by the form or as JSON; None where it is refused, with the reasons."""
    if text:
        form.errors.clear()
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            form.add_error(None, "This is no JSON.")
            return None
        if not isinstance(document, dict):
            form.add_error(None, "A JSON object is needed.")
            return None
    elif form.is_valid():
        document = form.document()
    else:
        return None
    try:
        check_document(project, document)
    except DomainError as refusal:
        form.place(refusal.errors or [{"detail": refusal.detail}])
        return None
    return document


def reasoned(form: ProtocolForm, reason: str, version: object) -> bool:
    """Say whether a change says why; the first version needs no reason."""
    if version is None or len(reason.strip()) >= LEAST_REASON:
        return True
    form.add_error(None, "Say in a sentence why the protocol changes.")
    return False


def consequences(
    project: Project, questions: list[Question], now: Mapping[str, Any], document: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the drawing and the words of a document, and what it changes; nothing where it was refused."""
    if not document:
        return {}
    found: dict[str, Any] = {
        "picture": protocol_page.picture(document),
        "sentences": protocol_page.sentences(questions, document),
    }
    if now and document != now:
        found["changes"] = list(protocol_page.changes(now, document))
        found["touched"] = protocol_page.touched(questions, now, document, ledger(project, questions))
        found["n_read"] = protocol_page.n_read(project)
    return found
