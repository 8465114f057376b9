"""Strict majority of codes: more than half of those who rated, or no value at all."""

from collections import Counter
from collections.abc import Mapping

from qc.consensus.base import INSUFFICIENT, NO_MAJORITY, SETTLED, TIE, Consensus, Method


def majority(codes: Mapping[str, str], *, minimum: int = 2) -> Consensus:
    """Settle on the code that more than half of the raters gave.

    Parameters
    ----------
    codes : mapping of str to str
        Rater to code; a rater who did not rate is absent.
    minimum : int
        Fewest ratings that may settle anything.

    Returns
    -------
    Consensus
        ``settled`` with the code and its share as support; ``tie`` when two or more codes lead together;
        ``no_majority`` when one leads with half or less; ``insufficient`` below ``minimum`` ratings. The
        order of raters never matters, and no tie is ever broken.

    Raises
    ------
    ValueError
        ``minimum`` is less than 1.

    References
    ----------
    Boyer RS, Moore JS (1991), MJRTY: a fast majority vote algorithm, doi:10.1007/978-94-011-3488-0_5
    (majority as more than half, distinct from plurality).

    Examples
    --------
    >>> majority({"a": "benign", "b": "benign", "c": "suspicious"}).value
    'benign'
    >>> majority({"a": "benign", "b": "suspicious"}).outcome
    'tie'
    """
    if minimum < 1:
        raise ValueError("minimum must be at least 1.")
    votes = dict(sorted(Counter(codes.values()).items()))
    outcome, value = _decide(votes, minimum)
    return Consensus(
        outcome=outcome,
        value=value,
        support=votes[value] / len(codes) if value is not None else None,
        votes=votes,
        raters=tuple(sorted(codes)),
        parameters={"minimum": minimum},
    )


def _decide(votes: Mapping[str, int], minimum: int) -> tuple[str, str | None]:
    rated = sum(votes.values())
    if rated < minimum or not votes:
        return INSUFFICIENT, None
    most = max(votes.values())
    leaders = [code for code, count in votes.items() if count == most]
    if len(leaders) > 1:
        return TIE, None
    if 2 * most <= rated:
        return NO_MAJORITY, None
    return SETTLED, leaders[0]


SPEC = Method(
    title="Strict majority",
    function=majority,
    takes="codes",
    reference="Boyer & Moore 1991, doi:10.1007/978-94-011-3488-0_5",
)
