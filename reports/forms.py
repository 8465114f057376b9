"""Forms of this app's pages."""

from django import forms

from reports.models import NoticeKind


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


class NoticeForm(forms.Form):
    """What is said of a release after it was frozen."""

    kind = forms.ChoiceField(label="What it is", choices=NoticeKind.choices)
    text = forms.CharField(
        label="What is wrong",
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Everybody who holds the release reads this.",
    )
    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "id": "notice-password"}),
    )
