"""Vote along time: a moment belongs to the event when more than half of the readers say so."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from qc.consensus.base import INSUFFICIENT, SETTLED, TIE, Consensus, Method

Spans = Sequence[Sequence[float]]


def interval_vote(intervals: Mapping[str, Spans], *, minimum: int = 2, tolerance_s: float = 0.0) -> Consensus:
    """Settle on the stretches of time that more than half of the readers marked.

    Parameters
    ----------
    intervals : mapping of str to sequence of (start, stop)
        Rater to half-open spans in seconds on one time base; overlapping spans of a rater are one. A rater who saw
        nothing has an empty sequence; a rater who did not rate is absent.
    minimum : int
        Fewest raters that may settle anything.
    tolerance_s : float
        Longest stretch with exactly half of the votes that is put down to where readers set the ends; it is left
        outside and counted.

    Returns
    -------
    Consensus
        ``settled`` with a tuple of (start, stop) in seconds, and as support the share of the voted time (by at
        least one reader) on which more than half agree either way, weighted by agreement; ``tie`` when a stretch
        longer than ``tolerance_s`` has exactly half of the votes; ``insufficient`` below ``minimum``. ``details``:
        ``undecided`` stretches, ``undecided_s``, ``marked_s`` by rater, ``union_s``.

    Raises
    ------
    ValueError
        A span is not finite or does not end after its start, or a parameter is out of range.

    References
    ----------
    Warby SC, Wendt SL, Welinder P, et al. Sleep-spindle detection: crowdsourcing and evaluating performance of
    experts, non-experts and automated methods. Nat Methods 11:385-392, 2014. doi:10.1038/nmeth.2855

    Examples
    --------
    >>> interval_vote({"a": [(0, 4)], "b": [(1, 5)], "c": [(2, 6)]}).value
    ((1.0, 5.0),)
    """
    if minimum < 1 or not (math.isfinite(tolerance_s) and tolerance_s >= 0):
        raise ValueError("minimum is at least 1, and a tolerance is finite and not negative.")
    joined = {rater: union_of(spans) for rater, spans in sorted(intervals.items())}
    raters, parameters = tuple(joined), {"minimum": minimum, "tolerance_s": tolerance_s}
    if len(joined) < minimum or not joined:
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters)
    steps = sweep(list(joined.values()))
    n_raters = len(joined)
    inside = merged([(start, stop) for start, stop, votes in steps if 2 * votes > n_raters])
    half = merged([(start, stop) for start, stop, votes in steps if 2 * votes == n_raters])
    details = {
        "undecided": [list(span) for span in half],
        "undecided_s": length(half),
        "marked_s": {rater: length(spans) for rater, spans in joined.items()},
        "union_s": math.fsum(stop - start for start, stop, _ in steps),
    }
    if any(stop - start > tolerance_s for start, stop in half):
        return Consensus(TIE, None, None, {}, raters, parameters, details)
    return Consensus(SETTLED, tuple(inside), _support(steps, n_raters), {}, raters, parameters, details)


def union_of(spans: Spans) -> list[tuple[float, float]]:
    """Return a reader's spans sorted and joined where they touch or overlap."""
    checked = [(float(start), float(stop)) for start, stop in spans]
    if not all(math.isfinite(start) and math.isfinite(stop) and start < stop for start, stop in checked):
        raise ValueError("A span has finite ends, and ends after it starts.")
    return merged(sorted(checked))


def merged(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return sorted spans joined where one starts at or before the end of the last."""
    joined: list[tuple[float, float]] = []
    for start, stop in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
        else:
            joined.append((start, stop))
    return joined


def sweep(readers: Sequence[Sequence[tuple[float, float]]]) -> list[tuple[float, float, int]]:
    """Return the stretches between all ends that somebody marked, with their votes."""
    change: dict[float, int] = {}
    for spans in readers:
        for start, stop in spans:
            change[start] = change.get(start, 0) + 1
            change[stop] = change.get(stop, 0) - 1
    steps, votes, ends = [], 0, sorted(change)
    for start, stop in pairwise(ends):
        votes += change[start]
        if votes:
            steps.append((start, stop, votes))
    return steps


def length(spans: Sequence[tuple[float, float]]) -> float:
    """Return the summed length in seconds."""
    return math.fsum(stop - start for start, stop in spans)


def _support(steps: Sequence[tuple[float, float, int]], n_raters: int) -> float:
    """Return the mean share of readers on the winning side, over the time that anybody marked; 1 without any."""
    total = sum((Fraction(stop) - Fraction(start) for start, stop, _ in steps), Fraction(0))
    won = sum((Fraction(stop) - Fraction(start)) * max(votes, n_raters - votes) for start, stop, votes in steps)
    return float(won / (total * n_raters)) if total else 1.0


SPEC = Method(
    title="Vote along time",
    function=interval_vote,
    takes="intervals",
    reference="Warby et al. 2014, doi:10.1038/nmeth.2855",
)
