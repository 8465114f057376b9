"""Renders refusals and failures: RFC 9457 for machines, one page for people."""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import DisallowedHost, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from rest_framework import exceptions
from rest_framework.response import Response

from annotations.errors import DomainError, Forbidden, InvalidInput, NotFound
from config.requests import request_id

MEDIA_TYPE = "application/problem+json"
API = "/api/"

# Plain HTTP failures: nothing of the product to explain, so their type is about:blank.
HTTP_CODES: Mapping[int, str] = {
    400: "malformed",
    401: "not-signed-in",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
    429: "throttled",
    500: "internal",
    503: "unavailable",
}


class TooLarge(exceptions.APIException):
    """The body is larger than this service reads in one request."""

    status_code = 413
    default_detail = "The body is too large for one request."


def problem(
    request: HttpRequest | None, error: DomainError | None, *, status: int = 500, detail: str = ""
) -> dict[str, Any]:
    """Return the members of a problem, of a refusal or of a plain HTTP failure."""
    if error is None:
        code = HTTP_CODES.get(status, f"http-{status}")
        body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code}
    else:
        detail = error.detail
        body = {"type": _address(request, error.code), "title": error.title, "status": error.status, "code": error.code}
    body["instance"] = request_id()
    if detail:
        body["detail"] = detail
    if error is not None and error.data:
        body["data"] = error.data
    if error is not None and error.errors:
        body["errors"] = error.errors
    return body


def api_problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer an exception of an API view; None for one that nobody foresaw."""
    request = context.get("request")
    refusal = _refusal(error)
    if refusal is not None:
        return _api_response(problem(request, refusal), {})
    if not isinstance(error, exceptions.APIException):
        return None
    body = problem(request, None, status=error.status_code, detail=str(error.detail))
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))
    return _api_response(body, headers)


class PageProblems:
    """Answers a refusal that a page's view did not show in its form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the problem of a DomainError; leave everything else to Django."""
        if not isinstance(error, DomainError):
            return None
        return respond(request, problem(request, error))


def respond(request: HttpRequest, body: Mapping[str, Any]) -> HttpResponse:
    """Return a problem in the form that the caller reads: JSON or a page."""
    if wants_json(request):
        return JsonResponse(body, status=body["status"], content_type=MEDIA_TYPE)
    context = {
        "status": body["status"],
        "title": body["title"],
        "detail": body.get("detail", ""),
        "code": body["code"] if body["type"] != "about:blank" else "",
        "reference": body["instance"],
        "errors": body.get("errors", []),
        "back_url": "",
    }
    return render(request, "errors/problem.html", context, status=body["status"])


def wants_json(request: HttpRequest) -> bool:
    """Return whether the caller is a program: an API path, a JSON body, or no wish for HTML."""
    if request.path_info.startswith(API) or request.content_type == "application/json":
        return True
    accepted = request.headers.get("Accept", "*/*")
    return "json" in accepted and "text/html" not in accepted


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400."""
    return _failure(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403."""
    return _failure(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404."""
    return _failure(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 with the request id and nothing else."""
    return _failure(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from one of our pages, or came too late."""
    body = problem(request, None, status=403, detail="The form had expired. Go back, reload and send it again.")
    return respond(request, body)


def explain(request: HttpRequest, code: str) -> HttpResponse:
    """Show what a problem's ``type`` means: the docstring of its class."""
    for kind in refusals():
        if kind.code == code:
            context = {"status": kind.status, "title": kind.title, "detail": " ".join((kind.__doc__ or "").split())}
            blank = {"code": code, "reference": "", "errors": [], "back_url": ""}
            return render(request, "errors/problem.html", {**context, **blank})
    raise Http404


def refusals() -> Iterator[type[DomainError]]:
    """Yield every kind of refusal that has been defined."""
    waiting: list[type[DomainError]] = [DomainError]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if kind is not DomainError:
            yield kind


def _failure(request: HttpRequest, status: int) -> HttpResponse:
    body = problem(request, None, status=status)
    if wants_json(request):
        return respond(request, body)
    try:
        return render(request, f"errors/{status}.html", status=status)
    except TemplateDoesNotExist:
        return respond(request, body)


def _refusal(error: Exception) -> DomainError | None:
    if isinstance(error, DomainError):
        return error
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return Forbidden(str(error) if isinstance(error, exceptions.PermissionDenied) else "")
    if isinstance(error, exceptions.ValidationError):
        return InvalidInput(errors=list(_faults(error.get_full_details(), "#")))
    return None


def _faults(details: Any, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(details, list):
        for index, item in enumerate(details):
            leaf = isinstance(item, Mapping) and set(item) == {"message", "code"}
            yield from _faults(item, pointer if leaf else f"{pointer}/{index}")
    elif isinstance(details, Mapping) and set(details) == {"message", "code"}:
        yield {"pointer": pointer, "code": str(details["code"]).replace("_", "-"), "detail": str(details["message"])}
    elif isinstance(details, Mapping):
        for name, item in details.items():
            step = "" if name == "non_field_errors" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            yield from _faults(item, pointer + step)


def _address(request: HttpRequest | None, code: str) -> str:
    path = f"/problems/{code}"
    if request is None:
        return path
    try:
        return request.build_absolute_uri(path)
    except DisallowedHost:
        return path


def _api_response(body: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)
