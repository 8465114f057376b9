"""A reading protocol as a form: fields in, a document out; what the form does not know stays as it was."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from django import forms

from annotations.models import Question
from qc.registry import METHODS, PROTOCOLS
from qc.settling.fitting import misfit
from qc.settling.known import TWO_READ_METHODS
from reports.protocol_fields import OWN, OwnFields

SLICE_THICKNESS = "slice_thickness"
# The limit of each kind that the form shows: value, side, what a new protocol proposes, and words.
LIMITS: Mapping[str, tuple[str, str, float | None, str]] = {
    "grade": ("spread", "maximum", 1, "Levels may lie apart by at most"),
    "measurement": ("spread", "maximum", None, "Numbers may lie apart by at most"),
    "mask": ("dice", "minimum", 0.7, "Dice at least"),
    "polygon": ("dice", "minimum", 0.7, "Dice at least"),
    "multilabel": ("jaccard_min", "minimum", 0.5, "Shared codes of any two at least (Jaccard)"),
    "ranking": ("tau_min", "minimum", None, "Kendall's tau of any two at least"),
    "box": ("box_iou_min", "minimum", 0.5, "IoU of any two boxes at least"),
    "landmarks": ("landmark_distance_max", "maximum", None, "Points of any two at most so many mm apart"),
    "interval": ("time_overlap_min", "minimum", 0.5, "Overlap of any two in time at least"),
}
# Two readers are proposed; levels may lie apart by one, and so have a middle.
PROPOSED = {**TWO_READ_METHODS, "grade": "median"}
PARAMETERS: Mapping[str, Mapping[str, Any]] = {"interval_vote": {"tolerance_s": 0.5}}
RULE = "low_agreement"
MATCH_IOU = 0.3


def proposed(questions: Sequence[Question]) -> dict[str, Any]:
    """Return a document to start from: two readers, and a physician where they differ."""
    made: dict[str, Any] = {
        "protocol": "double_read_arbitration",
        "seats": 2,
        "minimum": 2,
        "tie": "refer",
        "look_first": True,
        "questions": {question.code: _policy(question) for question in questions},
    }
    if any("existence" in policy and "match_iou" not in policy for policy in made["questions"].values()):
        made["matching"] = {"method": "outline_distance", "tolerance_mm": SLICE_THICKNESS}
    return made


def fitted(questions: Sequence[Question], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document that speaks of exactly these questions: new ones as proposed, those asked no more left out."""
    made = deepcopy(dict(document))
    policies = document.get("questions", {})
    made["questions"] = {question.code: policies.get(question.code) or _policy(question) for question in questions}
    needs = any("existence" in policy and "match_iou" not in policy for policy in made["questions"].values())
    if needs and "matching" not in made:
        made["matching"] = {"method": "outline_distance", "tolerance_mm": SLICE_THICKNESS}
    return made


def _policy(question: Question) -> dict[str, Any]:
    method = PROPOSED[question.kind]
    policy: dict[str, Any] = {"method": method, "rules": {"no_majority": {}}}
    if method in PARAMETERS:
        policy["method_parameters"] = dict(PARAMETERS[method])
    statistic, side, limit, _ = LIMITS.get(question.kind, ("", "", None, ""))
    if limit is not None:
        policy["rules"][RULE] = {"statistic": statistic, side: limit}
    if question.takes_marks:
        policy["existence"] = "majority"
        if question.kind == "box":
            policy["match_iou"] = MATCH_IOU
    return policy


