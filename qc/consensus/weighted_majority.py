"""Weighted majority: each vote weighs as much as its reader's known accuracy is worth."""

import math
from collections import Counter
from collections.abc import Mapping

from qc.consensus.base import INSUFFICIENT, NO_MAJORITY, SETTLED, TIE, Consensus, Method

_EQUAL = 1e-9


def weighted_majority(
    codes: Mapping[str, str],
    *,
    accuracies: Mapping[str, float],
    n_codes: int,
    minimum: int = 2,
    ratio: float | None = None,
) -> Consensus:
    """Settle on the code that carries more than half of the weight of those who rated.

    A reader of accuracy s among K codes weighs log[s(K − 1)/(1 − s)], s held within [1/K + 0.01, 0.99]. Accuracies
    come from other cases, frozen beforehand; estimated from the same cases they would crown whoever leads.

    Parameters
    ----------
    codes : mapping of str to str
        Rater to code.
    accuracies : mapping of str to float
        Rater to probability of being right.
    n_codes : int
        Codes of the scale, at least 2.
    minimum : int
        Fewest ratings that may settle anything.
    ratio : float or None
        Most that the heaviest vote may weigh in relation to the lightest; heavier ones are held there.

    Returns
    -------
    Consensus
        ``settled`` with the weight's share as support; ``tie`` when two codes lead together; ``no_majority`` with
        half of the weight or less; ``insufficient`` below ``minimum``, or when somebody's accuracy is unknown
        (``details["unknown"]``): a weight is never invented. ``votes`` count heads.

    Raises
    ------
    ValueError
        An accuracy outside 0 and 1, fewer than two codes, or a ratio below 1.

    References
    ----------
    Nitzan S, Paroush J. Optimal decision rules in uncertain dichotomous choice situations. Int Econ Rev 23:289-297,
    1982. doi:10.2307/2526438

    Examples
    --------
    >>> weighted_majority({"a": "x", "b": "y"}, accuracies={"a": 0.9, "b": 0.6}, n_codes=2).value
    'x'
    """
    _check(accuracies, n_codes, minimum, ratio)
    votes = dict(sorted(Counter(codes.values()).items()))
    raters = tuple(sorted(codes))
    parameters = {"accuracies": dict(sorted(accuracies.items())), "n_codes": n_codes, "minimum": minimum}
    parameters["ratio"] = ratio
    unknown = [rater for rater in raters if rater not in accuracies]
    if unknown or len(codes) < minimum or not codes:
        details = {"unknown": unknown} if unknown else {}
        return Consensus(INSUFFICIENT, None, None, votes, raters, parameters, details)
    weights = _capped({rater: reader_weight(accuracies[rater], n_codes) for rater in raters}, ratio)
    # Summed in the order of readers' names, so that the order of arrival cannot move the last digit.
    sums = {code: math.fsum(weights[rater] for rater in raters if codes[rater] == code) for code in votes}
    outcome, value = _decide(sums)
    share = sums[value] / math.fsum(weights.values()) if value is not None else None
    return Consensus(outcome, value, share, votes, raters, parameters, {"weights": weights, "weight_by_code": sums})


def reader_weight(accuracy: float, n_codes: int) -> float:
    """Return the weight of a reader, always positive."""
    held = min(max(accuracy, 1 / n_codes + 0.01), 0.99)
    return math.log(held * (n_codes - 1) / (1 - held))


def _capped(weights: Mapping[str, float], ratio: float | None) -> dict[str, float]:
    most = math.inf if ratio is None else ratio * min(weights.values())
    return {rater: min(weight, most) for rater, weight in weights.items()}


def _decide(sums: Mapping[str, float]) -> tuple[str, str | None]:
    total, most = math.fsum(sums.values()), max(sums.values())
    leaders = [code for code, weight in sums.items() if weight >= most - _EQUAL * total]
    if len(leaders) > 1:
        return TIE, None
    return (SETTLED, leaders[0]) if most > total * (0.5 + _EQUAL) else (NO_MAJORITY, None)


def _check(accuracies: Mapping[str, float], n_codes: int, minimum: int, ratio: float | None) -> None:
    if n_codes < 2 or minimum < 1 or (ratio is not None and not ratio >= 1):
        raise ValueError("There are at least two codes, minimum is at least 1, and a ratio is at least 1.")
    if not all(0 <= accuracy <= 1 for accuracy in accuracies.values()):
        raise ValueError("An accuracy lies between 0 and 1.")


SPEC = Method(
    title="Weighted majority",
    function=weighted_majority,
    takes="codes",
    reference="Nitzan & Paroush 1982, doi:10.2307/2526438",
)
