"""Settle answers that are a code, a level or a number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from annotations.labels.base import Geometry
from qc.agreement.base import TOO_FEW
from qc.consensus.base import SETTLED, TIE, Consensus
from qc.registry import METHODS
from qc.settling.base import QuestionSpec, Read

SPREAD = "spread"
CLOSEST = "closest"


@dataclass(frozen=True, slots=True)
class Settled:
    """What a method made of the answers of one unit.

    Parameters
    ----------
    consensus : Consensus
        What the method computed.
    label : mapping or None
        The settled label; None unless the consensus is settled.
    numbers, undefined : mapping
        Agreement values of the unit, and the reasons for those that do not exist.
    details : mapping
        What the report needs, plain JSON values.
    """

    consensus: Consensus
    label: Mapping[str, Any] | None
    numbers: Mapping[str, float]
    undefined: Mapping[str, str]
    details: Mapping[str, Any] = field(default_factory=dict)


def settle_codes(
    question: QuestionSpec, answers: tuple[Read, ...], policy: Mapping[str, Any], geometry: Geometry | None
) -> Settled:
    """Settle categories by vote, levels by vote or median, numbers by median."""
    if question.kind == "measurement":
        return settle_numbers(question, answers, policy)
    member = "level" if question.kind == "grade" else "code"
    codes = {read.reader: str(read.label[member]) for read in answers}
    details: dict[str, Any] = {"codes": dict(sorted(codes.items()))}
    parameters = policy.get("method_parameters", {})
    if question.kind == "category":
        consensus = METHODS[policy["method"]].function(codes, **parameters)
        label = {"kind": "category", "code": consensus.value} if consensus.outcome == SETTLED else None
        if "open_seats" in consensus.details:
            details["open_seats"] = consensus.details["open_seats"]
        return Settled(consensus, label, {}, {}, details)
    order = [str(level["code"]) for level in question.definition["levels"]]
    numbers, undefined = spread_of([order.index(code) for code in codes.values()], policy)
    if METHODS[policy["method"]].takes == "codes":
        consensus = METHODS[policy["method"]].function(codes, **parameters)
        level = consensus.value
    else:
        places = {reader: float(order.index(code)) for reader, code in codes.items()}
        consensus, level = median_level(METHODS[policy["method"]].function(places, **parameters), order, policy)
    label = {"kind": "grade", "level": level} if consensus.outcome == SETTLED else None
    return Settled(consensus, label, numbers, undefined, details)


def median_level(consensus: Consensus, order: list[str], policy: Mapping[str, Any]) -> tuple[Consensus, str | None]:
    """Return the level at the median place; between two levels only as the document declares, else a tie."""
    if consensus.outcome != SETTLED:
        return consensus, None
    low, is_split = int(consensus.value), consensus.value != int(consensus.value)
    split = policy.get("split", "refer")
    if is_split and split == "refer":
        tie = Consensus(TIE, None, None, {}, consensus.raters, consensus.parameters, consensus.details)
        return tie, None
    level = order[low + 1] if is_split and split == "higher" else order[low]
    details = {**consensus.details, "between_levels": is_split}
    settled = Consensus(
        SETTLED, level, consensus.support, {}, consensus.raters, {**consensus.parameters, "split": split}, details
    )
    return settled, level


def settle_numbers(question: QuestionSpec, answers: tuple[Read, ...], policy: Mapping[str, Any]) -> Settled:
    """Settle measurements of one unit."""
    values = {read.reader: float(read.label["number"]) for read in answers}
    consensus = METHODS[policy["method"]].function(values, **policy.get("method_parameters", {}))
    label = None
    if consensus.outcome == SETTLED:
        label = {"kind": "measurement", "number": float(consensus.value), "unit": question.definition["unit"]}
    numbers, undefined = spread_of(list(values.values()), policy)
    return Settled(consensus, label, numbers, undefined, {"numbers": dict(sorted(values.items()))})


def spread_of(values: list[int] | list[float], policy: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, str]]:
    """Return how far the answers lie apart; undefined below two answers.

    The distance of the two that lie closest is computed only where a rule asks for it, so that units of protocols
    without such a rule are what they were.
    """
    wanted = {str(limits.get("statistic")) for limits in policy.get("rules", {}).values()}
    names = [SPREAD, *([CLOSEST] if CLOSEST in wanted else [])]
    if len(values) < 2:
        return {}, dict.fromkeys(names, TOO_FEW)
    ordered = sorted(values)
    found = {SPREAD: float(ordered[-1] - ordered[0])}
    if CLOSEST in wanted:
        found[CLOSEST] = float(min(high - low for low, high in pairwise(ordered)))
    return found, {}