class ProtocolForm(OwnFields):
    """The members of a protocol that people change, and for each question its method and limit."""

    seats = forms.IntegerField(label="Readers of every case", min_value=2, max_value=64)
    look_first = forms.BooleanField(
        label="Physicians look at the images before they see what readers said", required=False
    )
    panel_seats = forms.IntegerField(
        label="Physicians of a panel", required=False, min_value=3, max_value=63, help_text="Odd; empty for no panel."
    )
    panel_rounds = forms.IntegerField(label="Votes of a panel at most", required=False, min_value=1, max_value=5)
    panel_days = forms.IntegerField(
        label="Days for each vote of a panel", required=False, min_value=1, max_value=365,
        help_text="Then one physician settles it; 21 where nothing is said.",
    )  # fmt: skip
    audit_share = forms.FloatField(
        label="Closed cases that are read once more, %", required=False, min_value=0.1, max_value=100,
        help_text="Empty for no audit.",
    )  # fmt: skip
    audit_minimum = forms.IntegerField(label="Audited cases at least", required=False, min_value=0, max_value=100_000)
    model_votes = forms.BooleanField(label="Models vote like people", required=False)
    model_check = forms.BooleanField(label="Where a model without a vote differs, a physician looks", required=False)
    signatures = forms.TypedChoiceField(
        label="Signatures under a release", coerce=int, choices=[(1, "one"), (2, "two persons")], required=False
    )
    tolerance = forms.CharField(
        label="Outlines are one finding within, mm",
        required=False,
        help_text="A number; empty for the slice thickness of each case.",
    )

    def __init__(self, questions: Sequence[Question], document: Mapping[str, Any], data: Any = None) -> None:
        self.questions, self.base = questions, document
        super().__init__(data, initial=initial_of(questions, document))
        choices = [(name, spec.title) for name, spec in PROTOCOLS.items()]
        self.fields["protocol"] = forms.ChoiceField(
            label="How cases are read", choices=choices, widget=forms.RadioSelect
        )
        for question in questions:
            self._add(question, document.get("questions", {}).get(question.code, {}))

    def _add(self, question: Question, policy: Mapping[str, Any]) -> None:
        """Add the fields of one question."""
        methods = [(name, METHODS[name].title) for name in fitting(question, policy)]
        self.fields[f"{question.code}-method"] = forms.ChoiceField(label="Settled by", choices=methods)
        if question.kind in LIMITS:
            words = limit_words(question, policy)
            self.fields[f"{question.code}-limit"] = forms.FloatField(label=words, required=False)
        if question.kind == "grade":
            splits = [("refer", "goes to a physician"), ("lower", "is the lower"), ("higher", "is the higher")]
            self.fields[f"{question.code}-split"] = forms.ChoiceField(
                label="A median between two levels", choices=splits, required=False
            )

    @property
    def has_outlines(self) -> bool:
        """Say whether outlines of several readers are matched."""
        return any(question.takes_marks and question.kind != "box" for question in self.questions)

    def rows(self) -> list[dict[str, Any]]:
        """Return each question with its bound fields."""
        names = ("method", "limit", "split")
        return [
            {
                "question": question,
                "fields": [
                    self[f"{question.code}-{name}"] for name in names if f"{question.code}-{name}" in self.fields
                ],
            }
            for question in self.questions
        ]

    def document(self) -> dict[str, Any]:
        """Return the document that the form describes; call it on a valid form."""
        given = self.cleaned_data
        made = deepcopy(dict(self.base))
        made |= {"protocol": given["protocol"], "seats": given["seats"], "tie": "refer"}
        for name in OWN:
            put(made, name, self.own(name))
        for name in ("look_first", "model_votes", "model_check"):
            put(made, name, given[name] or None)
        put(made, "signatures", given["signatures"] if given["signatures"] and given["signatures"] > 1 else None)
        panel = {"seats": given["panel_seats"], "rounds": given["panel_rounds"] or 1}
        put(panel, "days", given["panel_days"])
        put(made, "panel", panel if given["panel_seats"] else None)
        audit = {"share": given["audit_share"] / 100} if given["audit_share"] else None
        if audit and given["audit_minimum"]:
            audit["minimum"] = given["audit_minimum"]
        put(made, "audit", audit)
        made["questions"] = {question.code: self._policy(question) for question in self.questions}
        if any("existence" in policy and "match_iou" not in policy for policy in made["questions"].values()):
            made["matching"] = {"method": "outline_distance", "tolerance_mm": number(given["tolerance"])}
        return made

    def _policy(self, question: Question) -> dict[str, Any]:
        """Return the policy of one question."""
        given, code = self.cleaned_data, question.code
        policy = deepcopy(dict(self.base.get("questions", {}).get(code) or _policy(question)))
        if given[f"{code}-method"] != policy["method"]:
            policy["method"] = given[f"{code}-method"]
            put(policy, "method_parameters", dict(PARAMETERS.get(policy["method"], {})) or None)
        if f"{code}-split" in given:
            split = given[f"{code}-split"]
            put(policy, "split", split if split and split != "refer" else None)
        if f"{code}-limit" in given:
            rules = dict(policy.get("rules", {"no_majority": {}}))
            statistic, side, _, _ = limit_of(question, policy)
            limit = given[f"{code}-limit"]
            before = {name: value for name, value in rules.get(RULE, {}).items() if name not in ("minimum", "maximum")}
            put(rules, RULE, {**before, "statistic": statistic, side: limit} if limit is not None else None)
            policy["rules"] = rules
        return policy

    def place(self, errors: Sequence[Mapping[str, str]]) -> None:
        """Put each refusal of a document at its field, or above the form."""
        for error in errors:
            parts = error.get("pointer", "").removeprefix("#/").split("/")
            name = parts[0]
            if name == "questions" and len(parts) > 2:
                name = f"{parts[1]}-{'limit' if parts[2] == 'rules' else parts[2]}"
            elif name in ("panel", "audit") and len(parts) > 1:
                name = f"{name}_{parts[1]}"
            self.add_error(name if name in self.fields else None, error.get("detail", ""))


