"""Refer a unit whose outlines lie farther apart than the protocol allows, in millimetres.

It stands beside a limit on overlap: a large structure can share most of its voxels and still have an edge that is
a centimetre wrong, a small one can miss the overlap by a voxel that does not matter.
"""

import math
from collections.abc import Mapping
from typing import Any

from qc.routing._sentences import cause_of, shown
from qc.routing.base import Accept, Facts, Refer, Rule

_LEAST_ANSWERS = 2
_MEMBERS = frozenset({"statistic", "maximum_mm", "both_empty"})
_WORDS: Mapping[str, str] = {
    "hd95": "Of the borders of two outlines, 95 % lie within {far} mm of each other",
    "hd95_max": "Of the borders of the two outlines that differ most, 95 % lie within {far} mm of each other",
    "hausdorff": "The borders of two outlines part by {far} mm",
    "hausdorff_max": "The borders of the two outlines that differ most part by {far} mm",
    "assd": "The borders of two outlines lie {far} mm apart on average",
    "assd_max": "The borders of the two outlines that differ most lie {far} mm apart on average",
    "centre_distance": "The centres of two outlines lie {far} mm apart",
    "centre_distance_max": "The centres of the two outlines that differ most lie {far} mm apart",
}
_REASONS: Mapping[str, str] = {
    "no_spacing": "the image has no known spacing",
    "too_large": "the outlines are too large to be compared",
}


def outline_distance(facts: Facts, policy: Mapping[str, Any]) -> Accept | Refer:
    """Compare one distance of the unit's outlines with the limit of the protocol.

    Parameters
    ----------
    facts : Facts
        The unit, with its distances in mm or the reasons for which they are undefined.
    policy : mapping
        ``{"statistic": name, "maximum_mm": x}``; a distance equal to the limit passes. The name is ``hd95``,
        ``hausdorff``, ``assd`` or ``centre_distance`` for the median over pairs of readers, with ``_max`` for
        the pair that differs most. Optional ``"both_empty"``: ``accept`` or ``refer`` (default).

    Returns
    -------
    Accept or Refer
        With fewer than two answers there is nothing to compare and the unit is accepted *by this rule only*.
        ``existence`` when one outline is empty; ``technical`` when no distance exists, with the reason, and
        when the policy is unusable; else ``boundary``.
    """
    try:
        check_policy(policy)
    except ValueError as problem:
        return Refer("technical", f"The limits of this rule are unusable: {problem}")
    if facts.n_answered < _LEAST_ANSWERS:
        return Accept()
    name, limit = policy["statistic"], policy["maximum_mm"]
    value = facts.values.get(name)
    if value is None or not math.isfinite(value):
        return _undefined(facts, policy)
    if value <= limit:
        return Accept()
    far, near = shown(value, limit)
    sentence = f"{_WORDS[name].format(far=far)}; at most {near} mm is accepted."
    return Refer(cause_of(facts.kind), sentence, {"statistic": name, "value": value, "maximum_mm": limit})


def check_policy(policy: Mapping[str, Any]) -> None:
    """Raise ValueError with one sentence when the policy is unusable."""
    unknown = sorted(str(member) for member in policy if member not in _MEMBERS)
    if unknown:
        raise ValueError(f"Unknown limits: {', '.join(unknown)}.")
    if policy.get("statistic") not in list(_WORDS):
        raise ValueError(f"statistic must be one of {', '.join(_WORDS)}.")
    limit = policy.get("maximum_mm")
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not math.isfinite(limit) or limit < 0:
        raise ValueError("maximum_mm must be a finite number of millimetres, at least 0.")
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
    words = _REASONS.get(reason, reason.replace("_", " "))
    return Refer("technical", f"The distance of the outlines could not be measured: {words}.", evidence)


SPEC = Rule(title="Distance of outlines", function=outline_distance, check_policy=check_policy)
