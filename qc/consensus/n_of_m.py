"""n of m: a declared number of a panel, with a declared band in which nothing is decided, stopping early."""

from collections import Counter
from collections.abc import Mapping, Sequence

from qc.consensus._quorum import BAND, NEGATIVE, OPEN, POSITIVE, Quorum
from qc.consensus._soft import wilson
from qc.consensus.base import INSUFFICIENT, NO_MAJORITY, SETTLED, Consensus, Method


def n_of_m(
    codes: Mapping[str, str],
    *,
    positive: str,
    negative: str,
    panel: int = 10,
    quorum: Sequence[int] = (6, 3),
    minimum: int = 1,
) -> Consensus:
    """Settle by quorum: positive from so many yes on, negative up to so many of a full panel.

    Decided as soon as no further answer can change it, so a panel stops early: with 6 of 10 after six yes, after
    seven no, or once the band is certain. The share is that of a panel that stopped, so its bounds are approximate.

    Parameters
    ----------
    codes : mapping of str to str
        Rater to code; every code but ``positive`` is a no. Abstentions are absent.
    positive, negative : str
        The code asked about, and the code that is settled when it is refused.
    panel : int
        Seats.
    quorum : sequence of two int
        Yes answers for positive; yes answers up to which a full panel is negative.
    minimum : int
        Fewest answers that may settle anything.

    Returns
    -------
    Consensus
        ``settled``; ``no_majority`` in the band; ``insufficient`` while it is open, with ``open_seats`` in
        ``details``. Support is the share of the settled side among those who answered.

    Raises
    ------
    ValueError
        The numbers contradict each other, or more people answered than there are seats.

    References
    ----------
    Wald A. Sequential tests of statistical hypotheses. Ann Math Stat 16:117-186, 1945.
    doi:10.1214/aoms/1177731118 (stopping when the answer is certain is his curtailed inspection). Wilson EB, 1927,
    doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> reads = {f"r{place}": "yes" for place in range(6)}
    >>> n_of_m(reads, positive="yes", negative="no").value
    'yes'
    """
    if minimum < 1 or len(quorum) != 2:
        raise ValueError("minimum must be at least 1, and a quorum is two numbers.")
    rule = Quorum(panel, *quorum)
    yes = sum(code == positive for code in codes.values())
    no = len(codes) - yes
    state = rule.state(yes, no) if len(codes) >= minimum else OPEN
    outcome = {POSITIVE: SETTLED, NEGATIVE: SETTLED, BAND: NO_MAJORITY, OPEN: INSUFFICIENT}[state]
    value = {POSITIVE: positive, NEGATIVE: negative}.get(state)
    n_open = max(rule.open_seats(yes, no), minimum - len(codes), 0)
    details = {"state": state, "yes": yes, "no": no, "open_seats": n_open, "is_sequential": True}
    parameters = {"panel": panel, "quorum": list(quorum), "minimum": minimum}
    return Consensus(
        outcome=outcome,
        value=value,
        support=None if value is None else (yes if state == POSITIVE else no) / len(codes),
        votes=dict(sorted(Counter(codes.values()).items())),
        raters=tuple(sorted(codes)),
        parameters={**parameters, "positive": positive, "negative": negative},
        details={**details, **_share(yes, len(codes))},
    )


def _share(yes: int, answered: int) -> dict[str, float]:
    """Return the bounds of the share of yes; nothing before the first answer."""
    bounds = wilson(yes, answered)
    return {} if bounds is None else {"share_low": bounds[0], "share_high": bounds[1]}


SPEC = Method(
    title="n of m with an undecided band",
    function=n_of_m,
    takes="codes",
    reference="Wald 1945, doi:10.1214/aoms/1177731118 (curtailed inspection)",
)