def initial_of(questions: Sequence[Question], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document as the values of the form's fields."""
    panel, audit = document.get("panel", {}), document.get("audit", {})
    tolerance = document.get("matching", {}).get("tolerance_mm", "")
    found = {
        name: document.get(name) for name in ("protocol", "seats", *OWN, "look_first", "model_votes", "model_check")
    }
    found |= {
        "panel_seats": panel.get("seats"),
        "panel_rounds": panel.get("rounds"),
        "panel_days": panel.get("days"),
        "audit_share": round(100 * audit["share"], 6) if audit else None,
        "audit_minimum": audit.get("minimum"),
        "signatures": document.get("signatures", 1),
        "arbitrate_concordant": ", ".join(document.get("arbitrate_concordant", [])),
        "tolerance": "" if tolerance == SLICE_THICKNESS else tolerance,
    }
    for question in questions:
        policy = document.get("questions", {}).get(question.code, {})
        limits = policy.get("rules", {}).get(RULE, {})
        found[f"{question.code}-method"] = policy.get("method", PROPOSED[question.kind])
        found[f"{question.code}-limit"] = limits.get("minimum", limits.get("maximum"))
        found[f"{question.code}-split"] = policy.get("split", "refer")
    return found


def fitting(question: Question, policy: Mapping[str, Any]) -> list[str]:
    """Return the methods that can settle a question, its present one among them."""
    own = policy.get("method")
    found = []
    for name in METHODS:
        parameters = policy.get("method_parameters", {}) if name == own else PARAMETERS.get(name, {})
        if name == own or misfit(question.kind, name, parameters) is None:
            found.append(name)
    return found


def limit_of(question: Question, policy: Mapping[str, Any]) -> tuple[str, str, float | None, str]:
    """Return the value that a question's limit is on, its side, its number, and words."""
    proposed_ = LIMITS[question.kind]
    limits = policy.get("rules", {}).get(RULE)
    if not limits or limits.get("statistic") == proposed_[0]:
        return proposed_
    side = "minimum" if "minimum" in limits else "maximum"
    words = f"{limits['statistic'].replace('_', ' ')} {'at least' if side == 'minimum' else 'at most'}".capitalize()
    return str(limits["statistic"]), side, limits[side], words


def limit_words(question: Question, policy: Mapping[str, Any]) -> str:
    """Return the label of a question's limit, with its unit."""
    unit = question.definition.get("unit", "") if question.kind == "measurement" else ""
    words = limit_of(question, policy)[3]
    return f"{words}, {unit}" if unit else words


def number(text: str) -> Any:
    """Return a tolerance in millimetres; what is no number is left for the check to refuse."""
    if not str(text).strip():
        return SLICE_THICKNESS
    try:
        return float(text)
    except ValueError:
        return text


def put(target: dict[str, Any], name: str, value: Any) -> None:
    """Set a member, or leave it out where there is no value."""
    target.pop(name, None)
    if value is not None:
        target[name] = value
