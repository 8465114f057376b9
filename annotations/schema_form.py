"""The questions of a schema as a form: plain fields in, questions out; what the form does not know stays as it was."""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from django import forms
from django.utils.text import slugify

from annotations.errors import DomainError, InvalidInput
from annotations.intake import NewQuestion
from annotations.labels._raster import RULES
from annotations.models import LabelSchema
from annotations.registry import KINDS

MOST_QUESTIONS = 200
CODE_LENGTH = 40
# The member of a definition that lists what may be answered, by kind.
LISTS = {"category": "codes", "grade": "levels", "multilabel": "codes", "ranking": "codes", "landmarks": "points"}
LIST_HELP = {
    "grade": "One level a line, from the lowest to the highest: code: title.",
    "landmarks": "One point a line: code: title.",
}
# Kinds of which a reader may mark several in one case.
SEVERAL = ("category", "grade", "measurement", "mask", "polygon", "box")
SCALES = {"ordinal": "Steps in an order", "interval": "Numbers with equal steps", "ratio": "Numbers with a true zero"}
RULE_WORDS = {rule: rule.replace("_", " ") for rule in RULES}
WHAT_EACH_IS = {
    "category": "one of several answers",
    "grade": "a level of an ordered scale",
    "multilabel": "any number of several answers",
    "measurement": "a number with a unit",
    "mask": "a region painted voxel by voxel",
    "polygon": "an outline",
    "box": "a rectangle",
    "landmarks": "named points",
    "interval": "spans of time",
    "ranking": "an order of options",
}
# Fields by the member of a question that a refusal points at.
FIELDS = {"codes": "choices", "levels": "choices", "points": "choices", "duration_s": "duration"}


def askable() -> list[tuple[str, str]]:
    """Return the kinds that a question may have, with their titles."""
    return [(name, f"{kind.title}: {WHAT_EACH_IS.get(name, '')}") for name, kind in KINDS.items() if kind.scales]


class QuestionFields(forms.Form):
    """The fields of one question of a kind."""

    kind = forms.CharField(widget=forms.HiddenInput)
    title = forms.CharField(label="What is asked", max_length=120)
    code = forms.CharField(
        label="Code", max_length=CODE_LENGTH, required=False, help_text="In files and reports; made from the title."
    )

    def __init__(self, kind: str, data: Any = None, *, prefix: str, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, prefix=prefix, initial={"kind": kind, **(initial or {})})
        self.asks_for = kind
        self.fields |= fields_of(kind)

    @property
    def kind_title(self) -> str:
        """Return the kind for people."""
        return KINDS[self.asks_for].title

    @property
    def rest(self) -> list[forms.BoundField]:
        """Return the fields that this kind adds, without its list of answers and the ticks."""
        return [self[name] for name in self.fields if name not in ("kind", "title", "code", "choices", "many")]

    @property
    def choices_field(self) -> forms.BoundField:
        """Return the field of the answers, one a line; only where the kind has one."""
        return self["choices"]

    def clean_choices(self) -> list[dict[str, str]]:
        """Return the lines as codes with titles."""
        return entries_of(self.cleaned_data["choices"])

    def offer(self, marked: Sequence[tuple[str, str]]) -> None:
        """Offer the questions whose marks this one may be asked of; what was chosen stays, for the verb to judge."""
        chosen = self["about"].value() or ""
        others = [one for one in marked if one[0] != (self["code"].value() or code_of(self["title"].value() or ""))]
        known = chosen in dict(others) or not chosen
        choices = [("", "the whole case"), *others, *([] if known else [(chosen, chosen)])]
        self.fields["about"].widget = forms.Select(choices=choices)

    def question(self, base: Mapping[str, Any]) -> NewQuestion:
        """Return the question that valid fields describe; ``base`` is its definition so far."""
        given = self.cleaned_data
        definition = deepcopy(dict(base))
        if self.asks_for in LISTS:
            name = LISTS[self.asks_for]
            before = {one.get("code"): one for one in definition.get(name, []) if isinstance(one, Mapping)}
            definition[name] = [{**before.get(one["code"], {}), **one} for one in given["choices"]]
        for field, member in (("unit", "unit"), ("minimum", "minimum"), ("maximum", "maximum"),
                              ("rule", "rule"), ("duration", "duration_s")):  # fmt: skip
            if field in self.fields:
                definition.pop(member, None)
                if given[field] not in (None, ""):
                    definition[member] = plain_number(given[field])
        if "many" in self.fields:
            definition.pop("many", None)
            if given["many"]:
                definition["many"] = True
        scales = sorted(KINDS[self.asks_for].scales)
        return NewQuestion(
            code=given["code"] or code_of(given["title"]),
            title=given["title"],
            kind=self.asks_for,
            scale=given.get("scale") or scales[0],
            definition=definition,
            about=given.get("about", ""),
        )


