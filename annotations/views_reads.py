"""Pages that take files: reads of other tools, and images. Looked through first, then taken."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core import signing
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations import imaging, importing, storing
from annotations.errors import DomainError, InvalidInput
from annotations.forms_setup import ReadsForm
from annotations.imaging import Handed, Wishes
from annotations.importers._guess import HEAD, LIKELY, SURE, guess
from annotations.models import Project
from annotations.navigation import enter, frame
from annotations.posted import opener_of
from annotations.registry import IMPORTERS

# A file that was looked through can be taken for so long; then it is handed in again.
SHOWN_SECONDS = 3600
SALT = "file of reads"
SHOWN_PROBLEMS = 100
METHODS = ["GET", "HEAD", "POST"]


@login_required
@never_cache
@require_http_methods(METHODS)
def reads(request: HttpRequest, slug: str) -> HttpResponse:
    """Look a file of reads through: whose answers to what it holds and what is refused; then take it."""
    project, standing = enter(request.user, slug, "import.submit")
    form = ReadsForm(request.POST or None, request.FILES or None)
    found: dict[str, Any] = {}
    if request.POST.get("do") in ("all", "good"):
        return take(request, project, request.POST["do"])
    if request.method == "POST" and form.is_valid():
        try:
            found = looked_through(request, project, form)
        except DomainError as refusal:
            form.add_error("file", refusal.detail or refusal.title)
    context = {**frame(project, "overview", standing), "project": project, "form": form, **found}
    return render(request, "annotations/setup_reads.html", context)


def looked_through(request: HttpRequest, project: Project, form: ReadsForm) -> dict[str, Any]:
    """Return what a file would do; nothing of it is taken."""
    handed = form.cleaned_data["file"]
    content = handed.read()
    name, said = form.cleaned_data["format"], ""
    if not name:
        guesses = guess(content[:HEAD], handed.name or "")
        if not guesses or guesses[0][1] < LIKELY:
            raise InvalidInput("What format this is cannot be told from the file; choose it.")
        name, share = guesses[0]
        said = "surely" if share >= SURE else "probably"
    checked, sums = importing.preview_import(project=project, content=content, importer=name, options={"take": "good"})
    digest, path = storing.store_bytes(content, "imports")
    ticket = {"project": project.pk, "user": request.user.pk, "path": path, "name": handed.name or "", "format": name}
    return {
        "ticket": signing.dumps(ticket, salt=SALT),
        "file_name": handed.name,
        "digest": digest,
        "format_title": IMPORTERS[name].title,
        "said": said,
        "sums": sums,
        "problems": checked.problems[:SHOWN_PROBLEMS],
        "n_problems": len(checked.problems),
    }


def take(request: HttpRequest, project: Project, which: str) -> HttpResponse:
    """Hand in a file that was looked through: what this person was shown, in this project, and nothing else."""
    try:
        ticket = signing.loads(request.POST.get("ticket", ""), salt=SALT, max_age=SHOWN_SECONDS)
    except signing.BadSignature:
        ticket = {}
    if (ticket.get("project"), ticket.get("user")) != (project.pk, request.user.pk):
        messages.error(request, "This file was looked through too long ago: hand it in again.")
        return redirect("setup-reads", project.slug)
    with default_storage.open(ticket["path"], "rb") as stored:
        content = stored.read()
    batch = importing.receive_import(
        actor=cast(User, request.user),
        project=project,
        content=content,
        file_name=ticket["name"],
        importer=ticket["format"],
        options={"take": which},
    )
    words = "was taken before; nothing is added" if batch.finished_at else "is being taken"
    messages.success(request, f"{batch.file_name} {words}.")
    return redirect("overview", project.slug)


@login_required
@never_cache
@require_http_methods(METHODS)
def images(request: HttpRequest, slug: str) -> HttpResponse:
    """Take images as cases: what would be kept and left out is shown first."""
    project, standing = enter(request.user, slug, "project.manage")
    found: dict[str, Any] = {}
    errors: list[Any] = []
    if request.method == "POST":
        files = [Handed(one.name or "", opener_of(one)) for one in request.FILES.getlist("files")]
        wishes = Wishes(
            keeps_names=bool(request.POST.get("keeps_names")),
            is_clean=bool(request.POST.get("is_clean")),
            takes_good=request.POST.get("do") == "good",
        )
        is_trial = request.POST.get("do") not in ("take", "good")
        try:
            found = imaging.receive_images(
                actor=cast(User, request.user), project=project, files=files, wishes=wishes, dry_run=is_trial
            )
        except DomainError as refusal:
            errors = refusal.errors or [{"detail": refusal.detail or refusal.title}]
        else:
            if not is_trial:
                messages.success(request, f"{len(found['taken'])} images taken, {len(found['refused'])} refused.")
                return redirect("setup-cases", slug)
    context = {**frame(project, "overview", standing), "project": project, "found": found, "errors": errors}
    return render(request, "annotations/setup_images.html", context)
