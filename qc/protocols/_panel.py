"""The step of every protocol in which a fixed number of readers reads once, blind."""

from qc.protocols.base import Assign, Close, Evaluate, History, Step, Wait

STATES = ("assigning", "reading", "evaluating", "disputed", "closed")

_ROUND = 1


def panel_step(history: History, seats: int) -> Step:
    """Return what a case with ``seats`` blind readers in one round needs next.

    Parameters
    ----------
    history : History
        Seats and verdicts so far, in any order; seats of other rounds are ignored.
    seats : int
        Readers that the document asks for.

    Returns
    -------
    Step
    """
    asked = {seat.reader for seat in history.seats if seat.round == _ROUND}
    finished = {seat.reader for seat in history.seats if seat.round == _ROUND and seat.is_finished}
    if len(asked) < seats:
        return Assign(_ROUND, seats - len(asked))
    unfinished = len(asked - finished)
    if unfinished:
        return Wait(f"{unfinished} of {len(asked)} readers {_have(unfinished)} not finished")
    if history.units is None:
        return Evaluate((_ROUND,))
    # Anything but a plain acceptance needs a person, whatever word a later rule may invent.
    open_units = sum(unit.verdict != "accept" and not unit.is_adjudicated for unit in history.units)
    if open_units:
        noun, verb = ("unit", "waits") if open_units == 1 else ("units", "wait")
        return Wait(f"{open_units} {noun} {verb} for a physician")
    return Close()


def _have(number: int) -> str:
    return "has" if number == 1 else "have"
