"""Plurality of codes: the one code that more readers gave than any other."""

from collections import Counter
from collections.abc import Mapping

from qc.consensus._soft import vote_facts
from qc.consensus.base import INSUFFICIENT, NO_MAJORITY, SETTLED, TIE, Consensus, Method


def plurality(codes: Mapping[str, str], *, minimum: int = 2, at_least: int = 1) -> Consensus:
    """Settle on the code with the most votes, however few they are.

    Parameters
    ----------
    codes : mapping of str to str
        Rater to code; a rater who did not rate is absent.
    minimum : int
        Fewest ratings that may settle anything.
    at_least : int
        Fewest votes with which the leading code may settle.

    Returns
    -------
    Consensus
        ``settled`` with the leading code; ``tie`` when several lead; ``no_majority`` when the leading code has
        fewer than ``at_least`` votes; ``insufficient`` below ``minimum`` ratings. ``details`` hold the Wilson
        bounds of the leading share, the vote entropy and the margin.

    Raises
    ------
    ValueError
        ``minimum`` or ``at_least`` is less than 1.

    References
    ----------
    Black D. The Theory of Committees and Elections, 1958. doi:10.1007/978-94-009-4225-7

    Examples
    --------
    >>> plurality({"a": "cyst", "b": "cyst", "c": "tumour", "d": "scar", "e": "fat"}).value
    'cyst'
    """
    if minimum < 1 or at_least < 1:
        raise ValueError("minimum and at_least must be at least 1.")
    votes = dict(sorted(Counter(codes.values()).items()))
    outcome, value = _decide(votes, minimum, at_least)
    return Consensus(
        outcome=outcome,
        value=value,
        support=votes[value] / len(codes) if value is not None else None,
        votes=votes,
        raters=tuple(sorted(codes)),
        parameters={"minimum": minimum, "at_least": at_least},
        details=vote_facts(votes),
    )


def _decide(votes: Mapping[str, int], minimum: int, at_least: int) -> tuple[str, str | None]:
    if not votes or sum(votes.values()) < minimum:
        return INSUFFICIENT, None
    most = max(votes.values())
    leaders = [code for code, count in votes.items() if count == most]
    if len(leaders) > 1:
        return TIE, None
    return (SETTLED, leaders[0]) if most >= at_least else (NO_MAJORITY, None)


SPEC = Method(
    title="Plurality",
    function=plurality,
    takes="codes",
    reference="Black 1958, doi:10.1007/978-94-009-4225-7",
)
