"""So many of so many readers, one by one, until no further answer can change the outcome ("6 of 10 agree")."""

from collections.abc import Mapping
from typing import Any

from qc.protocols._document import check_document
from qc.protocols._sequence import STATES, n_asked, open_units, sequence_step
from qc.protocols.base import History, Protocol, ProtocolProblem, Stage, Step

NAME = "early_stop"

_METHOD = "n_of_m"


def next_step(history: History, document: Mapping[str, Any]) -> Step:
    """Return what the case needs next.

    Parameters
    ----------
    history : History
        Seats and verdicts so far, in any order; a unit says how many further answers could decide it.
    document : mapping
        A document that ``check`` accepts.

    Returns
    -------
    Step
        Assign the first ``seats`` readers, Evaluate; then as many more as could still decide the unit that needs
        most, never beyond ``most``; Wait for a physician where the band is certain, then Close.
    """

    def more(past: History) -> int:
        wanted = max((unit.open_seats for unit in open_units(past)), default=0)
        return min(wanted, int(document["most"]) - n_asked(past))

    return sequence_step(history, document["seats"], more)


def check(document: Mapping[str, Any]) -> None:
    """Raise ProtocolProblem when the document is unusable."""
    check_document(document, NAME)
    most = document.get("most")
    if isinstance(most, bool) or not isinstance(most, int) or not document["seats"] <= most:
        message = "State the most readers that a case may cost, not fewer than are asked first."
        raise ProtocolProblem("not-a-count", "/most", message)
    for code, question in document["questions"].items():
        panel = question.get("method_parameters", {}).get("panel", 10)
        if question["method"] == _METHOD and panel != most:
            message = f"The quorum counts a panel of {panel}, the protocol asks at most {most}."
            raise ProtocolProblem("panel-differs", f"/questions/{code}/method_parameters/panel", message)


def stages(document: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Return the flow in words."""
    more = int(document["most"]) - int(document["seats"])
    first = Stage(
        f"{document['seats']} readers read every case, blind", "accepted by rule: the quorum is decided", "open"
    )
    if more <= 0:
        return (first,)
    title = f"Up to {more} more, while an answer could decide it"
    return (first, Stage(title, "accepted by rule: the quorum is decided", "the band between is certain"))


SPEC = Protocol(
    title="Quorum with early stop (n of m)",
    summary="A case is read until a declared number says yes, or so many say no that it cannot be reached: 6 of 10 "
    "stops after six yes or seven no. What lies in the band between goes to a physician.",
    next_step=next_step,
    check=check,
    states=STATES,
    stages=stages,
)
