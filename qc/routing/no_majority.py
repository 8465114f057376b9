"""Refer every unit that its consensus method could not settle."""

from collections.abc import Callable, Mapping
from typing import Any

from qc.consensus.base import DEGENERATE, INSUFFICIENT, NO_MAJORITY, SETTLED, TIE, Consensus
from qc.routing._sentences import cause_of, counted, tally
from qc.routing.base import Accept, Facts, Refer, Rule

PRESENT, ABSENT = "present", "absent"

# Reasons that consensus methods give in their details, and the sentence of each.
_REASONS: Mapping[str, tuple[str, str]] = {
    "no_spacing": ("technical", "The masks differ and the image has no known spacing, so no distance can be measured."),
    "no_background": ("technical", "A mask fills the whole image."),
    "one_empty": ("existence", "1 of 2 readers marked nothing."),
    "half_undecided": (
        "boundary",
        "No voxel is marked by more than half of the readers; some are marked by exactly half.",
    ),
    "nothing_shared": ("boundary", "No voxel is marked by more than half of the readers."),
    "label_inversion": ("boundary", "The consensus method found at least half of the readers worse than chance."),
    "constant_posterior": ("boundary", "The consensus method could not tell inside from outside."),
    "vanished": ("boundary", "The consensus method lost one of its two classes."),
}


def no_majority(facts: Facts, policy: Mapping[str, Any]) -> Accept | Refer:
    """Accept a settled unit; refer a tie, a missing majority, too few answers and a degenerate model.

    Parameters
    ----------
    facts : Facts
        The unit; ``values`` are not looked at.
    policy : mapping
        No limits: an empty mapping.

    Returns
    -------
    Accept or Refer
        Accept only for a settled consensus that converged. The cause follows workflow.md, section 4.1: votes
        on existence that tie are ``missed``, because exactly half is the dearer error; too few answers are
        ``technical``; other disagreements take the cause of their kind.
    """
    consensus = facts.consensus
    evidence = {
        "outcome": consensus.outcome,
        "votes": dict(consensus.votes),
        "n_asked": facts.n_asked,
        "n_answered": facts.n_answered,
    }
    if consensus.outcome == SETTLED:
        if consensus.converged:
            return Accept()
        sentence = f"The consensus method stopped at its cap of {counted(consensus.iterations, 'iteration')}."
        return Refer("technical", sentence, {**evidence, "iterations": consensus.iterations})
    reason = str(consensus.details.get("reason", ""))
    if reason in _REASONS:
        cause, sentence = _REASONS[reason]
        return Refer(cause, sentence, {**evidence, "reason": reason})
    explain = _EXPLANATIONS.get(consensus.outcome, _unknown)
    cause, sentence = explain(facts)
    return Refer(cause, sentence + _silent(facts), evidence)


def check_policy(policy: Mapping[str, Any]) -> None:
    """Raise ValueError unless the policy is empty."""
    if policy:
        raise ValueError(f"The rule no_majority has no limits; remove {', '.join(sorted(map(str, policy)))}.")


def _is_existence(consensus: Consensus) -> bool:
    return bool(consensus.votes) and set(consensus.votes) <= {PRESENT, ABSENT}


def _tie(facts: Facts) -> tuple[str, str]:
    votes = facts.consensus.votes
    if _is_existence(facts.consensus):
        total = sum(votes.values())
        return "missed", f"{votes.get(PRESENT, 0)} of {counted(total, 'reader')} marked this finding."
    return cause_of(facts.kind), tally(votes)


def _split(facts: Facts) -> tuple[str, str]:
    said = tally(facts.consensus.votes)
    return cause_of(facts.kind), f"{said[:-1]}: no answer has more than half."


def _too_few(facts: Facts) -> tuple[str, str]:
    rated = sum(facts.consensus.votes.values()) or len(facts.consensus.raters)
    needed = facts.consensus.parameters.get("minimum")
    need = f", {needed} needed" if isinstance(needed, int) else ""
    return "technical", f"Too few answers: {rated} given{need}."


def _degenerate(facts: Facts) -> tuple[str, str]:
    return cause_of(facts.kind), "The consensus method has no solution for these reads."


def _unknown(facts: Facts) -> tuple[str, str]:
    return "technical", f"The consensus ended as {facts.consensus.outcome!r}, which this rule does not know."


_EXPLANATIONS: Mapping[str, Callable[[Facts], tuple[str, str]]] = {
    TIE: _tie,
    NO_MAJORITY: _split,
    INSUFFICIENT: _too_few,
    DEGENERATE: _degenerate,
}


def _silent(facts: Facts) -> str:
    missing = facts.n_asked - facts.n_answered
    return f" {missing} of {facts.n_asked} asked gave no answer." if missing > 0 else ""


SPEC = Rule(title="No majority", function=no_majority, check_policy=check_policy)
