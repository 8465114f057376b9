"""Forms of this app's pages."""

import hashlib
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.cache import cache
from django.core.exceptions import ValidationError

TRIES = 10
LOCK_SECONDS = 900


class SignInForm(AuthenticationForm):
    """Name and password; ten wrong ones close the name from this address for a quarter of an hour."""

    error_messages = {
        "invalid_login": "This name and password do not go together. Both are case-sensitive.",
        "inactive": "This account is closed.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "User name"

    def clean(self) -> dict[str, Any]:
        """Check the name and password, and count the wrong ones."""
        address = self.request.META.get("REMOTE_ADDR", "") if self.request is not None else ""
        name = str(self.cleaned_data.get("username", ""))
        key = "sign-in-tries-" + hashlib.sha256(f"{address}|{name}".encode()).hexdigest()
        if cache.get(key, 0) >= TRIES:
            raise ValidationError("Too many wrong passwords: try again in fifteen minutes.", code="locked")
        try:
            cleaned = super().clean()
        except ValidationError:
            cache.add(key, 0, LOCK_SECONDS)
            cache.incr(key)
            raise
        cache.delete(key)
        return dict(cleaned)
