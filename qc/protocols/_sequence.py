"""The step of every protocol that may ask for further blind readers after it has seen the first."""

from collections.abc import Callable

from qc.protocols.base import Assign, Close, Evaluate, History, Step, UnitState, Wait

STATES = ("assigning", "reading", "evaluating", "asking again", "disputed", "closed")

_FIRST = 1


def open_units(history: History) -> tuple[UnitState, ...]:
    """Return the units that no rule accepted and no person decided."""
    return tuple(unit for unit in history.units or () if unit.verdict != "accept" and not unit.is_adjudicated)


def n_asked(history: History) -> int:
    """Return how many readers were asked in all rounds."""
    return len({seat.reader for seat in history.seats})


def sequence_step(history: History, seats: int, more: Callable[[History], int]) -> Step:
    """Return what a case needs next that starts with ``seats`` readers.

    Parameters
    ----------
    history : History
        Seats of all rounds and verdicts so far, in any order.
    seats : int
        Readers of the first round; they alone are due whatever anybody answers.
    more : callable
        ``more(history)`` after an evaluation: further readers wanted now, 0 for none.

    Returns
    -------
    Step
        Nothing is evaluated while a reader who was asked has not finished.
    """
    first = {seat.reader for seat in history.seats if seat.round == _FIRST}
    if len(first) < seats:
        return Assign(_FIRST, seats - len(first))
    asked = n_asked(history)
    unfinished = len({seat.reader for seat in history.seats if not seat.is_finished})
    if unfinished:
        return Wait(f"{unfinished} of {asked} readers {'has' if unfinished == 1 else 'have'} not finished")
    rounds = tuple(sorted({seat.round for seat in history.seats}))
    if history.units is None:
        return Evaluate(rounds)
    wanted = more(history)
    if wanted > 0:
        return Assign(rounds[-1] + 1, wanted)
    waiting = len(open_units(history))
    if waiting:
        noun, verb = ("unit", "waits") if waiting == 1 else ("units", "wait")
        return Wait(f"{waiting} {noun} {verb} for a physician")
    return Close()