def fields_of(kind: str) -> dict[str, forms.Field]:
    """Return the fields that a kind adds to title and code."""
    made: dict[str, forms.Field] = {}
    scales = sorted(KINDS[kind].scales, key=list(SCALES).index) if len(KINDS[kind].scales) > 1 else []
    if kind in LISTS:
        words = LIST_HELP.get(kind, "One answer a line: code: title. A title alone is given a code.")
        area = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
        made["choices"] = forms.CharField(label=LISTS[kind].capitalize(), widget=area, help_text=words)
    if kind == "measurement":
        made["unit"] = forms.CharField(max_length=20, help_text="mm, mL, HU, %")
        made["minimum"] = forms.FloatField(label="At least", required=False)
        made["maximum"] = forms.FloatField(label="At most", required=False)
    if kind == "polygon":
        words = "Which pixels an outline covers"
        made["rule"] = forms.ChoiceField(label=words, choices=list(RULE_WORDS.items()))
    if kind == "interval":
        made["duration"] = forms.FloatField(label="Length of the recording, s", required=False, min_value=0)
    if scales:
        made["scale"] = forms.ChoiceField(choices=[(name, SCALES[name]) for name in scales])
    if kind in SEVERAL:
        made["many"] = forms.BooleanField(label="A reader may mark several in one case", required=False)
    made["about"] = forms.CharField(
        label="Asked of",
        max_length=CODE_LENGTH,
        required=False,
        widget=forms.Select,
        help_text="An earlier question that takes several marks.",
    )
    return made


def plain_number(value: Any) -> Any:
    """Return a whole number without a fraction; anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def code_of(title: str) -> str:
    """Return a code made from a title; empty where it has no letter from a to z and no digit."""
    return slugify(title).replace("-", "_")[:CODE_LENGTH].strip("_")


def entries_of(text: str) -> list[dict[str, str]]:
    """Return lines of ``code: title`` as entries of a definition; a title alone is given a code."""
    entries = []
    for line in text.splitlines():
        code, colon, title = (part.strip() for part in line.partition(":"))
        if not code and not title:
            continue
        if not colon:
            code, title = (code, code) if code.isascii() and code.replace("_", "").isalnum() else (code_of(code), code)
        entries.append({"code": code, **({"title": title} if title else {})})
    return entries


def fields_from(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return a question of a schema as the values of its fields."""
    definition = question.get("definition", {})
    entries = definition.get(LISTS.get(str(question["kind"]), ""), [])
    lines = [f"{one['code']}: {one['title']}" if one.get("title") else str(one["code"]) for one in entries]
    return {
        "kind": question["kind"],
        "title": question["title"],
        "code": question["code"],
        "scale": question["scale"],
        "about": question.get("about", ""),
        "choices": "\n".join(lines),
        "duration": definition.get("duration_s"),
        **{name: definition.get(name) for name in ("unit", "minimum", "maximum", "rule", "many")},
    }


def document_of(schema: LabelSchema | None) -> dict[str, Any]:
    """Return a schema as the JSON document that the API takes."""
    if schema is None:
        return {"guideline": "", "questions": []}
    rows = schema.questions.select_related("about")
    return {"guideline": schema.guideline, "questions": [plain(one) for one in map(new_form, rows)]}


def new_form(row: Any) -> NewQuestion:
    """Return a stored question as one to be asked."""
    about = row.about.code if row.about else ""
    return NewQuestion(row.code, row.title, row.kind, row.scale, row.definition, about)


def plain(question: NewQuestion) -> dict[str, Any]:
    """Return a question as JSON values."""
    return {
        "code": question.code,
        "title": question.title,
        "kind": question.kind,
        "scale": question.scale,
        "definition": dict(question.definition),
        "about": question.about,
    }


