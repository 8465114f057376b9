"""Vote on sets of codes: every option by its own strict majority."""

from collections import Counter
from collections.abc import Collection, Mapping

from qc.consensus.base import INSUFFICIENT, SETTLED, TIE, Consensus, Method


def set_vote(sets: Mapping[str, Collection[str]], *, minimum: int = 2) -> Consensus:
    """Settle on the options that more than half of the raters chose.

    Parameters
    ----------
    sets : mapping of str to collection of str
        Rater to the options chosen; an empty collection is an answer, a rater who did not rate is absent. The
        order of options never matters.
    minimum : int
        Fewest answers that may settle anything.

    Returns
    -------
    Consensus
        ``settled`` with the sorted tuple of options (empty when none has a majority) and, as support, the share of
        the least supported decision on an option; ``tie`` when exactly half chose an option
        (``details["undecided"]``), because leaving it out would be a pick; ``insufficient`` below ``minimum``.

    Raises
    ------
    ValueError
        ``minimum`` is less than 1.

    References
    ----------
    Brams SJ, Kilgour DM, Zwicker WS. The paradox of multiple elections. Soc Choice Welf 15:211-236, 1998.
    doi:10.1007/s003550050101 (voting option by option, and why the resulting set may be nobody's).

    Examples
    --------
    >>> set_vote({"a": ["cyst", "scar"], "b": ["scar"], "c": []}).value
    ('scar',)
    """
    if minimum < 1:
        raise ValueError("minimum must be at least 1.")
    n_raters = len(sets)
    votes = dict(sorted(Counter(code for chosen in sets.values() for code in set(chosen)).items()))
    raters = tuple(sorted(sets))
    parameters = {"minimum": minimum}
    if n_raters < minimum or not sets:
        return Consensus(INSUFFICIENT, None, None, votes, raters, parameters)
    undecided = [code for code, count in votes.items() if 2 * count == n_raters]
    value = tuple(code for code, count in votes.items() if 2 * count > n_raters)
    is_somebodys = any(set(chosen) == set(value) for chosen in sets.values())
    details = {"undecided": undecided, "is_anybodys_answer": is_somebodys}
    if undecided:
        return Consensus(TIE, None, None, votes, raters, parameters, details)
    support = min((max(count, n_raters - count) / n_raters for count in votes.values()), default=1.0)
    return Consensus(SETTLED, value, support, votes, raters, parameters, details)


SPEC = Method(
    title="Majority for each option",
    function=set_vote,
    takes="sets",
    reference="Brams, Kilgour & Zwicker 1998, doi:10.1007/s003550050101",
)
