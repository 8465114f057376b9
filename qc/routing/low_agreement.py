"""Refer a unit whose readers agree less than the protocol allows."""

import math
from collections.abc import Mapping
from typing import Any

from qc.routing._sentences import cause_of, shown
from qc.routing.base import Accept, Facts, Refer, Rule

_LEAST_ANSWERS = 2
_SPREAD = "spread"
# What a value says, for names that do not speak for themselves.
_WORDS: Mapping[str, str] = {
    "closest": "The two answers that lie closest are {} apart",
    "box_iou": "Two boxes overlap by {} on average (IoU)",
    "box_iou_min": "The two boxes that differ most overlap by {} (IoU)",
    "time_overlap": "Two readers share {} of the time that they marked, on average",
    "time_overlap_min": "The two readers who differ most share {} of the time that they marked",
    "jaccard": "Two readers share {} of their codes on average",
    "jaccard_min": "The two readers who differ most share {} of their codes",
    "tau": "Two orders agree by {} on average (Kendall's tau)",
    "tau_min": "The two orders that differ most agree by {} (Kendall's tau)",
    "landmark_distance": "Two readers set a point {} mm apart on average",
    "landmark_distance_max": "The two readers who differ most set a point {} mm apart",
}
_MEMBERS = frozenset({"statistic", "minimum", "maximum", "both_empty"})


def low_agreement(facts: Facts, policy: Mapping[str, Any]) -> Accept | Refer:
    """Compare one agreement value of the unit with the limit of the protocol.

    Parameters
    ----------
    facts : Facts
        The unit, with its agreement values or the reasons for which they are undefined.
    policy : mapping
        ``{"statistic": name, "minimum": x}`` or ``{"statistic": name, "maximum": x}``; a value equal to the
        limit passes. Optional ``"both_empty"``: ``accept`` or ``refer`` (default), for masks that are all empty.

    Returns
    -------
    Accept or Refer
        With fewer than two answers there is nothing to compare and the unit is accepted *by this rule only*:
        every protocol document names ``no_majority`` too, which refers it. A value that is undefined, not
        finite or missing is never accepted: ``existence`` when one mask is empty, else ``technical`` with the
        reason. An unusable policy refers as ``technical``.
    """
    try:
        check_policy(policy)
    except ValueError as problem:
        return Refer("technical", f"The limits of this rule are unusable: {problem}")
    if facts.n_answered < _LEAST_ANSWERS:
        return Accept()
    name = policy["statistic"]
    value = facts.values.get(name)
    if value is None or not math.isfinite(value):
        return _undefined(facts, policy)
    side = "minimum" if "minimum" in policy else "maximum"
    limit = policy[side]
    passes = value >= limit if side == "minimum" else value <= limit
    if passes:
        return Accept()
    value_text, limit_text = shown(value, limit)
    words = "at least" if side == "minimum" else "at most"
    said = _WORDS[name].format(value_text) if name in _WORDS else f"{_titled(name)} is {value_text}"
    sentence = f"{said}; {words} {limit_text} is needed."
    if name == _SPREAD:
        far, near = value_text.removesuffix(".00"), limit_text.removesuffix(".00")
        sentence = f"The answers lie {far} apart; {words} {near} is accepted."
    return Refer(cause_of(facts.kind), sentence, {"statistic": name, "value": value, side: limit})


def check_policy(policy: Mapping[str, Any]) -> None:
    """Raise ValueError with one sentence when the policy is unusable."""
    unknown = sorted(str(member) for member in policy if member not in _MEMBERS)
    if unknown:
        raise ValueError(f"Unknown limits: {', '.join(unknown)}.")
    name = policy.get("statistic")
    if not isinstance(name, str) or not name:
        raise ValueError("statistic must name one agreement value, such as dice.")
    limits = [policy[side] for side in ("minimum", "maximum") if side in policy]
    if len(limits) != 1:
        raise ValueError("Exactly one of minimum and maximum must be given.")
    limit = limits[0]
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not math.isfinite(limit):
        raise ValueError("The limit must be a finite number.")
    if policy.get("both_empty", "refer") not in ("accept", "refer"):
        raise ValueError("both_empty must be accept or refer.")


def _undefined(facts: Facts, policy: Mapping[str, Any]) -> Accept | Refer:
    name = policy["statistic"]
    reason = facts.undefined.get(name, "not_computed")
    if reason == "both_empty" and policy.get("both_empty") == "accept":
        return Accept()
    evidence = {"statistic": name, "undefined": reason}
    if reason == "one_empty":
        return Refer("existence", "Some readers marked nothing, others something.", evidence)
    return Refer("technical", f"{_titled(name)} could not be computed: {reason.replace('_', ' ')}.", evidence)


def _titled(name: str) -> str:
    words = name.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"


SPEC = Rule(title="Low agreement", function=low_agreement, check_policy=check_policy)
