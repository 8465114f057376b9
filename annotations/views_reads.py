"""Pages that take files of reads of other tools: looked through first, then taken, then followed to the end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations import importing, storing
from annotations.errors import DomainError, InvalidInput, NotFound
from annotations.forms_setup import ReadsForm
from annotations.importers._guess import HEAD, LIKELY, SURE, guess
from annotations.models import ImportBatch, Project
from annotations.navigation import enter, frame
from annotations.permissions import imports_visible_to
from annotations.posted import member
from annotations.registry import IMPORTERS

# A file that was looked through can be taken for so long; then it is handed in again.
SHOWN_SECONDS = 3600
SALT = "file of reads"
SHOWN_PROBLEMS = 100
SHOWN_LINES = 8
SHOWN_FILES = 20
METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why lines of a file are refused, with how many and the first of them."""

    n_lines: int
    lines: str
    field: str
    detail: str


@login_required
@never_cache
@require_http_methods(METHODS)
def reads(request: HttpRequest, slug: str) -> HttpResponse:
    """Look a file of reads through: whose answers to what it holds and what is refused; then take it."""
    user = member(request)
    project, standing = enter(user, slug, "import.submit")
    form = ReadsForm(request.POST or None, request.FILES or None)
    found: dict[str, Any] = {}
    if request.POST.get("do") in ("all", "good"):
        return take(request, user, project, request.POST["do"])
    if request.method == "POST" and form.is_valid():
        try:
            found = looked_through(user, project, form)
        except DomainError as refusal:
            form.add_error("file", refusal.detail or refusal.title)
    context = {
        **frame(project, "overview", standing),
        "project": project,
        "form": form,
        "formats": [(spec.title, spec.suffixes, spec.options) for spec in IMPORTERS.values()],
        "files": imports_visible_to(user).filter(project=project).order_by("-pk")[:SHOWN_FILES],
        **found,
    }
    return render(request, "annotations/setup_reads.html", context)


def looked_through(user: User, project: Project, form: ReadsForm) -> dict[str, Any]:
    """Return what a file would do; nothing of it is taken."""
    handed, options = form.cleaned_data["file"], form.cleaned_data["options"]
    content = handed.read()
    name, said = format_of(form.cleaned_data["format"], content, handed.name or "")
    wish = {**options, "take": "good"}
    checked, sums = importing.preview_import(project=project, content=content, importer=name, options=wish)
    digest, path = storing.store_bytes(content, "imports")
    ticket = {"project": project.pk, "user": user.pk, "path": path, "name": handed.name or "", "format": name}
    return {
        "ticket": signing.dumps({**ticket, "options": options}, salt=SALT),
        "file_name": handed.name,
        "digest": digest,
        "format_title": IMPORTERS[name].title,
        "format_options": IMPORTERS[name].options,
        "said": said,
        "sums": sums,
        "readers": readers_of(project, sums["readers"]),
        "problems": grouped(checked.problems),
        "n_problems": len(checked.problems),
        "lacks_readers": any(problem["code"] == "unknown-reader" for problem in checked.problems),
        "lacks_cases": any(problem["code"] == "unknown-case" for problem in checked.problems),
    }


def format_of(given: str, content: bytes, file_name: str) -> tuple[str, str]:
    """Return the format that is given or found out, with how sure that is; refuse where none is likely."""
    if given:
        return given, "as you chose"
    guesses = guess(content[:HEAD], file_name)
    if guesses and guesses[0][1] >= LIKELY:
        name, share = guesses[0]
        return name, f"{'surely' if share >= SURE else 'probably'} ({share:.0%} certain)"
    maybe = ", ".join(f"{IMPORTERS[name].title} ({share:.0%})" for name, share in guesses)
    words = f" It may be {maybe}." if maybe else ""
    raise InvalidInput(f"What format this is cannot be told from the file; choose it.{words}")


def readers_of(project: Project, counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Return each reader of a file as code, who that is here, and the number of answers."""
    rows = project.readers.filter(code__in=list(counts)).select_related("user")
    who = {row.code: f"{row.user}" if row.user else f"{row.get_kind_display()} {row.version}".strip() for row in rows}
    return [(code, who.get(code, ""), number) for code, number in counts.items()]


def grouped(problems: Iterable[Mapping[str, Any]]) -> list[Problem]:
    """Return problems by reason, in the order of the file: a fault of every line is one row and not a thousand."""
    lines: dict[tuple[str, str], list[Any]] = {}
    for problem in problems:
        lines.setdefault((problem["field"] or "", problem["detail"]), []).append(problem["line"])
    return [
        Problem(len(found), shown_lines(found), field, detail)
        for (field, detail), found in list(lines.items())[:SHOWN_PROBLEMS]
    ]


def shown_lines(lines: list[Any]) -> str:
    """Return the first line numbers of a problem as text; a fault of the whole file has none."""
    numbers = [str(line) for line in lines[:SHOWN_LINES] if line is not None]
    return ", ".join(numbers) + (" …" if len(lines) > SHOWN_LINES else "") if numbers else "file"


def take(request: HttpRequest, user: User, project: Project, which: str) -> HttpResponse:
    """Hand in a file that was looked through: what this person was shown, in this project, and nothing else."""
    try:
        ticket = signing.loads(request.POST.get("ticket", ""), salt=SALT, max_age=SHOWN_SECONDS)
    except signing.BadSignature:
        ticket = {}
    if (ticket.get("project"), ticket.get("user")) != (project.pk, user.pk):
        messages.error(request, "This file was looked through too long ago: hand it in again.")
        return redirect("setup-reads", project.slug)
    batch = importing.receive_import(
        actor=user,
        project=project,
        content=storing.stored_bytes(ticket["path"]),
        file_name=ticket["name"],
        importer=ticket["format"],
        options={**ticket["options"], "take": which},
    )
    if batch.finished_at:
        messages.info(request, f"{batch.file_name} was taken before; nothing is added.")
    return redirect("setup-file", project.slug, batch.public_id)


@login_required
@never_cache
@require_http_methods(METHODS)
def file_of_reads(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Follow a file until it is taken or refused, show what became of it, and stop it while nothing of it stands."""
    user = member(request)
    project, standing = enter(user, slug, "import.submit")
    batch = imports_visible_to(user).filter(project=project, public_id=public_id).first()
    if batch is None:
        raise NotFound("No such import.")
    if request.method == "POST":
        try:
            importing.cancel_import(actor=user, batch=batch)
        except DomainError as refusal:
            messages.error(request, refusal.detail)
        return redirect("setup-file", slug, batch.public_id)
    context = {
        **frame(project, "overview", standing),
        "project": project,
        "batch": batch,
        "format_title": IMPORTERS[batch.importer].title if batch.importer in IMPORTERS else batch.importer,
        "sums": sums_of(batch),
        "is_stopped": [problem["code"] for problem in batch.problems] == [importing.CANCELLED],
        "is_refused": bool(batch.finished_at and batch.n_problems and not batch.takes_good_part),
        "problems": grouped(batch.problems),
    }
    part = "annotations/_file.html" if request.headers.get("HX-Request") else "annotations/setup_file.html"
    return render(request, part, context)


def sums_of(batch: ImportBatch) -> dict[str, Any]:
    """Return the sums of an import that is done; nothing while it waits."""
    if batch.n_lines is None or not batch.finished_at:
        return {}
    return importing.closing(n_read=batch.n_lines, n_accepted=batch.n_committed, n_unchanged=batch.n_already_there)
