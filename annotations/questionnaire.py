"""A label schema as plain fields: one question a row, its answers one a line."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from annotations.intake import NewQuestion
from annotations.models import Question
from annotations.registry import KINDS

# The member of a definition that lists answers, by kind.
LISTED = {
    "category": "codes", "multilabel": "codes", "ranking": "codes", "grade": "levels", "landmarks": "points",
}  # fmt: skip
# Where several marks a case make sense.
MARKED = frozenset({"mask", "polygon", "box", "measurement"})
NUMBERED = frozenset({"measurement"})
SCALES = {"measurement": "ratio"}
RULE = "pixel_centre"
KIND_WORDS = {
    "category": "One of several answers",
    "grade": "A level on an ordered scale",
    "multilabel": "Any number of answers",
    "ranking": "Answers put in order",
    "measurement": "A number with its unit",
    "mask": "A region painted on the voxels",
    "polygon": "An outline",
    "box": "A box",
    "landmarks": "Named points",
    "interval": "Spans of time",
}


def question_of(fields: Mapping[str, Any], before: Mapping[str, Any]) -> NewQuestion:
    """Return the question that a row of fields describes; members that have no field stay as they were."""
    kind = fields["kind"]
    definition = {name: value for name, value in before.items() if name not in OWN}
    if kind in LISTED:
        kept = {str(entry["code"]): entry for entry in before.get(LISTED[kind], [])}
        definition[LISTED[kind]] = [
            {**kept.get(code, {}), **entry} for code, entry in listed(fields.get("answers", ""))
        ]
    if kind in NUMBERED:
        definition["unit"] = fields.get("unit", "").strip()
        bounds = {name: fields.get(name) for name in ("minimum", "maximum")}
        definition |= {name: value for name, value in bounds.items() if value is not None}
    if kind == "polygon":
        definition["rule"] = before.get("rule", RULE)
    if fields.get("many") and kind in MARKED:
        definition["many"] = True
    scales = sorted(KINDS[kind].scales)
    scale = SCALES.get(kind, "ordinal" if "ordinal" in scales else scales[0])
    title = fields["title"].strip()
    return NewQuestion(fields.get("code") or code_of(title), title, kind, scale, definition, fields.get("about", ""))


# Members of a definition that the fields write.
OWN = frozenset({"codes", "levels", "points", "unit", "minimum", "maximum", "rule", "many"})


def listed(text: str) -> list[tuple[str, dict[str, str]]]:
    """Return the answers of a text, one a line: a title, or a code and its title with a colon between."""
    found = []
    for line in text.splitlines():
        code, colon, title = line.strip().partition(":")
        if not code:
            continue
        words = title.strip() if colon else code.strip()
        name = code.strip() if colon else code_of(code)
        found.append((name, {"code": name, "title": words or name}))
    return found


def code_of(title: str) -> str:
    """Return a short code made from a title."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:40]


def fields_of(question: Question) -> dict[str, Any]:
    """Return a question as the fields of its row."""
    definition = question.definition
    entries = definition.get(LISTED.get(question.kind, ""), [])
    return {
        "title": question.title,
        "code": question.code,
        "kind": question.kind,
        "answers": "\n".join(f"{entry['code']}: {entry.get('title', entry['code'])}" for entry in entries),
        "unit": definition.get("unit", ""),
        "minimum": definition.get("minimum"),
        "maximum": definition.get("maximum"),
        "many": bool(definition.get("many")),
        "about": question.about.code if question.about else "",
    }


def definitions_of(questions: Sequence[Question]) -> dict[str, Mapping[str, Any]]:
    """Return the definitions by code and kind, so that what has no field is kept."""
    return {f"{question.code}|{question.kind}": question.definition for question in questions}
