"""One person reads blind and a model's stored read is the second; where they differ a second person reads blind."""

from collections.abc import Mapping
from typing import Any

from qc.protocols._document import check_document
from qc.protocols._sequence import STATES, n_asked, open_units, sequence_step
from qc.protocols.base import History, Protocol, ProtocolProblem, Stage, Step

NAME = "ai_second_reader"

_SEATS = 2
_LEAST_AUDIT = 0.1
# A model that votes, or that sends what two people agreed on to a physician, is no second reader any more.
_OTHER_ROLES = ("model_votes", "model_check")


def next_step(history: History, document: Mapping[str, Any]) -> Step:
    """Return what the case needs next.

    Parameters
    ----------
    history : History
        Seats of people and verdicts so far, in any order; whether the model's read was there in time.
    document : mapping
        A document that ``check`` accepts.

    Returns
    -------
    Step
        Assign one person; a second in the same round where that person has finished and no read of the model was
        there before, since this does not depend on any answer. Evaluate; a second person in a further round where the
        person and the model differ, Evaluate the two; Wait for a physician where they differ too, then Close.
    """
    is_read = any(seat.is_finished for seat in history.seats)
    falls_back = is_read and not history.has_model_read and n_asked(history) < _SEATS
    return sequence_step(history, _SEATS if falls_back else 1, _second)


def _second(history: History) -> int:
    return 1 if open_units(history) and n_asked(history) < _SEATS else 0


def check(document: Mapping[str, Any]) -> None:
    """Raise ProtocolProblem when the document is unusable."""
    check_document(document, NAME)
    if document["seats"] != _SEATS:
        raise ProtocolProblem("not-two-seats", "/seats", "There are two seats: a person's and the model's.")
    model = document.get("model")
    if not isinstance(model, str) or not model:
        raise ProtocolProblem("no-model", "/model", "Name the model that reads second by its reader code.")
    for member in _OTHER_ROLES:
        if document.get(member):
            message = "A model that reads second has no other part in the protocol."
            raise ProtocolProblem("model-has-two-parts", f"/{member}", message)
    if document.get("audit", {}).get("share", 0) < _LEAST_AUDIT:
        message = "What a person and a model agree on is audited: at least 10 % of the closed cases."
        raise ProtocolProblem("audit-missing", "/audit/share", message)


def stages(document: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Return the flow in words."""
    return (
        Stage(
            f"1 reader reads every case, blind to {document.get('model', 'the model')}",
            "accepted by rule human_ai_pair: both agree",
            "they differ, or the model had not read before",
        ),
        Stage("A second reads it, blind to both", "accepted by rule: both readers agree", "the readers differ"),
    )


SPEC = Protocol(
    title="Model as second reader",
    summary="One reader reads every case blind and is compared with a model's read that was stored before. Where the "
    "two agree the answer stands, and says that a model bore it; where they differ, or the model had not read, a "
    "second reader reads blind and the model counts no more. What two readers do not settle goes to a physician.",
    next_step=next_step,
    check=check,
    states=STATES,
    stages=stages,
)
