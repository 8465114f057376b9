"""Forms by which a QA lead sets a project up."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import slugify

from annotations.errors import DomainError
from annotations.models import ReaderKind, Role
from annotations.registry import IMPORTERS


def place_refusal(form: forms.Form, refusal: DomainError, fields: Mapping[str, str] | None = None) -> None:
    """Show a verb's refusal at the form's fields: each error at the field that its pointer ends in, else above all.

    ``fields`` names the field of a pointer's last member where the form calls it otherwise.
    """
    named = fields or {}
    for error in refusal.errors or [{"detail": str(refusal)}]:
        last = str(error.get("pointer", "")).rpartition("/")[2]
        field = named.get(last, last)
        form.add_error(field if field in form.fields else None, str(error.get("detail") or refusal))


class ProjectForm(forms.Form):
    """What a project is opened with; a short name that is left empty is made from the name."""

    name = forms.CharField(max_length=120)
    slug = forms.SlugField(
        label="Short name",
        max_length=64,
        required=False,
        help_text="Letters, digits and hyphens; part of every address. Made from the name where it is left empty.",
    )
    description = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    attribution = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text="Whom every page credits for the data, with the licence. The first sentence always stands.",
    )
    simulated_note = forms.CharField(
        label="How the reads are simulated",
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text="Leave it empty where people really read. Otherwise every page and report says that they did not.",
    )
    anonymous_readers = forms.BooleanField(
        label="A reader’s code names another person in each case, so no figure speaks of one reader", required=False
    )

    def clean(self) -> dict[str, Any]:
        """Make the short name where none was given."""
        cleaned = dict(super().clean() or {})
        if not cleaned.get("slug") and "slug" not in self.errors:
            cleaned["slug"] = slugify(cleaned.get("name", ""))[:64]
            if not cleaned["slug"] and cleaned.get("name"):
                self.add_error("slug", "The name has no letters from a to z: give a short name.")
        return cleaned


class CasesForm(forms.Form):
    """A table of cases, as a file or as text."""

    file = forms.FileField(label="Table of cases", required=False, help_text="CSV with the columns case and subject.")
    table = forms.CharField(label="Or as text", required=False, widget=forms.Textarea(attrs={"rows": 6}))

    def clean(self) -> dict[str, Any]:
        """Take the text of the file, or the text."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("file") is not None:
            try:
                given["table"] = given["file"].read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", "The file is not UTF-8 text.")
        elif not given.get("table", "").strip():
            self.add_error("file", "Choose a file, or write the table.")
        return given


class MemberForm(forms.Form):
    """A person's role in the project."""

    username = forms.CharField(label="User name", max_length=150)
    role = forms.ChoiceField(choices=Role.choices)


class ReaderForm(forms.Form):
    """A reader under a code."""

    code = forms.CharField(
        max_length=40, help_text="Shown in place of a name, in reports too: choose one that says nothing of the person."
    )
    kind = forms.ChoiceField(choices=ReaderKind.choices)
    username = forms.CharField(
        label="User name",
        max_length=150,
        required=False,
        help_text="Of the member who reads here. Empty for a model, or for a person whose reads come in files.",
    )
    version = forms.CharField(
        max_length=80, required=False, help_text="Of a model. Another version is another reader, with another code."
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a model without a version or with a user name."""
        cleaned = dict(super().clean() or {})
        if cleaned.get("kind") == ReaderKind.MODEL and not cleaned.get("version"):
            self.add_error("version", "Say which version of the model reads.")
        if cleaned.get("kind") == ReaderKind.HUMAN and cleaned.get("version"):
            self.add_error("version", "A person has no version.")
        return cleaned


class SeatsForm(forms.Form):
    """Which readers are asked to read which cases."""

    EVERY, DRAWN = "every", "drawn"

    how = forms.ChoiceField(
        label="Who reads a case",
        choices=[(EVERY, "All of these readers"), (DRAWN, "So many of them, drawn and balanced")],
        widget=forms.RadioSelect,
        initial=EVERY,
    )
    n_readers = forms.IntegerField(label="Readers of a case", min_value=1, max_value=64, required=False)
    readers = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, codes: Sequence[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data, initial={"readers": [code for code, _ in codes]})
        field = self.fields["readers"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = list(codes)

    def clean(self) -> dict[str, Any]:
        """Refuse a draw that does not say how many."""
        cleaned = dict(super().clean() or {})
        if cleaned.get("how") == self.DRAWN and not cleaned.get("n_readers") and "n_readers" not in self.errors:
            self.add_error("n_readers", "Say how many readers a case gets.")
        return cleaned


class ImagesForm(forms.Form):
    """What the sender says of images; the files themselves come beside it."""

    case = forms.CharField(
        label="Case key", max_length=120, required=False, help_text="For a single image; else made from the content."
    )
    subject = forms.CharField(
        label="Patient", max_length=120, required=False, help_text="Pseudonym, for a single image without one."
    )
    keeps_names = forms.BooleanField(label="File names are pseudonyms, and become the case keys", required=False)
    is_clean = forms.BooleanField(
        label="I have looked: nothing that identifies a patient is burnt into the pixels", required=False
    )


class ReadsForm(forms.Form):
    """A file of reads, its format, and what the format needs to be told."""

    file = forms.FileField(label="File of reads")
    format = forms.ChoiceField(label="Format", required=False)
    options = forms.CharField(
        label="What the file does not say",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "placeholder": "reader=R01"}),
        help_text="One a line: name=value. What each format can be told stands below.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(name, spec.title) for name, spec in IMPORTERS.items()]
        self.fields["format"] = forms.ChoiceField(
            label="Format", required=False, choices=[("", "Found out from the file"), *known]
        )
        self.order_fields(["file", "format", "options"])

    def clean_options(self) -> dict[str, str]:
        """Return the lines as names with values."""
        found = {}
        for line in self.cleaned_data["options"].splitlines():
            name, equals, value = (part.strip() for part in line.partition("="))
            if name and not equals:
                raise forms.ValidationError(f"{name[:40]} has no value: write name=value.")
            if name:
                found[name] = value
        return found
