"""What a reading protocol's document must state, and where it does not."""

import math
from collections.abc import Mapping
from typing import Any

from qc.protocols.base import ProtocolProblem

_MOST_SEATS = 64
_LEAST_PANEL = 3
_MOST_ROUNDS = 5
_MOST_SIGNATURES = 2
_PANEL_MEMBERS = frozenset({"seats", "rounds", "days"})
_MOST_DAYS = 365
_LEAST_ANSWERS = 2
_AUDIT_MEMBERS = frozenset({"share", "minimum"})
_MOST_AUDITS = 100_000
_REFER = "refer"
_MAJORITY_OF_MARKS = "majority"
_OUTLINE_DISTANCE = "outline_distance"
_SLICE_THICKNESS = "slice_thickness"
# Without this rule a tie could be accepted by the others, so every question names it.
_REQUIRED_RULE = "no_majority"

_MEMBERS = frozenset(
    {
        "arbitrate_concordant",
        "audit",
        "benchmark",
        "look_first",
        "matching",
        "minimum",
        "model",
        "model_check",
        "model_votes",
        "most",
        "panel",
        "profile",
        "protocol",
        "questions",
        "seats",
        "signatures",
        "tie",
    }
)
_QUESTION_MEMBERS = frozenset(
    {
        "beside",
        "existence",
        "least_right",
        "match_iou",
        "method",
        "method_parameters",
        "rules",
        "split",
        "tolerance_mm",
    }
)
_SPLITS = (_REFER, "lower", "higher")
_MATCHING_MEMBERS = frozenset({"method", "tolerance_mm"})


def check_document(document: Mapping[str, Any], protocol: str) -> None:
    """Check the members that every protocol document shares.

    Parameters
    ----------
    document : mapping
        The document, as parsed from JSON. That named methods and rules exist, and that their parameters fit,
        is checked by the caller against the catalogues.
    protocol : str
        Name of the protocol that the document must bear.

    Raises
    ------
    ProtocolProblem
        At the first fault, with a JSON pointer to it.
    """
    _object(document, "")
    _known(document, _MEMBERS, "")
    if document.get("protocol") != protocol:
        raise ProtocolProblem("wrong-protocol", "/protocol", f"The document must name the protocol {protocol}.")
    seats = _whole(document.get("seats"), "/seats", 2, _MOST_SEATS)
    if "minimum" in document:
        _whole(document["minimum"], "/minimum", _LEAST_ANSWERS, seats)
    _check_tie(document, seats)
    _check_people(document)
    _check_signatures(document)
    _check_audit(document)
    questions = _object(document.get("questions"), "/questions")
    if not questions:
        raise ProtocolProblem("no-questions", "/questions", "At least one question must be settled by the protocol.")
    for code, question in questions.items():
        _check_question(question, f"/questions/{_escaped(code)}", code)
    _check_matching(document, questions)


def check_count(document: Mapping[str, Any], member: str, least: int, most: int) -> None:
    """Refuse a member that is no whole number of its range."""
    _whole(document.get(member), f"/{member}", least, most)


def check_answers(document: Mapping[str, Any], member: str) -> None:
    """Refuse a member that is there and no list of answers, each once."""
    if member not in document:
        return
    answers = document[member]
    if not answers or not _is_names(answers):
        raise ProtocolProblem("not-answers", f"/{member}", "Answers are a list of their codes, each once.")


def _check_tie(document: Mapping[str, Any], seats: int) -> None:
    if "tie" in document and document["tie"] != _REFER:
        raise ProtocolProblem("tie-not-referred", "/tie", "A tie can only be referred to a physician: write refer.")
    if seats % 2 == 0 and "tie" not in document:
        raise ProtocolProblem("tie-rule-missing", "/tie", "An even number of seats can tie: state refer as the rule.")


def _check_signatures(document: Mapping[str, Any]) -> None:
    """Refuse a number of signatures under a release that nobody can give."""
    if "signatures" in document:
        _whole(document["signatures"], "/signatures", 1, _MOST_SIGNATURES)


def _check_audit(document: Mapping[str, Any]) -> None:
    """Refuse an audit of accepted cases that names no share of them."""
    if "audit" not in document:
        return
    audit = _object(document["audit"], "/audit")
    _known(audit, _AUDIT_MEMBERS, "/audit")
    if not (_is_positive(audit.get("share")) and audit["share"] <= 1):
        message = "What is audited is a share of the closed cases, above 0 and up to 1."
        raise ProtocolProblem("not-a-share", "/audit/share", message)
    _whole(audit.get("minimum", 0), "/audit/minimum", 0, _MOST_AUDITS)


