"""Page that takes images: what would be kept and left out is shown first, then they become cases."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from annotations import imaging
from annotations.errors import DomainError
from annotations.forms_setup import ImagesForm
from annotations.imaging import Handed, Wishes
from annotations.models import Project
from annotations.navigation import enter, frame
from annotations.posted import member, opener_of
from annotations.unpacking import unpacked

TAKE, GOOD = "take", "good"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def images(request: HttpRequest, slug: str) -> HttpResponse:
    """Take images as cases: what would be kept and left out is shown first.

    A page with a script gets the report alone, so that the files stay chosen and are not chosen twice.
    """
    project, standing = enter(request.user, slug, "project.manage")
    form = ImagesForm(request.POST or None)
    found: dict[str, Any] = {}
    errors: list[Any] = []
    if request.method == "POST" and form.is_valid():
        try:
            found = received(request, project, form)
        except DomainError as refusal:
            errors = refusal.errors or [{"detail": refusal.detail or refusal.title}]
        else:
            if not found["dry_run"]:
                return registered(request, project, found)
    context = {
        **frame(project, "overview", standing),
        "project": project,
        "form": form,
        "found": found,
        "errors": errors,
        "burnt_in": any(one["code"] == "burnt-in" for one in [*found.get("refused", []), *errors] if "code" in one),
    }
    is_part = request.headers.get("HX-Request")
    return render(request, "annotations/_images.html" if is_part else "annotations/setup_images.html", context)


def received(request: HttpRequest, project: Project, form: ImagesForm) -> dict[str, Any]:
    """Hand the files to the verb as the form wishes; nothing is written unless they are to be taken."""
    do, given = request.POST.get("do"), form.cleaned_data
    files = unpacked([Handed(one.name or "", opener_of(one)) for one in request.FILES.getlist("files")])
    wishes = Wishes(
        case=given["case"],
        subject=given["subject"],
        keeps_names=given["keeps_names"],
        is_clean=given["is_clean"],
        takes_good=do == GOOD,
    )
    return imaging.receive_images(
        actor=member(request), project=project, files=files, wishes=wishes, dry_run=do not in (TAKE, GOOD)
    )


def registered(request: HttpRequest, project: Project, found: dict[str, Any]) -> HttpResponse:
    """Say what was taken and lead to the cases."""
    n_new = sum(bool(one["is_new"]) for one in found["taken"])
    there = len(found["taken"]) - n_new
    words = f"{n_new:,} images taken, {there:,} there already, {len(found['refused']):,} refused."
    messages.success(request, words)
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(reverse("setup-cases", args=[project.slug]))
    return redirect("setup-cases", project.slug)
