"""Pages: the releases of a project, one release, its package."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotations.errors import DomainError, NotFound
from annotations.navigation import enter, frame
from reports import lifecycle, release, scorecards, shelf
from reports.forms import FreezeForm, NoticeForm
from reports.models import GoldRelease


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def releases(request: HttpRequest, slug: str) -> HttpResponse:
    """List the releases, show what the next one would hold, and freeze it."""
    action = "release.freeze" if request.method == "POST" else "release.read"
    project, standing = enter(request.user, slug, action)
    form = FreezeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = release.freeze_release(actor=signed_in(request), project=project, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, refusal.detail or refusal.title)
        else:
            messages.success(request, f"Release {made.number} is frozen. Its files are being made.")
            return redirect("release", slug, made.number)
    may_freeze = standing.may("release.freeze")
    preflight = release.draft_preflight(project) if may_freeze else None
    context = {
        **frame(project, "releases", standing),
        "project": project,
        "rows": shelf.release_lines(project),
        "form": form if may_freeze else None,
        "preflight": preflight,
        "ledger": scorecards.ledger_view(preflight.ledger, (), slug=slug) if preflight else None,
    }
    return render(request, "reports/releases.html", context)


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
def package(request: HttpRequest, slug: str, number: int) -> FileResponse:
    """Hand out the package."""
    project, _ = enter(request.user, slug, "release.read")
    row = shelf.release_numbered(project, number)
    stream = release.package_zip(row)
    lifecycle.hand_out(receiver=signed_in(request), release=row, file=release.archive_name(row))
    return FileResponse(
        stream,
        as_attachment=True,
        filename=release.archive_name(row),
        content_type="application/zip",
    )


def signed_in(request: HttpRequest) -> User:
    """Return the signed-in person."""
    if not isinstance(request.user, User):
        raise NotFound("Sign in first.")
    return request.user
