"""Settle answers that are spans of time."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from annotations.labels.base import Geometry
from qc.agreement.base import BOTH_EMPTY
from qc.consensus.base import SETTLED
from qc.readings.base import IntArray
from qc.readings.timelines import joined_ms, shared_ms
from qc.registry import METHODS
from qc.settling.base import QuestionSpec, Read
from qc.settling.codes import Settled
from qc.settling.pairwise import agreement

TIME_OVERLAP = "time_overlap"


def settle_spans(
    question: QuestionSpec, answers: tuple[Read, ...], policy: Mapping[str, Any], geometry: Geometry | None
) -> Settled:
    """Settle spans by a vote along time, and compare them pair by pair (intersection over union of marked time)."""
    spans = {read.reader: [(float(start), float(end)) for start, end in read.label["spans"]] for read in answers}
    consensus = METHODS[policy["method"]].function(spans, **policy.get("method_parameters", {}))
    label = None
    if consensus.outcome == SETTLED:
        label = {"kind": "interval", "spans": [list(span) for span in consensus.value]}
    marked = {reader: joined_ms(of_reader) for reader, of_reader in spans.items()}
    pairs = [_overlap(marked, first, second) for first, second in combinations(sorted(marked), 2)]
    numbers, undefined, mean = agreement(TIME_OVERLAP, pairs, BOTH_EMPTY)
    kept = {reader: [list(span) for span in of_reader] for reader, of_reader in sorted(spans.items())}
    return Settled(consensus, label, numbers, undefined, {"spans": kept, "agreement": mean})


def _overlap(marked: Mapping[str, IntArray], first: str, second: str) -> float | None:
    """Return intersection over union of the time that two readers marked; None where neither marked any."""
    sizes = [int((marked[reader][:, 1] - marked[reader][:, 0]).sum()) for reader in (first, second)]
    if not sum(sizes):
        return None
    both = shared_ms(marked, first, second)
    return both / (sum(sizes) - both)
