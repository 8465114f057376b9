"""Forms of this app's pages."""

from django import forms


class FreezeForm(forms.Form):
    """What a QA lead says when freezing a release."""

    note = forms.CharField(
        label="What is new",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For whoever gets the package. It is frozen with it.",
    )
    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="Freezing is signed: a release cannot be changed, only followed by another.",
    )
