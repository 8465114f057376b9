"""Three blind readers; in the test set a panel decides every case, agreed or not, in the training set none does."""

from collections.abc import Mapping
from typing import Any

from qc.protocols._document import check_document
from qc.protocols._panel import STATES, panel_step
from qc.protocols.base import History, Protocol, ProtocolProblem, Stage, Step

NAME = "vindr_three_plus_panel"
PROFILE = "profile"
TEST, TRAIN = "test", "train"

_SEATS = 3


def next_step(history: History, document: Mapping[str, Any]) -> Step:
    """Return what the case needs next.

    Parameters
    ----------
    history : History
        Seats and verdicts so far, in any order.
    document : mapping
        A document that ``check`` accepts; the number of readers is three whatever it says.

    Returns
    -------
    Step
        Assign three readers, Wait until all have finished, Evaluate; in the profile ``test`` every unit is referred
        then and waits for its panel.
    """
    return panel_step(history, _SEATS)


def is_by_design(document: Mapping[str, Any]) -> bool:
    """Say whether a panel decides every case under a document, agreed or not."""
    return document.get("protocol") == NAME and document.get(PROFILE) == TEST


def check(document: Mapping[str, Any]) -> None:
    """Raise ProtocolProblem when the document is unusable."""
    check_document(document, NAME)
    if document["seats"] != _SEATS:
        raise ProtocolProblem("not-three-seats", "/seats", "Three readers read every case.")
    if document.get(PROFILE) not in (TEST, TRAIN):
        message = "State the profile: test (a panel decides every case) or train (three reads are kept)."
        raise ProtocolProblem("unknown-profile", f"/{PROFILE}", message)
    if document[PROFILE] == TEST and "panel" not in document:
        raise ProtocolProblem("panel-missing", "/panel", "A panel decides every case of a test set: state its seats.")


def stages(document: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Return the flow in words."""
    title = "3 readers read every case, blind to one another"
    if document.get(PROFILE) == TEST:
        return (Stage(title, "", "every case, agreed or not: to the panel"),)
    return (Stage(title, "accepted by rule: more than half agree", "ties, splits, low agreement"),)


SPEC = Protocol(
    title="Three readers and a panel for every test case",
    summary="Three readers read every case blind. In a test set a panel then decides every case by design, agreed or "
    "not; in a training set the majority of the three stands and no panel meets.",
    next_step=next_step,
    check=check,
    states=STATES,
    stages=stages,
    is_by_design=is_by_design,
)
