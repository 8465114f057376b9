"""What every reading protocol shares: the history it reads, the steps it may ask for, the refusal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class ProtocolProblem(ValueError):
    """A protocol document is unusable.

    Parameters
    ----------
    code : str
        Stable, hyphenated name of the fault.
    pointer : str
        JSON pointer into the document.
    message : str
        One sentence for people.
    """

    def __init__(self, code: str, pointer: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.pointer = pointer
        self.message = message


@dataclass(frozen=True, slots=True)
class Seat:
    """One reader asked to read the case.

    Parameters
    ----------
    reader : str
        Opaque reader code.
    round : int
        Reading round, from 1.
    is_finished : bool
        The reader has finished; a draft is never counted.
    """

    reader: str
    round: int
    is_finished: bool


@dataclass(frozen=True, slots=True)
class UnitState:
    """Where one unit (question, finding) of the case stands.

    Parameters
    ----------
    question : str
        Question code.
    finding : str
        Finding key; empty for a case-level question.
    verdict : str
        accept or refer, as the routing rules said.
    is_adjudicated : bool
        A signed decision exists for the newest dispute of the unit.
    open_seats : int
        Fewest further answers that could decide a quorum; 0 where it is decided or there is none.
    """

    question: str
    finding: str
    verdict: str
    is_adjudicated: bool
    open_seats: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """Everything a protocol may look at; the same facts in any order give the same answer.

    Parameters
    ----------
    seats : tuple of Seat
        Every reader asked so far.
    units : tuple of UnitState or None
        Verdicts of the current evaluation; None when the reads have not been evaluated yet.
    has_model_read : bool
        The read of a model that reads second was there before any person had finished.
    """

    seats: tuple[Seat, ...]
    units: tuple[UnitState, ...] | None
    has_model_read: bool = False


@dataclass(frozen=True, slots=True)
class Assign:
    """Ask so many more readers in the given round."""

    round: int
    n_readers: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do until a person acts; ``reason`` in words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Compare the reads of these rounds and apply the document's rules."""

    rounds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Close:
    """Every unit is accepted or adjudicated."""


Step = Assign | Wait | Evaluate | Close


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the flow, for the drawing and the plain-language summary.

    Parameters
    ----------
    title : str
        Who does what ("2 readers read blind").
    settled : str
        What ends here, and as what; empty where nothing can.
    otherwise : str
        What goes on to the next stage; empty in the last.
    """

    title: str
    settled: str
    otherwise: str


def _never(document: Mapping[str, Any]) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Protocol:
    """The catalogue entry of a reading protocol.

    Parameters
    ----------
    title : str
        Name for people.
    summary : str
        Plain-language description of the flow, one or two sentences.
    next_step : callable
        ``next_step(history, document)`` → Step; pure and total.
    check : callable
        ``check(document)`` raises ProtocolProblem when the document is unusable.
    states : tuple of str
        States in order, for the reachability test.
    stages : callable
        ``stages(document)`` → the stages of reading, in order; physicians follow for every protocol alike.
    is_by_design : callable
        ``is_by_design(document)``: whether a panel decides every case, agreed or not, and nobody refers it.
    """

    title: str
    summary: str
    next_step: Callable[[History, Mapping[str, Any]], Step]
    check: Callable[[Mapping[str, Any]], None]
    states: tuple[str, ...]
    stages: Callable[[Mapping[str, Any]], tuple[Stage, ...]]
    is_by_design: Callable[[Mapping[str, Any]], bool] = _never


def flow_of(protocol: Protocol, document: Mapping[str, Any]) -> tuple[Stage, ...]:
    """Return every stage of a case under a document: reading, then physicians, then an audit.

    Parameters
    ----------
    protocol : Protocol
        Entry of the catalogue.
    document : mapping
        A document that its ``check`` accepts.
    """
    looks = "looks at the images first, then " if document.get("look_first") else ""
    panel = document.get("panel")
    stages = list(protocol.stages(document))
    if not protocol.is_by_design(document):
        title = f"A physician {looks}decides and signs"
        stages.append(Stage(title, "adjudicated", "refers it to the panel" if panel else ""))
    if panel:
        rounds = panel.get("rounds", 1)
        votes = "one vote" if rounds == 1 else f"up to {rounds} votes"
        stages.append(
            Stage(f"{panel['seats']} physicians cast {votes}, unseen", "panel; without a majority no label", "")
        )
    audit = document.get("audit")
    if audit:
        least = f", {audit['minimum']} at least" if audit.get("minimum") else ""
        title = f"Audit: {100 * audit['share']:g} % of the closed cases{least}, read once more"
        stages.append(Stage(title, "closed as it was", "where it differs, back to a physician"))
    return tuple(stages)
