"""Pages: the way to the sign-in service and back, to sign in or to prove oneself anew before a signature."""

import secrets
from dataclasses import asdict

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import entering, linking, oidc, proving
from accounts.errors import ServiceRefused
from accounts.models import ForeignName
from accounts.second_factor import record
from annotations.errors import NotFound
from annotations.navigation import frame
from annotations.posted import member

KEPT = "asked_of_service"


@never_cache
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the service, to sign in."""
    return leave(request, oidc.Asked.new(entering.safe(request, request.GET.get("next", "")), is_fresh=False))


@login_required
@never_cache
@require_safe
def prove(request: HttpRequest) -> HttpResponse:
    """Send the browser to the service, to be asked for the password again; a code for one signature follows."""
    return leave(request, oidc.Asked.new("", is_fresh=True))


def leave(request: HttpRequest, asked: oidc.Asked) -> HttpResponse:
    """Keep what was asked in the session and go."""
    if not settings.OIDC["issuer"]:
        raise NotFound("No sign-in service is set up here.")
    request.session[KEPT] = asdict(asked)
    return redirect(oidc.address(asked, back_address(request)))


def back_address(request: HttpRequest) -> str:
    """Return the address to which the service sends the browser back."""
    return request.build_absolute_uri(reverse("oidc-back"))


@never_cache
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Take the service's answer: it must belong to this browser, and is good for one time."""
    kept = request.session.pop(KEPT, None)
    if kept is None:
        raise ServiceRefused("This browser did not ask the service. Start again.")
    asked = oidc.Asked(**kept)
    if not secrets.compare_digest(asked.state.encode(), request.GET.get("state", "").encode()):
        raise ServiceRefused("This answer belongs to another sign-in. Start again.")
    code = request.GET.get("code", "")
    if not code:
        raise ServiceRefused("The service did not let you in.")
    found = oidc.identity(asked, back_address(request), code)
    if asked.is_fresh:
        return proved(request, found)
    user = linking.account_of(found)
    return entering.recognised(request, user, asked.then, was_shown=found.has_strong)


def proved(request: HttpRequest, found: oidc.Identity) -> HttpResponse:
    """Show a code for one signature, if whoever proved himself is whoever is signed in."""
    user = member(request)
    is_same = ForeignName.objects.filter(user=user, issuer=found.issuer, subject=found.subject).exists()
    if not is_same:
        raise ServiceRefused("Somebody else signed in at the service than is signed in here.")
    record(user, user, "signing_code.made", issuer=found.issuer)
    minutes = proving.FRESH_SECONDS // 60
    return render(request, "accounts/proved.html", {**frame(), "code": proving.signing_code(user), "minutes": minutes})
