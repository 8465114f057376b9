"""Two blind readers; where they agree the answer stands, where they differ a physician arbitrates (2+1)."""

from collections.abc import Mapping
from typing import Any

from qc.protocols._document import check_document
from qc.protocols._panel import STATES, panel_step
from qc.protocols.base import History, Protocol, ProtocolProblem, Stage, Step

NAME = "double_read_arbitration"

_SEATS = 2


def next_step(history: History, document: Mapping[str, Any]) -> Step:
    """Return what the case needs next.

    Parameters
    ----------
    history : History
        Seats and verdicts so far, in any order.
    document : mapping
        A document that ``check`` accepts; the number of readers is two whatever it says.

    Returns
    -------
    Step
        Assign two readers, Wait until both have finished, Evaluate round 1, Wait while a discordant unit has
        no signed decision, then Close.
    """
    return panel_step(history, _SEATS)


def check(document: Mapping[str, Any]) -> None:
    """Raise ProtocolProblem when the document is unusable."""
    check_document(document, NAME)
    if document["seats"] != _SEATS:
        raise ProtocolProblem("not-two-seats", "/seats", "Double reading has exactly two seats.")


def stages(document: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Return the flow in words."""
    return (Stage("2 readers read every case, blind to one another", "accepted by rule: both agree", "they differ"),)


SPEC = Protocol(
    title="Double reading with arbitration (2+1)",
    summary="Two readers read every case blind. Where they agree the answer stands; where they differ a "
    "physician who was not one of them decides.",
    next_step=next_step,
    check=check,
    states=STATES,
    stages=stages,
)