class SchemaForm:
    """The forms of all questions, and the guideline; built from a document or from what was sent."""

    def __init__(self, document: Mapping[str, Any], data: Any = None) -> None:
        self.base = {one["code"]: one for one in document["questions"]}
        self.guideline = document["guideline"] if data is None else data.get("guideline", "")
        self.errors: list[str] = []
        if data is None:
            rows = [fields_from(one) for one in document["questions"]]
            self.questions = [unbound(place, row) for place, row in enumerate(rows)]
            self.offer_marks()
            return
        n_sent = data.get("n", "0")
        number = min(int(n_sent), MOST_QUESTIONS) if n_sent.isascii() and n_sent.isdigit() else 0
        kinds = [(place, data.get(f"q{place}-kind", "")) for place in range(number)]
        self.questions = [
            QuestionFields(kind, data, prefix=f"q{place}") for place, kind in kinds if kind in dict(askable())
        ]
        self.offer_marks()

    def offer_marks(self) -> None:
        """Offer every question the ones that take several marks, by their codes as they stand."""
        marked = [form for form in self.questions if "many" in form.fields and form["many"].value()]
        named = [
            (form["code"].value() or code_of(form["title"].value() or ""), form["title"].value()) for form in marked
        ]
        for form in self.questions:
            form.offer([(code, f"each mark of {title}") for code, title in named if code])

    def change(self, act: str, kind: str) -> bool:
        """Add, move or remove a question without checking anything; False where the act is none of these."""
        verb, _, text = act.partition("-")
        rows = [{name: form[name].value() for name in form.fields} for form in self.questions]
        place = int(text) if text.isascii() and text.isdigit() and int(text) < len(rows) else None
        if verb == "add" and kind in dict(askable()) and len(rows) < MOST_QUESTIONS:
            rows.append({"kind": kind})
        elif verb == "remove" and place is not None:
            del rows[place]
        elif verb in ("up", "down") and place is not None:
            other = max(0, min(place + (1 if verb == "down" else -1), len(rows) - 1))
            rows[place], rows[other] = rows[other], rows[place]
        else:
            return False
        self.questions = [unbound(number, row) for number, row in enumerate(rows)]
        self.offer_marks()
        return True

    def asked(self) -> list[NewQuestion] | None:
        """Return the questions; None where a field is refused."""
        faulty = [form for form in self.questions if not form.is_valid()]
        if faulty:
            return None
        return [form.question(self._definition(form)) for form in self.questions]

    def _definition(self, form: QuestionFields) -> Mapping[str, Any]:
        """Return the definition that a question of this code and kind has so far."""
        before = self.base.get(form.cleaned_data["code"], {})
        found: Mapping[str, Any] = before.get("definition", {}) if before.get("kind") == form.asks_for else {}
        return found

    def place(self, refusal: DomainError) -> None:
        """Show a refusal of the schema at the fields that it points at."""
        for error in refusal.errors or [{"detail": str(refusal)}]:
            parts = str(error.get("pointer", "")).removeprefix("#/").split("/")
            detail = str(error.get("detail") or refusal)
            if len(parts) > 2 and parts[0] == "questions" and int(parts[1]) < len(self.questions):
                form = self.questions[int(parts[1])]
                member = parts[3] if parts[2] == "definition" and len(parts) > 3 else parts[2]
                name = FIELDS.get(member, member)
                form.add_error(name if name in form.fields else None, detail)
            else:
                self.errors.append(detail)


def unbound(place: int, row: Mapping[str, Any]) -> QuestionFields:
    """Return the fields of a question as they stand, unchecked."""
    return QuestionFields(str(row["kind"]), prefix=f"q{place}", initial=row)


def document_from(text: str) -> tuple[str, list[NewQuestion]]:
    """Return guideline and questions of a JSON document, or refuse; what they say is checked by the verb."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("This is no JSON.") from error
    rows = document.get("questions") if isinstance(document, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_QUESTIONS or not isinstance(document.get("guideline", ""), str):
        raise InvalidInput(f"An object is needed with a guideline and a list of at most {MOST_QUESTIONS} questions.")
    return document.get("guideline", ""), [question_from(row, place) for place, row in enumerate(rows)]


def question_from(row: object, place: int) -> NewQuestion:
    """Return one question of a JSON document, or refuse its shape."""
    texts = ("code", "title", "kind", "scale")
    sound = isinstance(row, dict) and not set(row) - {*texts, "definition", "about"}
    if not sound or not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in texts):
        raise InvalidInput(f"Question {place + 1} needs the texts {', '.join(texts)}, and nothing unknown.")
    definition, about = row.get("definition", {}), row.get("about", "")
    if not isinstance(definition, dict) or not isinstance(about, str):
        raise InvalidInput(f"In question {place + 1} the definition is an object and 'about' a code.")
    code, title, kind, scale = (str(row[name]) for name in texts)
    return NewQuestion(code, title, kind, scale, definition, about)


def unchanged(before: Sequence[Mapping[str, Any]], after: Sequence[NewQuestion]) -> bool:
    """Say whether the questions are the same as before."""
    return list(before) == [plain(one) for one in after]
