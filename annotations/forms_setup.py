"""Forms by which a QA lead sets a project up."""

from typing import Any

from django import forms

from annotations.models import ReaderKind, Role
from annotations.questionnaire import KIND_WORDS
from annotations.registry import IMPORTERS

MOST_QUESTIONS = 60


class ProjectForm(forms.Form):
    """What a project is opened with."""

    name = forms.CharField(label="Name", max_length=120)
    slug = forms.SlugField(
        label="Short name", max_length=64, help_text="In addresses: letters, digits and hyphens. It stays."
    )
    description = forms.CharField(
        label="What is studied", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    attribution = forms.CharField(
        label="Whom to credit for the data",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Stands at the foot of every page and in every package.",
    )


class QuestionForm(forms.Form):
    """One question."""

    title = forms.CharField(label="Question", max_length=120)
    kind = forms.ChoiceField(label="Answered by", choices=list(KIND_WORDS.items()))
    code = forms.SlugField(label="Code", max_length=40, required=False, help_text="Made from the question where empty.")
    answers = forms.CharField(
        label="Answers, levels or points",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line, levels from low to high; “code: title” where the code matters.",
    )
    unit = forms.CharField(label="Unit", max_length=20, required=False)
    minimum = forms.FloatField(label="Least", required=False)
    maximum = forms.FloatField(label="Greatest", required=False)
    many = forms.BooleanField(label="Several in one case, each marked by itself", required=False)
    about = forms.CharField(
        label="About each mark of", max_length=40, required=False, help_text="Code of an earlier question with marks."
    )


QuestionForms = forms.formset_factory(
    QuestionForm, extra=0, can_delete=True, can_order=True, max_num=MOST_QUESTIONS, validate_max=True
)


class GuidelineForm(forms.Form):
    """What readers go by."""

    guideline = forms.CharField(
        label="Guideline", required=False, max_length=50_000, widget=forms.Textarea(attrs={"rows": 10})
    )


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
    """A person and a role."""

    username = forms.CharField(label="User name", max_length=150)
    role = forms.ChoiceField(label="Role", choices=Role.choices)


class ReaderForm(forms.Form):
    """A reader under a code."""

    code = forms.CharField(label="Code", max_length=40, help_text="All that others ever see of the reader.")
    username = forms.CharField(
        label="User name", max_length=150, required=False, help_text="Of a member who reads here; empty for files only."
    )
    kind = forms.ChoiceField(label="Kind", choices=ReaderKind.choices)


class ReadsForm(forms.Form):
    """A file of reads."""

    file = forms.FileField(label="File of reads")
    format = forms.ChoiceField(label="Format", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(name, spec.title) for name, spec in IMPORTERS.items()]
        self.fields["format"] = forms.ChoiceField(
            label="Format", required=False, choices=[("", "Found out from the file"), *known]
        )
