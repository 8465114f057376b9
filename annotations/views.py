"""Pages of this app: the theme, and the reading of cases."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations import reading, selectors, submission
from annotations.errors import InvalidInput, NotFound
from annotations.models import Assignment, Project
from annotations.navigation import enter, frame
from annotations.posted import member, sent_list, sent_object, text_of
from annotations.submission import NewAnswer
from annotations.viewing import volume_response

THEMES = ("dark", "light")
YEAR_SECONDS = 365 * 24 * 3600
ROWS = 50
LONGEST_SECONDS = 1e7
LONGEST_MARK = 40
SeatView = Callable[[HttpRequest, User, Assignment], Mapping[str, Any]]


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme in a cookie and go back to the page."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = redirect(back)
    wanted = request.POST.get("theme", "")
    if wanted in THEMES:
        response.set_cookie("theme", wanted, max_age=YEAR_SECONDS, samesite="Lax", httponly=True)
    return response


@login_required
@never_cache
@require_safe
def worklist(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a reader what waits and how far it is."""
    user = member(request)
    project, standing = enter(user, slug, "annotation.submit")
    page = Paginator(selectors.worklist(user, project), ROWS).get_page(request.GET.get("page"))
    context = {
        **frame(project, "reading", standing),
        "progress": reading.progress_of(user, project),
        "rows": reading.seat_rows(list(page.object_list)),
        "page": page,
    }
    return render(request, "annotations/worklist.html", context)


@login_required
@require_POST
def next_case(request: HttpRequest, slug: str) -> HttpResponse:
    """Open the next case that waits; back to the worklist when none does."""
    user = member(request)
    project, _ = enter(user, slug, "annotation.submit")
    return redirect(next_address(user, project))


def next_address(user: User, project: Project) -> str:
    """Return the address of the next case that waits, or that of the worklist."""
    seat = selectors.worklist(user, project).first()
    if seat is None:
        return reverse("worklist", args=[project.slug])
    return reverse("reading", args=[project.slug, seat.case.public_id])


@login_required
@never_cache
@require_safe
def read_case(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Show a reader one case with its questions and the reader's own drafts."""
    user = member(request)
    project, standing = enter(user, slug, "annotation.submit")
    seat = reading.seat_at(user, project, str(public_id))
    names = {"answers": "save_url", "withdraw": "withdraw_url", "finish": "finish_url", "voxels": "voxels_url"}
    urls = {key: reverse(f"reading-{name}", args=[slug, public_id]) for name, key in names.items()}
    context = {
        **frame(project, "reading", standing),
        "theme_fixed": True,
        "view": reading.case_view(seat, user, urls),
        "simulated": bool(project.simulated_note),
    }
    return render(request, "annotations/reading.html", context)


def at_seat(*methods: str) -> Callable[[SeatView], Callable[..., HttpResponse]]:
    """Return a decorator that makes a JSON endpoint of an act at one's own open seat; refusals become problems."""

    def decorate(act: SeatView) -> Callable[..., HttpResponse]:
        @require_http_methods(list(methods))
        def view(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
            user = member(request)
            project, _ = enter(user, slug, "annotation.submit")
            return JsonResponse(dict(act(request, user, reading.seat_at(user, project, str(public_id)))))

        return view

    return decorate


@at_seat("PUT")
def save_answers(request: HttpRequest, user: User, seat: Assignment) -> Mapping[str, Any]:
    """Keep answers as drafts; one that stands already makes no new revision."""
    answers = [answer_of(item, index, seat) for index, item in enumerate(sent_list(request))]
    rows = submission.submit_answers(actor=user, project=seat.case.project, answers=answers)
    return {"n_new": len(rows)}


@at_seat("POST")
def withdraw(request: HttpRequest, user: User, seat: Assignment) -> Mapping[str, Any]:
    """Withdraw a draft; that of a mark takes its details along."""
    body = sent_object(request)
    question, mark = text_of(body, "question"), text_of(body, "mark")
    return {"n_withdrawn": submission.withdraw_draft(actor=user, assignment=seat, question=question, mark=mark)}


@at_seat("POST")
def finish(request: HttpRequest, user: User, seat: Assignment) -> Mapping[str, Any]:
    """Finish the reading; the answer names the next case that waits."""
    submission.finish_reading(actor=user, assignment=seat)
    return {"next": next_address(user, seat.case.project)}


@login_required
@require_safe
def voxels(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Answer the volume of a case to whoever has an open seat at it."""
    user = member(request)
    project, _ = enter(user, slug, "annotation.submit")
    image = reading.image_at(reading.seat_at(user, project, str(public_id)))
    if image is None or not image.digest:
        raise NotFound("This case has no pixels.")
    return volume_response(request, image)


def answer_of(item: Mapping[str, Any], index: int, seat: Assignment) -> NewAnswer:
    """Return a sent answer as one of this seat's reader, or refuse it."""
    value, seconds = item.get("value"), item.get("seconds")
    if not isinstance(value, dict):
        raise not_taken(index, "value", "not-an-object", "An answer is a JSON object.")
    if seconds is not None and not is_duration(seconds):
        raise not_taken(index, "seconds", "not-a-duration", "Seconds are a number from 0 to 10 million.")
    mark = text_of(item, "mark")
    if len(mark) > LONGEST_MARK or not mark.isprintable():
        raise not_taken(index, "mark", "bad-mark", f"A mark is at most {LONGEST_MARK} printable characters.")
    return NewAnswer(
        case=seat.case.key,
        reader=seat.reader.code,
        question=text_of(item, "question"),
        value=value,
        mark=mark,
        seconds=seconds,
    )


def is_duration(value: object) -> bool:
    """Say whether a value is a finite number of seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and 0 <= value <= LONGEST_SECONDS


def not_taken(index: int, name: str, code: str, detail: str) -> InvalidInput:
    """Return the refusal of one sent answer."""
    errors = [{"pointer": f"#/{index}/{name}", "code": code, "detail": detail}]
    return InvalidInput("Nothing was saved: some answers cannot be taken.", errors=errors)
