"""Verb: make a token for a machine, and revoke it."""

from datetime import datetime

from django.contrib.auth.models import User

from annotations import locking
from annotations.authentication import new_token, token_digest
from annotations.errors import NotFound
from annotations.models import ApiToken, TokenScope


def make_token(
    *, actor: User, name: str, expires_at: datetime | None = None, scope: str = TokenScope.ALL
) -> tuple[ApiToken, str]:
    """Return a new token's row and its text, which is stored nowhere and cannot be read again."""
    text = new_token()
    row = ApiToken.objects.create(
        user=actor, name=name, scope=scope, digest=token_digest(text), created_at=locking.now(), expires_at=expires_at
    )
    return row, text


def revoke_token(*, actor: User, pk: int) -> None:
    """End a token of one's own; it stays on record."""
    if not ApiToken.objects.filter(pk=pk, user=actor, revoked_at__isnull=True).update(revoked_at=locking.now()):
        raise NotFound("You have no such token.")
