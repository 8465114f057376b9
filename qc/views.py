"""Pages of this app: the queue, and the decision on one dispute."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.errors import DomainError
from annotations.models import Project
from annotations.navigation import Standing, enter, frame
from annotations.posted import member, sent_object, text_of
from qc import adjudication, judges, presentation, referral, worktray
from qc.adjudication import NewDecision
from qc.errors import DisputeClosed, DisputeTaken, NotIndependent, TooManyHeld
from qc.models import Dispute

ROWS = 50
PASSED = "passed-disputes"
MOST_PASSED = 50
JsonView = Callable[[HttpRequest, User, Project, Dispute], Mapping[str, Any]]


@login_required
@never_cache
@require_safe
def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an adjudicator what waits; show a QA lead how much waits and why."""
    user = member(request)
    project, standing = enter(user, slug, "dispute.list")
    context = frame(project, "queue", standing)
    if not standing.may("dispute.settle"):
        return render(
            request,
            "qc/counts.html",
            {
                **context,
                "tray": worktray.counts_of(project),
                "judges": judges.judges_of(project),
                "fewest": judges.FEWEST,
            },
        )
    cause, question = request.GET.get("cause", ""), request.GET.get("question", "")
    rows = worktray.rows_for(user, project, cause=cause, question=question)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    hides = worktray.hides_causes(project)
    context |= {
        "tray": worktray.tray_for(user, project),
        "rows": [worktray.row_of(user, project, dispute, hides=hides) for dispute in page.object_list],
        "page": page,
        "cause": cause,
        "question": question,
        "is_filtered": bool(cause or question),
    }
    template = "qc/_queue_rows.html" if request.headers.get("HX-Request") else "qc/queue.html"
    return render(request, template, context)


@login_required
@require_POST
def next_dispute(request: HttpRequest, slug: str) -> HttpResponse:
    """Claim the next dispute and open it; back to the queue when nothing waits."""
    user = member(request)
    project, _ = enter(user, slug, "dispute.settle")
    return redirect(next_address(request, user, project))


def next_address(request: HttpRequest, user: User, project: Project) -> str:
    """Return the address of the next dispute, which is claimed, or that of the queue."""
    row = adjudication.claim_next(actor=user, project=project, passing=request.session.get(PASSED, []))
    if row is None:
        return reverse("queue", args=[project.slug])
    return reverse("dispute", args=[project.slug, row.public_id])


