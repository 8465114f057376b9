"""Refer every unit, agreed or not: the protocol sends all of them to people."""

from collections.abc import Mapping
from typing import Any

from qc.routing.base import Accept, Facts, Refer, Rule


def by_design(facts: Facts, policy: Mapping[str, Any]) -> Accept | Refer:
    """Refer the unit; it never counts as a disagreement.

    Parameters
    ----------
    facts : Facts
        The unit; only who answered is looked at.
    policy : mapping
        No limits: an empty mapping.
    """
    evidence = {"n_asked": facts.n_asked, "n_answered": facts.n_answered}
    return Refer("by-design", "The protocol asks a physician in every case.", evidence)


def check_policy(policy: Mapping[str, Any]) -> None:
    """Raise ValueError when there is a limit: nothing is compared here."""
    if policy:
        raise ValueError("This rule takes no limits.")


SPEC = Rule(title="By design", function=by_design, check_policy=check_policy)
