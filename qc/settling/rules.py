"""The document's routing rules, applied to one unit in a fixed order."""

from collections.abc import Mapping
from typing import Any

from qc.consensus.base import SETTLED
from qc.protocols.mammography_double_reading import CONCORDANT
from qc.protocols.vindr_three_plus_panel import is_by_design
from qc.registry import RULES
from qc.routing.base import Facts, Refer

ALWAYS = "no_majority"


def by_protocol(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the rules that a protocol brings along, beside those that its document names for a question."""
    if is_by_design(document):
        return {"by_design": {}}
    answers = document.get(CONCORDANT)
    return {CONCORDANT: {"answers": answers}} if answers else {}


def first_referral(facts: Facts, rules: Mapping[str, Mapping[str, Any]]) -> tuple[str, Refer] | None:
    """Return the first rule that refers the unit, with what it says; None when all accept.

    ``no_majority`` is asked even where the document forgot it: what is not settled has no value to accept.
    Where levels or numbers are too far apart to have a middle, their distance says more than the tie.
    """
    has_distance = facts.kind in {"grade", "measurement"}
    # By name and not as written: a database may keep the members of a document in an order of its own.
    for name in sorted(rules, key=lambda rule: (rule == ALWAYS, rule)):
        policy = rules[name]
        if facts.consensus.outcome != SETTLED and name != ALWAYS and not has_distance:
            continue
        verdict = RULES[name].function(facts, policy)
        if isinstance(verdict, Refer):
            return name, verdict
    if ALWAYS not in rules:
        verdict = RULES[ALWAYS].function(facts, {})
        if isinstance(verdict, Refer):
            return ALWAYS, verdict
    return None
