"""Settle answers that are a set of codes."""

from collections.abc import Collection, Mapping
from itertools import combinations
from typing import Any

from annotations.labels.base import Geometry
from qc.consensus.base import SETTLED
from qc.registry import METHODS
from qc.settling.base import QuestionSpec, Read
from qc.settling.codes import Settled
from qc.settling.pairwise import agreement

JACCARD = "jaccard"


def settle_sets(
    question: QuestionSpec, answers: tuple[Read, ...], policy: Mapping[str, Any], geometry: Geometry | None
) -> Settled:
    """Settle sets option by option, and compare them pair by pair."""
    sets = {read.reader: [str(code) for code in read.label["codes"]] for read in answers}
    consensus = METHODS[policy["method"]].function(sets, **policy.get("method_parameters", {}))
    label = {"kind": "multilabel", "codes": sorted(consensus.value)} if consensus.outcome == SETTLED else None
    pairs = [jaccard(sets[first], sets[second]) for first, second in combinations(sorted(sets), 2)]
    numbers, undefined, mean = agreement(JACCARD, pairs)
    return Settled(consensus, label, numbers, undefined, {"sets": dict(sorted(sets.items())), "agreement": mean})


def jaccard(first: Collection[str], second: Collection[str]) -> float:
    """Return the shared codes as a share of all codes of both; two empty sets are alike.

    Jaccard P. The distribution of the flora in the alpine zone. New Phytol 11:37-50, 1912.
    """
    either = {*first, *second}
    return len({*first} & {*second}) / len(either) if either else 1.0
