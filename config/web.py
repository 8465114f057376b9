"""The web child of ``serve``: waitress, drained before it leaves."""

import signal
from types import FrameType
from typing import Any

import waitress
from django.conf import settings

from config import lifeline
from config.wsgi import application

CONNECTIONS = 1_000


def main() -> None:
    """Serve until SIGTERM, then let running requests end."""
    signal.signal(signal.SIGTERM, _leave)
    lifeline.watch()
    waitress.serve(application, **_options())


def _options() -> dict[str, Any]:
    options: dict[str, Any] = {
        "listen": settings.LISTEN,
        "threads": settings.WEB_THREADS,
        # A browser keeps its connection: the usual hundred would let the hundred and first wait for minutes.
        "connection_limit": CONNECTIONS,
        "max_request_body_size": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "ident": None,
        "expose_tracebacks": False,
        "clear_untrusted_proxy_headers": True,
    }
    if settings.TRUSTED_PROXIES:
        options["trusted_proxy"] = settings.TRUSTED_PROXIES[0]
        options["trusted_proxy_headers"] = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
    return options


def _leave(number: int, frame: FrameType | None) -> None:
    # waitress dies at once on SIGTERM and cuts running requests; on SystemExit it drains for 5 s.
    raise SystemExit(0)


if __name__ == "__main__":
    main()
