"""Forms of this app's pages."""

from django import forms

from qc.repeats import LARGEST_SHARE, LEAST_WASHOUT_DAYS
from reports.channels import RULES
from reports.controls import LEAST_SHARE, MOST_SHARE
from reports.models import ChannelKind, NoticeKind


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


class ControlsForm(forms.Form):
    """What share of the waiting work are controls."""

    share = forms.FloatField(
        label="Controls among each reader's waiting cases, %",
        min_value=100 * LEAST_SHARE,
        max_value=100 * MOST_SHARE,
        initial=10,
        widget=forms.NumberInput(attrs={"step": "any", "id": "controls-share"}),
        help_text="Cases of the newest release that the reader never had, at drawn places.",
    )


class RepeatsForm(forms.Form):
    """What share of a reader's finished reads is read again, and when."""

    share = forms.FloatField(
        label="Of each reader's finished reads, %",
        min_value=0.1,
        max_value=100 * LARGEST_SHARE,
        initial=5,
        widget=forms.NumberInput(attrs={"step": "any", "id": "repeats-share"}),
    )
    washout_days = forms.IntegerField(
        label="Days between the two looks",
        min_value=LEAST_WASHOUT_DAYS,
        max_value=3650,
        initial=LEAST_WASHOUT_DAYS,
        widget=forms.NumberInput(attrs={"id": "repeats-washout"}),
        help_text="What is remembered is no second look.",
    )


class BenchmarkForm(forms.Form):
    """How many readers are drawn as benchmark."""

    n_readers = forms.IntegerField(
        label="Readers to draw",
        min_value=1,
        max_value=64,
        initial=1,
        widget=forms.NumberInput(attrs={"id": "n-readers"}),
    )


class ChannelForm(forms.Form):
    """Where alerts are sent, and which."""

    kind = forms.ChoiceField(label="How", choices=ChannelKind.choices)
    address = forms.CharField(
        label="Address",
        max_length=500,
        help_text="Of a person, or https://… of a program that takes signed messages.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    rules = forms.MultipleChoiceField(
        label="Which alerts",
        choices=list(RULES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all of them.",
    )
