"""Two blind readers of a screening examination; a physician where they differ, and where asked also on a recall."""

from collections.abc import Mapping
from typing import Any

from qc.protocols._document import check_answers, check_document
from qc.protocols._panel import STATES, panel_step
from qc.protocols.base import History, Protocol, ProtocolProblem, Stage, Step

NAME = "mammography_double_reading"
# The member that lists the answers on which a physician is asked although both readers give them.
CONCORDANT = "arbitrate_concordant"

_SEATS = 2


def next_step(history: History, document: Mapping[str, Any]) -> Step:
    """Return what the case needs next.

    Parameters
    ----------
    history : History
        Seats and verdicts so far, in any order.
    document : mapping
        A document that ``check`` accepts.

    Returns
    -------
    Step
        As for double reading with arbitration; a concordant answer that is arbitrated is referred like a difference.
    """
    return panel_step(history, _SEATS)


def check(document: Mapping[str, Any]) -> None:
    """Raise ProtocolProblem when the document is unusable."""
    check_document(document, NAME)
    if document["seats"] != _SEATS:
        raise ProtocolProblem("not-two-seats", "/seats", "Double reading has exactly two seats.")
    check_answers(document, CONCORDANT)


def stages(document: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Return the flow in words."""
    answers = document.get(CONCORDANT)
    also = f", or agree on {' or '.join(answers)}" if answers else ""
    title = "2 readers read every case, blind to one another"
    return (Stage(title, "accepted by rule: both agree", f"they differ{also}"),)


SPEC = Protocol(
    title="Double reading in screening",
    summary="Two readers read every case blind. A physician decides where they differ and, where the protocol names "
    "answers such as a recall, also where both give one of those.",
    next_step=next_step,
    check=check,
    states=STATES,
    stages=stages,
)
