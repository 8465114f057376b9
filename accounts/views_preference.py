"""Pages: choosing a language, and with an account a time zone."""

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import entering, preferring
from accounts.models import Preference
from annotations.errors import InvalidInput


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the language in this browser, and with the account of whoever is signed in."""
    response = redirect(entering.safe(request, request.POST.get("next", "")) or "sign-in")
    wanted = request.POST.get("language", "")
    if not isinstance(request.user, User):
        if wanted not in dict(settings.LANGUAGES):
            raise InvalidInput.at("language", "unknown-language", "Choose one of the languages.")
        preferring.keep_language(response, wanted)
        return response
    before = Preference.objects.filter(user=request.user).first()
    zone = request.POST.get("time_zone") or (before.time_zone if before else "UTC")
    preferring.apply(request, response, preferring.prefer(request.user, wanted, zone))
    return response
