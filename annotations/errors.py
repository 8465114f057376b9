"""Refusals: what a verb says when it does not do what was asked.

Each class is one kind of refusal. Its docstring becomes the page ``/problems/<code>``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self


class DomainError(Exception):
    """The request was understood and refused; ``code`` is for machines, ``detail`` for people."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "Refused"

    def __init__(
        self,
        detail: str = "",
        *,
        data: Mapping[str, Any] | None = None,
        errors: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.data = dict(data or {})
        self.errors = [dict(error) for error in errors or ()]


class NotFound(DomainError):
    """There is nothing at this address, or nothing that you may know of."""

    code, status, title = "not-found", 404, "Not found"


class Forbidden(DomainError):
    """Your role in this project does not allow the action."""

    code, status, title = "forbidden", 403, "Not allowed"


class TokenScopeExceeded(DomainError):
    """The token was made for less than this: for reading only, or for reading and handing in answers.

    Its owner may do it signed in, or with a token of a wider scope.
    """

    code, status, title = "token-scope", 403, "The token is not for this"


class InvalidInput(DomainError):
    """One or more values are not acceptable.

    ``errors`` names each one with a JSON pointer, a code and a sentence; a fault in an uploaded file
    also has its ``file`` and ``line``.
    """

    code, status, title = "invalid-input", 422, "Some values are not acceptable"

    @classmethod
    def at(cls, place: str, code: str, detail: str) -> Self:
        """Return the refusal of one value, by its place below the root of what was sent."""
        return cls(detail, errors=[{"pointer": f"#/{place}", "code": code, "detail": detail}])


class Conflict(DomainError):
    """The state of the thing does not allow the action now."""

    code, status, title = "conflict", 409, "Not possible in the present state"


class IdempotencyKeyReused(DomainError):
    """The Idempotency-Key was already used for a request with another content.

    Send a new key with a new request, or the same request with the same key.
    """

    code, status, title = "idempotency-key-reused", 409, "Idempotency-Key was used for another request"


class IdempotencyInFlight(DomainError):
    """A request with this Idempotency-Key is still being answered; ask again in a moment."""

    code, status, title = "idempotency-in-flight", 409, "The first request with this key is still running"


class PreconditionFailed(DomainError):
    """The thing has changed since you read it; read it again and decide anew."""

    code, status, title = "precondition-failed", 412, "Changed in the meantime"


class PreconditionRequired(DomainError):
    """The change needs ``If-Match`` with the ETag that you read, so that it cannot overwrite another's."""

    code, status, title = "precondition-required", 428, "If-Match is required"


class ReadingFinished(DomainError):
    """The reading is finished, and a finished reading is not changed."""

    code, status, title = "reading-finished", 409, "The reading is finished"
