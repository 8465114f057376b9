"""A panel of readers for the truth, and readers drawn apart who are measured by it and never part of it."""

from collections.abc import Mapping
from typing import Any

from qc.protocols._document import check_count, check_document
from qc.protocols._panel import STATES, panel_step
from qc.protocols.base import History, Protocol, ProtocolProblem, Stage, Step

NAME = "chexpert_truth_and_benchmark"
BENCHMARK = "benchmark"

_MOST = 64


def next_step(history: History, document: Mapping[str, Any]) -> Step:
    """Return what the case needs next.

    Parameters
    ----------
    history : History
        Seats of the truth and verdicts so far, in any order; benchmark readers have no seat in it.
    document : mapping
        A document that ``check`` accepts.

    Returns
    -------
    Step
        As for a majority panel of ``seats`` readers: a benchmark reader who is missing holds nothing up.
    """
    return panel_step(history, document["seats"])


def check(document: Mapping[str, Any]) -> None:
    """Raise ProtocolProblem when the document is unusable."""
    check_document(document, NAME)
    if document["seats"] % 2 == 0:
        message = "An odd number of readers settles the truth, so that two answers cannot tie."
        raise ProtocolProblem("even-seats", "/seats", message)
    check_count(document, BENCHMARK, 1, _MOST)


def stages(document: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Return the flow in words."""
    title = f"{document['seats']} readers read every case, blind to one another"
    return (
        Stage(title, "accepted by rule: more than half agree", "ties, splits, low agreement"),
        Stage(f"{document.get(BENCHMARK, 'Other')} drawn readers read apart", "measured by the truth, never part", ""),
    )


SPEC = Protocol(
    title="Truth panel and drawn benchmark readers",
    summary="An odd number of readers settles every case by majority. Other readers, drawn before anybody has read, "
    "read the same cases and are measured by what the first settle: how good people are who did not make the truth.",
    next_step=next_step,
    check=check,
    states=STATES,
    stages=stages,
)
