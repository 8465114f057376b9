"""The door: who was recognised waits for the second step, then the session begins; and where it leads."""

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import attempts, preferring, second_factor
from accounts.models import Preference
from annotations import selectors
from annotations.locking import now
from annotations.models import Membership, Role

BACKEND = "django.contrib.auth.backends.ModelBackend"
WAITING = "waiting_for_second_step"
WAITING_SECONDS = 300
# Marks of a session: when it began, when somebody last worked in it, and that a second factor was shown in it.
BEGUN, ACTIVE, SHOWN = "begun_at", "active_at", "second_factor"
# Where a role's work is; every other role starts at the overview.
HOME = {Role.ADJUDICATOR: "queue", Role.VENDOR: "releases", Role.ANNOTATOR: "worklist"}


def recognised(request: HttpRequest, user: User, then: str, *, was_shown: bool = False) -> HttpResponse:
    """Go on after a password or another service: to the second step where there is a device, else inside.

    ``was_shown`` where the other service says that it asked for a second factor itself.
    """
    if was_shown or second_factor.in_force(user) is None:
        return begin_session(request, user, then, was_shown=was_shown)
    request.session.cycle_key()
    waiting = {"user": user.pk, "hash": user.get_session_auth_hash(), "at": now().timestamp(), "then": then}
    request.session[WAITING] = waiting
    return redirect("second-step")


def who_waits(request: HttpRequest) -> tuple[User, str] | None:
    """Return who was recognised in this browser and waits for the second step, for five minutes, and where to."""
    waiting: dict[str, Any] = request.session.get(WAITING, {})
    if not waiting or now().timestamp() - waiting["at"] > WAITING_SECONDS:
        return None
    user = User.objects.filter(pk=waiting["user"], is_active=True).first()
    # A password that changed meanwhile starts anew.
    if user is None or user.get_session_auth_hash() != waiting["hash"]:
        return None
    return user, str(waiting["then"])


def begin_session(request: HttpRequest, user: User, then: str, *, was_shown: bool) -> HttpResponse:
    """Sign the person in and lead to the work."""
    request.session.pop(WAITING, None)
    login(request, user, backend=BACKEND)
    request.session[BEGUN] = request.session[ACTIVE] = now().timestamp()
    if was_shown:
        request.session[SHOWN] = True
    response = redirect(then or home_of(user))
    attempts.remember(request, response, user.get_username())
    preferring.apply(request, response, Preference.objects.filter(user=user).first())
    return response


def safe(request: HttpRequest, then: str) -> str:
    """Return an address of ours; empty for any other."""
    is_ours = url_has_allowed_host_and_scheme(
        then, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return then if is_ours else ""


def home_of(user: User) -> str:
    """Return where the person's work is, when it is in one project; else the list of projects."""
    memberships = list(Membership.objects.filter(user=user).select_related("project"))
    if len(memberships) > 1:
        memberships = reading_now(memberships)
    if len(memberships) != 1:
        return reverse("projects")
    only = memberships[0]
    return reverse(HOME.get(Role(only.role), "overview"), args=[only.project.slug])


def reading_now(memberships: list[Membership]) -> list[Membership]:
    """Return the memberships of an annotator in whose projects a case waits; nothing for a person of other roles."""
    if any(membership.role != Role.ANNOTATOR for membership in memberships):
        return []
    return [one for one in memberships if selectors.worklist(one.user, one.project).exists()]
