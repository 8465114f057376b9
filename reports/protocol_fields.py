"""The fields of a protocol form that belong to one ready-made protocol each; the others leave them empty."""

from typing import Any

from django import forms

# Members of the document, in the order of the form.
OWN = ("most", "model", "arbitrate_concordant", "profile", "benchmark")


class OwnFields(forms.Form):
    """What only one protocol knows, each with the name of its member."""

    most = forms.IntegerField(
        label="Readers of one case at most", required=False, min_value=2, max_value=64, help_text="For a quorum only."
    )
    model = forms.CharField(
        label="Model that reads second",
        required=False,
        max_length=64,
        help_text="Its reader code; only where a model is the second reader.",
    )
    arbitrate_concordant = forms.CharField(
        label="Answers that a physician confirms",
        required=False,
        help_text="Codes with commas between, for screening: asked although both readers agree.",
    )
    profile = forms.ChoiceField(
        label="Three readers and a panel: used as",
        required=False,
        choices=[
            ("", "not that"),
            ("test", "test set: a panel decides every case"),
            ("train", "training set"),
        ],
    )
    benchmark = forms.IntegerField(
        label="Benchmark readers beside the truth", required=False, min_value=1, max_value=64,
        help_text="As many as were drawn; only where a truth panel reads apart from them.",
    )  # fmt: skip

    @property
    def has_own(self) -> bool:
        """Say whether a member of one protocol is filled in, or refused."""
        return any(self[name].value() or self[name].errors for name in OWN[1:])

    def own(self, name: str) -> Any:
        """Return a member as the document states it; None where it is left empty. Call it on a valid form."""
        given = self.cleaned_data[name]
        if name == "arbitrate_concordant":
            return [code.strip() for code in given.split(",") if code.strip()] or None
        return given or None