def _check_people(document: Mapping[str, Any]) -> None:
    """Refuse how physicians are asked where it cannot be carried out."""
    for member, what in (
        ("look_first", "Whether physicians look first"),
        ("model_votes", "Whether models vote"),
        ("model_check", "Whether models check"),
    ):
        if not isinstance(document.get(member, False), bool):
            raise ProtocolProblem("not-a-boolean", f"/{member}", f"{what} is true or false.")
    if "panel" not in document:
        return
    panel = _object(document["panel"], "/panel")
    _known(panel, _PANEL_MEMBERS, "/panel")
    seats = _whole(panel.get("seats"), "/panel/seats", _LEAST_PANEL, _MOST_SEATS)
    if seats % 2 == 0:
        raise ProtocolProblem(
            "even-panel", "/panel/seats", "A panel has an odd number of members, so that it can decide."
        )
    _whole(panel.get("rounds", 1), "/panel/rounds", 1, _MOST_ROUNDS)
    _whole(panel.get("days", 1), "/panel/days", 1, _MOST_DAYS)


def _check_question(question: Any, pointer: str, code: Any) -> None:
    if not isinstance(code, str) or not code:
        raise ProtocolProblem("not-a-code", pointer, "A question is named by its code.")
    members = _object(question, pointer)
    _known(members, _QUESTION_MEMBERS, pointer)
    if "existence" in members and members["existence"] != _MAJORITY_OF_MARKS:
        message = "Whether a finding exists is decided by majority; no other rule is known."
        raise ProtocolProblem("unknown-existence", f"{pointer}/existence", message)
    if members.get("split", _REFER) not in _SPLITS:
        message = f"A median between two levels is one of {', '.join(_SPLITS)}."
        raise ProtocolProblem("unknown-split", f"{pointer}/split", message)
    if not isinstance(members.get("method"), str) or not members["method"]:
        raise ProtocolProblem("no-method", f"{pointer}/method", "A question must name its consensus method.")
    if "method_parameters" in members:
        _object(members["method_parameters"], f"{pointer}/method_parameters")
    _check_limits(members, pointer)
    _check_beside(members.get("beside", []), f"{pointer}/beside")
    rules = _object(members.get("rules"), f"{pointer}/rules")
    if _REQUIRED_RULE not in rules:
        message = f"Every question needs the rule {_REQUIRED_RULE}: what is not settled goes to a person."
        raise ProtocolProblem("rule-missing", f"{pointer}/rules", message)
    for name, policy in rules.items():
        _object(policy, f"{pointer}/rules/{_escaped(name)}")


def _check_limits(members: Mapping[str, Any], pointer: str) -> None:
    """Refuse limits of a question that are no numbers of their range."""
    if "tolerance_mm" in members and not _is_positive(members["tolerance_mm"]):
        message = "The tolerance of the surface Dice is a positive number of millimetres."
        raise ProtocolProblem("not-a-tolerance", f"{pointer}/tolerance_mm", message)
    if "least_right" in members and not (_is_positive(members["least_right"]) and members["least_right"] < 1):
        message = "What a reader is required to get right is a share between 0 and 1."
        raise ProtocolProblem("not-a-share", f"{pointer}/least_right", message)
    if "match_iou" in members and not (_is_positive(members["match_iou"]) and members["match_iou"] <= 1):
        message = "Boxes around one thing overlap by a share above 0 and not above 1."
        raise ProtocolProblem("not-a-share", f"{pointer}/match_iou", message)


def _check_beside(beside: Any, pointer: str) -> None:
    """Refuse what is no list of the names of other methods, each once."""
    if not _is_names(beside):
        message = "Methods beside the protocol's own are a list of their names, each once."
        raise ProtocolProblem("not-methods", pointer, message)


def _check_matching(document: Mapping[str, Any], questions: Mapping[str, Any]) -> None:
    if "matching" not in document:
        if any("existence" in question and "match_iou" not in question for question in questions.values()):
            message = "A question about findings needs the rule that matches marks across readers."
            raise ProtocolProblem("matching-missing", "/matching", message)
        return
    matching = _object(document["matching"], "/matching")
    _known(matching, _MATCHING_MEMBERS, "/matching")
    if matching.get("method") != _OUTLINE_DISTANCE:
        message = f"The only known way to match marks is {_OUTLINE_DISTANCE}."
        raise ProtocolProblem("unknown-matching", "/matching/method", message)
    tolerance = matching.get("tolerance_mm")
    if tolerance != _SLICE_THICKNESS and not _is_positive(tolerance):
        message = f"The tolerance is a positive number of millimetres, or {_SLICE_THICKNESS}."
        raise ProtocolProblem("not-a-tolerance", "/matching/tolerance_mm", message)


def _is_names(value: Any) -> bool:
    """Say whether a value is a list of names, each once."""
    is_list = isinstance(value, list) and all(isinstance(name, str) and name for name in value)
    return is_list and len(set(value)) == len(value)


def _object(value: Any, pointer: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ProtocolProblem("not-an-object", pointer, "A JSON object is needed here.")
    return value


def _known(value: Mapping[str, Any], members: frozenset[str], pointer: str) -> None:
    for name in value:
        if name not in members:
            message = f"Unknown member; known are {', '.join(sorted(members))}."
            raise ProtocolProblem("unknown-member", f"{pointer}/{_escaped(name)}", message)


def _whole(value: Any, pointer: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        message = f"A whole number from {least} to {most} is needed."
        raise ProtocolProblem("not-a-count", pointer, message)
    return value


def _is_positive(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value > 0


def _escaped(name: Any) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")
