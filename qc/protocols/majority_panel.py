"""A panel of blind readers; the majority settles, everything else goes to a physician."""

from collections.abc import Mapping
from typing import Any

from qc.protocols._document import check_document
from qc.protocols._panel import STATES, panel_step
from qc.protocols.base import History, Protocol, Stage, Step

NAME = "majority_panel"


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
        Assign until ``seats`` readers are asked, Wait until all have finished, Evaluate round 1, Wait while a
        referred unit has no signed decision, then Close. The case never costs more than ``seats`` reads.
    """
    return panel_step(history, document["seats"])


def check(document: Mapping[str, Any]) -> None:
    """Raise ProtocolProblem when the document is unusable."""
    check_document(document, NAME)


def stages(document: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Return the flow in words."""
    title = f"{document['seats']} readers read every case, blind to one another"
    return (Stage(title, "accepted by rule: more than half agree", "ties, splits, low agreement"),)


SPEC = Protocol(
    title="Majority panel",
    summary="A fixed number of readers read every case blind. What more than half of them say stands; "
    "ties, splits and low agreement go to a physician.",
    next_step=next_step,
    check=check,
    states=STATES,
    stages=stages,
)
