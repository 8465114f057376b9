"""Verb: keep the language and the time zone that a person chose."""

from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from accounts.models import Preference
from annotations.errors import InvalidInput

COOKIE = "language"
COOKIE_SECONDS = 365 * 24 * 3600
TIME_ZONE = "time_zone"
# Of some six hundred names most are for machines or for places that no longer have a time of their own.
AREAS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
ZONES = frozenset(name for name in available_timezones() if name.startswith(AREAS)) | {"UTC"}


def prefer(user: User, language: str, time_zone: str) -> Preference:
    """Keep a person's choice, in place of the one before."""
    if language not in dict(settings.LANGUAGES):
        raise InvalidInput.at("language", "unknown-language", "Choose one of the languages.")
    if time_zone not in ZONES:
        raise InvalidInput.at("time_zone", "unknown-time-zone", "Choose one of the time zones.")
    chosen = {"language": language, "time_zone": time_zone}
    made, _ = Preference.objects.update_or_create(user=user, defaults=chosen)
    return made


def apply(request: HttpRequest, response: HttpResponse, chosen: Preference | None) -> None:
    """Have this browser and this session show what was chosen."""
    if chosen is not None:
        request.session[TIME_ZONE] = chosen.time_zone
        keep_language(response, chosen.language)


def keep_language(response: HttpResponse, language: str) -> None:
    """Have this browser show the language, signed in or not."""
    response.set_cookie(
        COOKIE, language, max_age=COOKIE_SECONDS, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
    )
