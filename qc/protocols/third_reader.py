"""Two blind readers; where they differ a third reads blind, and the majority of three stands."""

from collections.abc import Mapping
from typing import Any

from qc.protocols._document import check_document
from qc.protocols._sequence import STATES, n_asked, open_units, sequence_step
from qc.protocols.base import History, Protocol, ProtocolProblem, Stage, Step

NAME = "third_reader"

_SEATS = 2
_MOST = 3


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
        Assign two readers, Evaluate; a third where a unit is open, Evaluate the three; Wait for a physician where
        the three do not settle it, then Close.
    """
    return sequence_step(history, _SEATS, _third)


def _third(history: History) -> int:
    return 1 if open_units(history) and n_asked(history) < _MOST else 0


def check(document: Mapping[str, Any]) -> None:
    """Raise ProtocolProblem when the document is unusable."""
    check_document(document, NAME)
    if document["seats"] != _SEATS:
        raise ProtocolProblem("not-two-seats", "/seats", "Two readers read first; the third comes by itself.")


def stages(document: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Return the flow in words."""
    return (
        Stage("2 readers read every case, blind to one another", "accepted by rule: both agree", "they differ"),
        Stage("A third reads it, blind to both", "accepted by rule: two of three agree", "the three do not settle it"),
    )


SPEC = Protocol(
    title="Third reader on disagreement (2+1 blind)",
    summary="Two readers read every case blind. Where they differ a third reads it blind too and the majority of three "
    "stands; what three do not settle goes to a physician.",
    next_step=next_step,
    check=check,
    states=STATES,
    stages=stages,
)
