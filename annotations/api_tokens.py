"""Keys of machines over HTTP."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import tokens
from annotations.endpoint import ONCE, PAGED, Endpoint, page_of
from annotations.idempotency import Answer
from annotations.models import ApiToken, TokenScope


class TokenIn(serializers.Serializer):
    """A token to be made; without ``expires_at`` it lasts until it is revoked."""

    name = serializers.CharField(max_length=80)
    scope = serializers.ChoiceField(choices=TokenScope.choices, required=False, default=TokenScope.ALL)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class TokenOut(serializers.Serializer):
    """A token; ``token`` is in the first answer only."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    scope = serializers.ChoiceField(choices=TokenScope.choices)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    token = serializers.CharField(required=False)


def token_form(row: ApiToken) -> dict[str, Any]:
    """Return a token without its secret."""
    shown: dict[str, Any] = dict(TokenOut(row).data)
    return shown


class TokenList(Endpoint):
    """Your own tokens."""

    @extend_schema(operation_id="list_tokens", parameters=PAGED, responses=page_of(TokenOut))
    def get(self, request: Request) -> Response:
        """List your tokens that are not revoked."""
        rows = ApiToken.objects.filter(user_id=request.user.pk, revoked_at__isnull=True)

        def show(found: Iterable[ApiToken]) -> list[Any]:
            return [token_form(row) for row in found]

        return self.page(rows, "pk", show)

    @extend_schema(operation_id="make_token", parameters=ONCE, request=TokenIn, responses={201: TokenOut})
    def post(self, request: Request) -> Response:
        """Make a token for a machine that acts as you. Its text is shown now and never again."""
        new = self.take(TokenIn)

        def act() -> Answer:
            row, text = tokens.make_token(actor=request.user, **new)
            return Answer(201, {**token_form(row), "token": text})

        return self.once(act)


class TokenDetail(Endpoint):
    """One of your tokens."""

    @extend_schema(operation_id="revoke_token", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Revoke a token of yours."""
        tokens.revoke_token(actor=request.user, pk=pk)
        return Response(status=204)
