"""Forms of this app's pages."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import attempts


class SignInForm(AuthenticationForm):
    """Name and password; wrong ones make the next wait (``accounts.attempts``)."""

    error_messages = {
        "invalid_login": _("This name and password do not go together. Both are case-sensitive."),
        "inactive": _("This account is closed."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")

    def clean(self) -> dict[str, Any]:
        """Check the name and password, and count the wrong ones."""
        name = str(self.cleaned_data.get("username", ""))
        wait = attempts.seconds_to_wait(self.request, name)
        if wait:
            said = _now("Too many wrong passwords: try again in %(wait)s.") % {"wait": spoken(wait)}
            raise ValidationError(said, code="locked")
        try:
            cleaned = super().clean()
        except ValidationError:
            attempts.failed(self.request, name)
            raise
        attempts.succeeded(self.request, name)
        return dict(cleaned)


class CodeForm(forms.Form):
    """Six digits of the device, or a recovery code."""

    code = forms.CharField(
        label=_("Six digits"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


def spoken(seconds: int) -> str:
    """Return a wait in words, rounded up."""
    if seconds >= 900:
        return _now("fifteen minutes")
    if seconds > 60:
        minutes = -(-seconds // 60)
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
