"""Settle answers that put the options of a question in order."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from annotations.labels.base import Geometry
from qc.agreement.base import NO_VARIATION
from qc.consensus.base import SETTLED
from qc.readings.rankings import Rankings
from qc.registry import METHODS, STATISTICS
from qc.settling.base import QuestionSpec, Read
from qc.settling.codes import Settled
from qc.settling.pairwise import agreement

TAU = "tau"


def settle_orders(
    question: QuestionSpec, answers: tuple[Read, ...], policy: Mapping[str, Any], geometry: Geometry | None
) -> Settled:
    """Settle orders on the one that contradicts the readers least, and compare them pair by pair (Kendall's tau-b)."""
    orders = {read.reader: [[str(code) for code in tier] for tier in read.label["order"]] for read in answers}
    consensus = METHODS[policy["method"]].function(orders, **policy.get("method_parameters", {}))
    label = None
    if consensus.outcome == SETTLED:
        label = {"kind": "ranking", "order": [[code] for code in consensus.value]}
    options = [str(entry["code"]) for entry in question.definition["codes"]]
    pairs = [
        _tau({first: orders[first], second: orders[second]}, options)
        for first, second in combinations(sorted(orders), 2)
    ]
    numbers, undefined, mean = agreement(TAU, pairs, NO_VARIATION)
    return Settled(consensus, label, numbers, undefined, {"orders": dict(sorted(orders.items())), "agreement": mean})


def _tau(orders: Mapping[str, list[list[str]]], options: list[str]) -> float | None:
    """Return tau-b of two orders; None where one of them ties all options."""
    found = STATISTICS["ranking_tau"].function(Rankings.from_orders([orders], options=options), replicates=1)
    return found.value  # type: ignore[no-any-return]
