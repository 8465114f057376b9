"""Ends sessions that nobody uses, and lets nobody work who still owes a second factor."""

from collections.abc import Callable
from time import time as clock

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import entering, second_factor
from accounts.errors import SecondFactorNeeded
from config.problems import problem, respond, wants_json

# One write of the session in so many seconds, not one a request.
GRAIN_SECONDS = 60
# A page that asks by itself how far work is does not prove that somebody sits there.
ASKS_BY_ITSELF = ("/progress", "/progress/", "/row/")
OPEN = ("/account/", "/sign-", "/theme/", "/language/", "/healthz", "/readyz", "/static/", "/problems/")

Answer = Callable[[HttpRequest], HttpResponse]


class Idle:
    """Signs out whoever did nothing for as long as the installation allows, and everybody after twelve hours."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the session's age, then note that it is used."""
        session = request.session
        if session.session_key and request.user.is_authenticated:
            # The process's clock: minutes need no question to the database on every request.
            moment = clock()
            # A session without marks began before there were any; it ends with its row, after twelve hours.
            active, begun = session.get(entering.ACTIVE, moment), session.get(entering.BEGUN, moment)
            is_idle = moment - active > settings.SESSION_IDLE_SECONDS
            if is_idle or moment - begun > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif not request.path.endswith(ASKS_BY_ITSELF) and moment - active > GRAIN_SECONDS:
                session[entering.ACTIVE] = moment
        return self.get_response(request)


class Gate:
    """Leads whoever must have a second factor to the page that sets it up; the API says it as a problem."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let pass who showed the second factor, who needs none, and what belongs to setting it up."""
        if settings.SECOND_FACTOR == "off" or not owes(request):
            return self.get_response(request)
        if wants_json(request):
            refusal = SecondFactorNeeded("Set up a second factor under your account.")
            return respond(request, problem(request, refusal))
        if second_factor.in_force(request.user) is None:  # type: ignore[arg-type]
            return redirect("second-factor")
        # Set up in another browser since this session began.
        logout(request)
        return redirect("sign-in")


def owes(request: HttpRequest) -> bool:
    """Say whether the session may not go on without a second factor."""
    if request.path.startswith(OPEN) or not request.user.is_authenticated:
        return False
    return not request.session.get(entering.SHOWN) and second_factor.is_required(request.user)