@login_required
@never_cache
@require_safe
def dispute(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Claim a dispute and show it; say plainly when it is not open to this person."""
    user = member(request)
    project, standing = enter(user, slug, "dispute.settle")
    row = adjudication.find_dispute(user, project, str(public_id))
    try:
        claimed = adjudication.claim_dispute(actor=user, dispute=row)
    except (DisputeClosed, DisputeTaken, NotIndependent, TooManyHeld) as refusal:
        return refused(request, project, standing, refusal)
    row = adjudication.find_dispute(user, project, str(claimed.public_id))
    adjudication.record_exposure(actor=user, dispute=row)
    view = presentation.dispute_view(row, user, addresses(slug, str(public_id)))
    context = {
        **frame(project, "adjudication", standing),
        "theme_fixed": True,
        "dispute": view,
        "case_data": view.case_data,
        "reads": view.reads,
        "consensus_summary": view.consensus_summary,
        "choices": view.choices,
        "unit": view.unit,
        "causes": view.causes,
        "form_token": view.fence,
        "question_kind": view.kind,
        "view": view,
        "printed_name": user.get_full_name() or user.get_username(),
        "back_url": reverse("queue", args=[slug]),
        "simulated": bool(project.simulated_note),
    }
    return render(request, "qc/case.html", context)


def refused(request: HttpRequest, project: Project, standing: Standing, refusal: DomainError) -> HttpResponse:
    """Show why a dispute does not open, and the way on."""
    context = {
        **frame(project, "adjudication", standing),
        "title": refusal.title,
        "detail": refusal.detail,
        "code": refusal.code,
    }
    return render(request, "qc/refused.html", context, status=refusal.status)


def addresses(slug: str, public_id: str) -> dict[str, str]:
    """Return where the page sends what the physician does."""
    names = {
        "decision_url": "decision",
        "draft_url": "draft",
        "renew_url": "renew",
        "skip_url": "give-back",
        "look_url": "look",
        "refer_url": "refer",
    }
    return {key: reverse(f"dispute-{name}", args=[slug, public_id]) for key, name in names.items()} | {
        "next_url": reverse("queue", args=[slug])
    }


def acting(*methods: str) -> Callable[[JsonView], Callable[..., HttpResponse]]:
    """Return a decorator that makes a JSON endpoint of an act on one dispute; refusals become problems."""

    def decorate(act: JsonView) -> Callable[..., HttpResponse]:
        @require_http_methods(list(methods))
        def view(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
            user = member(request)
            project, _ = enter(user, slug, "dispute.settle")
            row = adjudication.find_dispute(user, project, str(public_id))
            return JsonResponse(dict(act(request, user, project, row)))

        return view

    return decorate


@acting("PUT")
def save_draft(request: HttpRequest, user: User, project: Project, row: Dispute) -> Mapping[str, Any]:
    """Keep unsigned work as it stands in the window."""
    body = {key: value for key, value in sent_object(request).items() if key not in {"fence", "password"}}
    draft = adjudication.save_draft(actor=user, dispute=row, body=body)
    return {"revision": draft.revision}


@acting("POST")
def renew(request: HttpRequest, user: User, project: Project, row: Dispute) -> Mapping[str, Any]:
    """Extend the hold."""
    claimed = adjudication.claim_dispute(actor=user, dispute=row)
    return {"seconds_left": presentation.seconds_left(claimed)}


@acting("POST")
def give_back(request: HttpRequest, user: User, project: Project, row: Dispute) -> Mapping[str, Any]:
    """Give the dispute back to the queue and go on with another."""
    adjudication.release_dispute(actor=user, dispute=row, reason=text_of(sent_object(request), "reason")[:400])
    passed = [*request.session.get(PASSED, []), str(row.public_id)]
    request.session[PASSED] = passed[-MOST_PASSED:]
    return {"next": next_address(request, user, project)}


@acting("POST")
def decide(request: HttpRequest, user: User, project: Project, row: Dispute) -> Mapping[str, Any]:
    """Sign a decision, or a vote where a panel decides, and open the next dispute."""
    referral.sign(actor=user, dispute=row, new=given_decision(sent_object(request)))
    return {"next": next_address(request, user, project)}


@acting("POST")
def look(request: HttpRequest, user: User, project: Project, row: Dispute) -> Mapping[str, Any]:
    """Keep the answer from the image alone; the page is loaded again with what the readers said."""
    adjudication.look(actor=user, dispute=row, new=given_decision(sent_object(request)))
    return {"next": reverse("dispute", args=[project.slug, row.public_id])}


@acting("POST")
def refer(request: HttpRequest, user: User, project: Project, row: Dispute) -> Mapping[str, Any]:
    """Hand the dispute to the protocol's panel and go on with another."""
    body = sent_object(request)
    fence = body.get("fence")
    reason, held = text_of(body, "reason")[:2000], fence if type(fence) is int else 0
    referral.refer(actor=user, dispute=row, reason=reason, fence=held)
    return {"next": next_address(request, user, project)}


def given_decision(body: Mapping[str, Any]) -> NewDecision:
    """Return a decision as the page sends it."""
    fence, value = body.get("fence"), body.get("value")
    return NewDecision(
        decision=text_of(body, "decision"),
        letter=text_of(body, "letter"),
        value=value if isinstance(value, dict) else None,
        rationale=text_of(body, "rationale"),
        root_cause=text_of(body, "cause"),
        confidence=text_of(body, "confidence"),
        password=text_of(body, "password"),
        shown_digest=text_of(body, "shown_digest"),
        fence=fence if type(fence) is int else 0,
    )
