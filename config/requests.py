"""Gives every request an id that its answer, its problem and its log lines share."""

import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
_current: ContextVar[str] = ContextVar("request_id", default="-")


def request_id() -> str:
    """Return the id of the request being answered; a dash outside of one."""
    return _current.get()


class RequestId:
    """Makes the id: a caller's own is not believed, since it ends in logs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the id in the header."""
        identity = uuid.uuid4().urn
        request.request_id = identity  # type: ignore[attr-defined]
        token = _current.set(identity)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response[HEADER] = identity
        return response
