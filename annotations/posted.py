"""What the script of a page sends: who sent it, and its JSON body."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from annotations.errors import Forbidden, InvalidInput


def member(request: HttpRequest) -> User:
    """Return the signed-in person; a session that ended must not look like a saved draft."""
    if not isinstance(request.user, User):
        raise Forbidden("You are signed out. Sign in again in another window, then go on here.")
    return request.user


def sent_object(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object of a request's body, or refuse."""
    body = _parsed(request.body or b"{}")
    if not isinstance(body, dict):
        raise InvalidInput("The body is not a JSON object.")
    return body


def sent_list(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the list of JSON objects of a request's body, or refuse."""
    body = _parsed(request.body or b"[]")
    if not isinstance(body, list) or not all(isinstance(item, dict) for item in body):
        raise InvalidInput("The body is not a list of JSON objects.")
    return body


def text_of(body: Mapping[str, Any], name: str) -> str:
    """Return a member that is text; anything else is no answer."""
    value = body.get(name, "")
    return value if isinstance(value, str) else ""


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise InvalidInput("The body is not JSON.") from error


def opener_of(handed: UploadedFile) -> Any:
    """Return what opens an uploaded file again from its start; whoever closes it leaves it to the request."""

    class Again:
        def __enter__(self) -> Any:
            handed.seek(0)
            return handed

        def __exit__(self, *_: object) -> None:
            handed.seek(0)

    return Again
