"""Pages: the releases of a project, one release, its package."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotations.errors import DomainError, NotFound
from annotations.models import Project
from annotations.navigation import enter, frame
from reports import lifecycle, order_line, ordering, preflight, release, scorecards, serving, shelf
from reports.errors import OrderClosed
from reports.exporters._account import models_said
from reports.forms import FreezeForm, NoticeForm
from reports.models import GoldRelease


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def releases(request: HttpRequest, slug: str) -> HttpResponse:
    """List the releases, show what the next one would hold, and freeze it."""
    action = "release.freeze" if request.method == "POST" else "release.read"
    project, standing = enter(request.user, slug, action)
    form = FreezeForm(request.POST) if "note" in request.POST else FreezeForm()
    if request.method == "POST" and ("note" not in request.POST or form.is_valid()):
        try:
            said = about_order(signed_in(request), project, request.POST, form)
        except DomainError as refusal:
            said = refusal.detail or refusal.title
            if not form.is_bound:
                messages.error(request, said)
                return redirect("releases", slug)
            form.add_error(None, said)
        else:
            messages.success(request, said)
            return redirect("releases", slug)
    may_freeze = standing.may("release.freeze")
    ahead = preflight.draft_preflight(project) if may_freeze else None
    context = {
        **frame(project, "releases", standing),
        "project": project,
        "rows": shelf.release_lines(project),
        "form": form if may_freeze else None,
        "order": order_line.order_line(project) if may_freeze else None,
        "preflight": ahead,
        "ledger": scorecards.ledger_view(ahead.ledger, (), slug=slug) if ahead else None,
    }
    return render(request, "reports/releases.html", context)


def about_order(actor: User, project: Project, posted: Mapping[str, Any], form: FreezeForm) -> str:
    """Order a release, or cancel or retry the order that is open; returns what was done."""
    if "note" in posted:
        password, note = form.cleaned_data["password"], form.cleaned_data["note"]
        ordering.order_release(actor=actor, project=project, wanted=release.Wanted(note=note), password=password)
        return "The release is being frozen. You may leave the page."
    order = ordering.open_orders(project).first()
    if order is None:
        raise OrderClosed("The release is frozen already, or was refused.")
    if "cancel" in posted:
        ordering.cancel_order(actor=actor, order=order)
        return "The order is cancelled; nothing was frozen."
    ordering.retry_order(actor=actor, order=order)
    return "It is tried again."


@login_required
@never_cache
@require_safe
def releases_progress(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer the progress of the order; once it is closed the page is asked to load anew."""
    project, _ = enter(request.user, slug, "release.freeze")
    return progress_response(request, order_line.order_line(project))


@login_required
@never_cache
@require_safe
def release_progress(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Answer how far the files of a release are; once they are there the page is asked to load anew."""
    project, _ = enter(request.user, slug, "release.read")
    return progress_response(request, order_line.files_line(shelf.release_numbered(project, number)))


def progress_response(request: HttpRequest, line: order_line.WorkLine | None) -> HttpResponse:
    """Answer a line of progress, or an empty text, and ask for the page where the work runs no longer."""
    response = render(request, "components/_progress.html", {"progress": line}) if line else HttpResponse()
    if line is None or line.state != "running":
        response.headers["HX-Refresh"] = "true"
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def release_page(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one release: what it holds, its files, what changed, how to verify it; sign it, or say what is wrong."""
    project, standing = enter(request.user, slug, "release.read")
    row = shelf.release_numbered(project, number)
    form = NoticeForm(request.POST or None) if "kind" in request.POST else NoticeForm()
    refusal = None
    if request.method == "POST":
        try:
            said = after_freezing(signed_in(request), row, request.POST, form)
        except DomainError as error:
            refusal = " ".join([error.detail or error.title, *(one["detail"] for one in error.errors or [])])
        else:
            if said:
                messages.success(request, said)
                return redirect("release", slug, number)
    context = {
        "notice": form if standing.may("release.freeze") else None,
        "may_sign": standing.may("release.sign") and row.frozen_by_id != request.user.pk,
        "refusal": refusal,
        **frame(project, "releases", standing),
        "project": project,
        "view": shelf.release_view(row),
        "models": list(models_said(row.protocol.document, ())),
        "work": order_line.files_line(row),
        "may_read_cases": standing.may("report.read"),
    }
    return render(request, "reports/release.html", context)


def after_freezing(actor: User, row: GoldRelease, posted: Mapping[str, Any], form: NoticeForm) -> str:
    """Sign a release, or say what is wrong with it; returns what was done, nothing where the form has faults."""
    if "kind" not in posted:
        lifecycle.sign_release(actor=actor, release=row, password=str(posted.get("password", "")))
        return "The release is signed. Its files are being made."
    if not form.is_valid():
        return ""
    lifecycle.give_notice(actor=actor, release=row, **form.cleaned_data)
    return "The notice is given; it stands wherever the release is shown."


@login_required
@require_safe
def package(request: HttpRequest, slug: str, number: int) -> StreamingHttpResponse:
    """Hand out the package, or the rest of it where a download broke off."""
    project, _ = enter(request.user, slug, "release.read")
    row = shelf.release_numbered(project, number)
    return serving.package_response(receiver=signed_in(request), release=row, headers=request.headers)


def signed_in(request: HttpRequest) -> User:
    """Return the signed-in person."""
    if not isinstance(request.user, User):
        raise NotFound("Sign in first.")
    return request.user
