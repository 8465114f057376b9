"""What every address of the API shares: the project, input, pages of a list, and answers given once."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations import idempotency
from annotations.errors import InvalidInput
from annotations.idempotency import Answer
from annotations.models import Project
from annotations.permissions import project_for

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 500

PAGED = [
    OpenApiParameter("limit", int, description=f"Items of a page, at most {LARGEST_LIMIT}."),
    OpenApiParameter("after", str, description="Name of the last item of the page before; `next` holds the address."),
]
ONCE = [
    OpenApiParameter(
        "Idempotency-Key",
        str,
        OpenApiParameter.HEADER,
        description="A retry with the same key and content gets the same answer and has no second effect; kept 48 h.",
    )
]


def page_of(item: type[serializers.Serializer]) -> serializers.Serializer:
    """Return the description of one page of items, for the schema."""
    name = f"{item.__name__}Page"
    fields = {"items": item(many=True), "next": serializers.CharField(allow_null=True)}
    made: serializers.Serializer = type(name, (serializers.Serializer,), fields)()
    return made


class Endpoint(APIView):
    """One address; its methods parse, call one verb or selector, and show."""

    def project(self, action: str = "project.read") -> Project:
        """Return the project of the address for an action: 404 where it may not be known, 403 where not allowed."""
        return project_for(self.request.user, self.kwargs["slug"], action)

    def take(self, kind: type[serializers.Serializer], data: Any = None) -> dict[str, Any]:
        """Return the request's checked content."""
        serializer = kind(data=self.request.data if data is None else data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def once(self, act: Callable[[], Answer], *, is_long: bool = False) -> Response:
        """Answer a creating request, once for each Idempotency-Key; ``is_long`` where a verb computes for seconds."""
        request = self.request
        answer_once = idempotency.answer_long if is_long else idempotency.answer_once
        answer = answer_once(
            user=request.user,
            key=request.headers.get("Idempotency-Key", ""),
            fingerprint=idempotency.fingerprint(request.method, request.get_full_path(), plain(request.data)),
            act=act,
        )
        where = answer.body.get("url") if isinstance(answer.body, Mapping) else None
        return Response(answer.body, status=answer.status, headers={"Location": where} if where else None)

    def page(self, rows: QuerySet[Any], name: str, show: Callable[[Iterable[Any]], list[Any]]) -> Response:
        """Answer one page of rows in the order of their ids; ``name`` is the public name of a row."""
        limit = self.limit()
        after = self.request.query_params.get("after", "")
        if after:
            rows = rows.filter(pk__gt=anchor(rows, name, after))
        found = list(rows.order_by("pk")[: limit + 1])
        last = attrgetter(name.replace("__", "."))(found[limit - 1]) if len(found) > limit else None
        return self.listed(show(found[:limit]), last)

    def listed(self, items: list[Any], last: Any) -> Response:
        """Answer items; ``last`` names the last of them where more follow."""
        if last is None:
            return Response({"items": items, "next": None})
        kept = {name: value for name, value in self.request.query_params.items() if name != "after"}
        following = f"{self.request.path}?{urlencode({**kept, 'after': str(last)})}"
        return Response({"items": items, "next": following}, headers={"Link": f'<{following}>; rel="next"'})

    def limit(self) -> int:
        """Return how many items the caller wants on a page."""
        text = self.request.query_params.get("limit", str(DEFAULT_LIMIT))
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LARGEST_LIMIT):
            raise bad_parameter("limit", "not-a-limit", f"A whole number from 1 to {LARGEST_LIMIT}.")
        return int(text)


def anchor(rows: QuerySet[Any], name: str, after: str) -> Any:
    """Return the id of the row that a page continues after."""
    try:
        pk = rows.filter(**{name: after}).values_list("pk", flat=True).first()
    except (ValidationError, ValueError):
        pk = None
    if pk is None:
        raise bad_parameter("after", "unknown-item", "No item of this list has this name.")
    return pk


def bad_parameter(name: str, code: str, detail: str) -> InvalidInput:
    """Return the refusal of one parameter of the address."""
    return InvalidInput(
        "The address cannot be used.", errors=[{"pointer": f"#/{name}", "code": code, "detail": detail}]
    )


def plain(data: Any) -> Any:
    """Return a request's content as JSON values; an uploaded file by the digest of its bytes."""
    if not hasattr(data, "lists"):
        return data
    return {name: [digest_of(value) for value in values] for name, values in data.lists()}


def digest_of(value: Any) -> str:
    """Return the text of a field, or the digest of a file, which is left at its start."""
    if not isinstance(value, UploadedFile):
        return str(value)
    digest = hashlib.sha256()
    for piece in value.chunks():
        digest.update(piece)
    value.seek(0)
    return digest.hexdigest()
