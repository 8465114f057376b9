"""Keys of machines: a bearer token of which only the SHA-256 is stored."""

import hashlib
import secrets
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from annotations.errors import TokenScopeExceeded
from annotations.locking import now
from annotations.models import ApiToken, TokenScope

SCHEME = "Bearer"
# What hands in answers: a model's own, one by one, in bulk or as a file.
SUBMITS = frozenset({"api-annotations", "api-annotation-batch", "api-finish", "api-imports"})
REFUSAL = "The token is unknown, expired or revoked."


def new_token() -> str:
    """Return a fresh token of 256 random bits; it is shown once and cannot be read back."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class BearerToken(BaseAuthentication):
    """Signs a machine in by ``Authorization: Bearer …``."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, ApiToken] | None:
        """Return the token's owner and the token; None when the request brings no bearer token."""
        words = get_authorization_header(request).decode("latin-1").split()
        if not words or words[0].lower() != SCHEME.lower():
            return None
        if len(words) != 2:
            raise AuthenticationFailed(REFUSAL)
        token = _valid_tokens().filter(digest=token_digest(words[1])).first()
        if token is None:
            raise AuthenticationFailed(REFUSAL)
        require_scope(token, request)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        return SCHEME


def require_scope(token: ApiToken, request: Request) -> None:
    """Refuse what the token was not made for; its owner's role is asked afterwards as always."""
    if token.scope == TokenScope.ALL or request.method in SAFE_METHODS:
        return
    match = request.resolver_match
    if token.scope == TokenScope.SUBMIT and match is not None and match.url_name in SUBMITS:
        return
    raise TokenScopeExceeded("This token is for less than that.", data={"scope": token.scope})


def _valid_tokens() -> Any:
    lives = Q(expires_at=None) | Q(expires_at__gt=now())
    return ApiToken.objects.select_related("user").filter(lives, revoked_at=None, user__is_active=True)
