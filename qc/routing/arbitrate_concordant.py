"""Refer a unit whose readers agree on an answer that a physician is to confirm, as a recall in screening."""

from collections.abc import Mapping
from typing import Any

from qc.consensus.base import SETTLED
from qc.routing.base import Accept, Facts, Refer, Rule

NAME = "arbitrate_concordant"


def arbitrate_concordant(facts: Facts, policy: Mapping[str, Any]) -> Accept | Refer:
    """Refer the unit where the settled answer is one of those named; it never counts as a disagreement.

    Parameters
    ----------
    facts : Facts
        The unit, with what its method settled.
    policy : mapping
        ``{"answers": [code, …]}``.

    Returns
    -------
    Accept or Refer
        An unusable policy refers nothing by this rule: what is not settled goes to a physician by another.
    """
    answers = policy.get("answers", ())
    consensus = facts.consensus
    if consensus.outcome != SETTLED or not isinstance(consensus.value, str) or consensus.value not in answers:
        return Accept()
    evidence = {"votes": dict(consensus.votes), "n_asked": facts.n_asked, "n_answered": facts.n_answered}
    return Refer("by-design", "The readers agree, and the protocol asks a physician about this answer.", evidence)


def check_policy(policy: Mapping[str, Any]) -> None:
    """Raise ValueError when the answers are no list of codes, each once."""
    answers = policy.get("answers")
    is_list = isinstance(answers, list) and all(isinstance(code, str) and code for code in answers)
    if set(policy) != {"answers"} or not is_list or not answers or len(set(answers)) != len(answers):
        raise ValueError("State as answers which codes go to a physician although the readers agree, each once.")


SPEC = Rule(title="Concordant answers that are arbitrated", function=arbitrate_concordant, check_policy=check_policy)
