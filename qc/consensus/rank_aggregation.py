"""One ranking out of many: Kemeny's where it can be found exactly, Borda's beyond."""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

from qc.consensus.base import INSUFFICIENT, SETTLED, TIE, Consensus, Method

# The exact search looks at every subset of the items.
_EXACT = 8
_EQUAL = 1e-9

Tiers = Sequence[Sequence[str]]
Preferences = Mapping[tuple[str, str], int]


def rank_aggregation(rankings: Mapping[str, Tiers], *, minimum: int = 2, method: str | None = None) -> Consensus:
    """Settle on the order that contradicts the readers least.

    Kemeny: the order with the fewest pairs that a reader put the other way round; exact, for up to eight items.
    Borda: items by the number of readers' preferences for them minus against them.

    Parameters
    ----------
    rankings : mapping of str to sequence of tiers
        Rater to tiers, best first; the items of a tier are equal to that rater. Items that a rater left out are
        compared with nothing by that rater.
    minimum : int
        Fewest rankings that may settle anything.
    method : str or None
        ``kemeny``, ``borda``, or None: Kemeny up to eight items, else Borda.

    Returns
    -------
    Consensus
        ``settled`` with the tuple of items, best first, and as support the share of the readers' preferences that
        agree with it (None when nobody preferred anything); ``tie`` when several orders are equally good
        (``details["n_best"]``, and ``details["tiers"]`` with what they have in common); ``insufficient`` below
        ``minimum``. No order is picked among equals.

    Raises
    ------
    ValueError
        An item occurs twice in a ranking, the method is unknown, or Kemeny is asked for more than eight items.

    References
    ----------
    Kemeny JG. Mathematics without numbers. Daedalus 88:577-591, 1959. Young HP. Condorcet's theory of voting. Am
    Polit Sci Rev 82:1231-1244, 1988. doi:10.2307/1961757

    Examples
    --------
    >>> rank_aggregation({"a": [["x"], ["y"], ["z"]], "b": [["x"], ["z"], ["y"]], "c": [["x"], ["y"], ["z"]]}).value
    ('x', 'y', 'z')
    """
    items = sorted({item for tiers in rankings.values() for tier in tiers for item in tier})
    chosen = _chosen(method, len(items))
    if minimum < 1:
        raise ValueError("minimum must be at least 1.")
    raters, parameters = tuple(sorted(rankings)), {"minimum": minimum, "method": chosen}
    prefers = preferences(rankings, items)
    if len(rankings) < minimum or not items:
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters)
    tiers, n_best, cost = _kemeny(prefers, items) if chosen == "kemeny" else _borda(prefers, items)
    total = sum(prefers.values())
    details = {"tiers": tiers, "n_best": n_best, "contradicted": cost, "preferences": total}
    if n_best != 1:
        return Consensus(TIE, None, None, {}, raters, parameters, details)
    value = tuple(item for tier in tiers for item in tier)
    return Consensus(SETTLED, value, 1 - cost / total if total else None, {}, raters, parameters, details)


def preferences(rankings: Mapping[str, Tiers], items: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return for each ordered pair the readers who put the first before the second."""
    prefers = {(first, second): 0 for first in items for second in items if first != second}
    for rater, tiers in rankings.items():
        named = [item for tier in tiers for item in tier]
        if len(set(named)) < len(named):
            raise ValueError(f"{rater} ranks an item twice.")
        for better, worse in combinations(tiers, 2):
            for first in better:
                for second in worse:
                    prefers[first, second] += 1
    return prefers


def _chosen(method: str | None, n_items: int) -> str:
    if method not in (None, "kemeny", "borda"):
        raise ValueError("The method is kemeny or borda.")
    if method == "kemeny" and n_items > _EXACT:
        raise ValueError(f"Kemeny's order is searched for at most {_EXACT} items, not {n_items}.")
    return method or ("kemeny" if n_items <= _EXACT else "borda")


def _kemeny(prefers: Preferences, items: Sequence[str]) -> tuple[list[list[str]], int, int]:
    """Return what all best orders have in common (tiers), how many there are, and their contradictions.

    Best orders are built subset by subset: the cost of putting ``last`` behind the rest does not depend on how the
    rest is ordered.
    """
    size = len(items)
    best: list[tuple[int, int]] = [(0, 1)] + [(0, 0)] * ((1 << size) - 1)
    for members in range(1, 1 << size):
        inside = [place for place in range(size) if members >> place & 1]
        options = [(best[members ^ 1 << last][0] + _behind(prefers, items, inside, last), last) for last in inside]
        least = min(cost for cost, _ in options)
        count = sum(best[members ^ 1 << last][1] for cost, last in options if cost == least)
        best[members] = (least, count)
    return _common(prefers, items, best), best[-1][1], best[-1][0]


def _behind(prefers: Preferences, items: Sequence[str], inside: Sequence[int], last: int) -> int:
    return sum(prefers[items[last], items[place]] for place in inside if place != last)


def _common(prefers: Preferences, items: Sequence[str], best: Sequence[tuple[int, int]]) -> list[list[str]]:
    """Return the items in tiers: a cut stands where every best order has the same items before it."""
    full = len(best) - 1
    layer, reached = {full}, [{full}]
    for _ in items:
        layer = {
            members ^ 1 << last
            for members in layer
            for inside in ([place for place in range(len(items)) if members >> place & 1],)
            for last in inside
            if best[members ^ 1 << last][0] + _behind(prefers, items, inside, last) == best[members][0]
        }
        reached.append(layer)
    cuts = sorted((next(iter(layer)) for layer in reached if len(layer) == 1), key=int.bit_count)
    pairs = pairwise(cuts)
    return [[item for place, item in enumerate(items) if (after & ~before) >> place & 1] for before, after in pairs]


def _borda(prefers: Preferences, items: Sequence[str]) -> tuple[list[list[str]], int, int]:
    """Return tiers of equal score, 1 when all scores differ (else 0: no single order), and contradictions."""
    score = {
        item: sum(prefers[item, other] - prefers[other, item] for other in items if other != item) for item in items
    }
    tiers = [[item for item in items if score[item] == value] for value in sorted(set(score.values()), reverse=True)]
    order = [item for tier in tiers for item in tier]
    cost = sum(prefers[second, first] for first, second in combinations(order, 2))
    return tiers, 1 if len(tiers) == len(items) else 0, cost


SPEC = Method(
    title="Rank aggregation",
    function=rank_aggregation,
    takes="rankings",
    reference="Kemeny 1959; Young 1988, doi:10.2307/1961757",
)
