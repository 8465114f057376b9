"""Shows the pages that are translated whole in the language and the time zone that a person chose.

Any other page stays English, and its times UTC, so that no page is half in one language and half in another, and
what is kept of a report does not depend on who asked for it first. Numbers are written alike in all languages
(``config/formats``).
"""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.preferring import COOKIE, TIME_ZONE, ZONES

TRANSLATED = frozenset({"sign-in", "second-step", "account", "worklist", "reading", "queue", "dispute"})
IN_OWN_TIME = TRANSLATED | {"seen"}


class Chosen:
    """Activates the choice for one request and takes it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and leave nothing for the next request of this thread."""
        try:
            return self.get_response(request)
        finally:
            translation.deactivate()
            timezone.deactivate()

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Look whether the page is one of those."""
        name = request.resolver_match.url_name if request.resolver_match else ""
        language = request.COOKIES.get(COOKIE, "")
        if name in TRANSLATED and language in dict(settings.LANGUAGES):
            translation.activate(language)
        if name in IN_OWN_TIME:
            zone = request.session.get(TIME_ZONE, "")
            if zone in ZONES:
                timezone.activate(ZoneInfo(zone))
