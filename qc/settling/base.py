"""The words of settling a case: what goes in (reads under a protocol) and what comes out (units)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.labels.base import Geometry
from qc.consensus.base import Consensus

# Raised whenever a number or a label can come out differently; stored with every evaluation.
CODE_VERSION = "2"

ACCEPT = "accept"
REFER = "refer"
WAIT = "wait"
NOT_APPLICABLE = "not_applicable"

PRESENT = "present"
ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """One question as settling needs it.

    Parameters
    ----------
    code, kind, scale : str
        As in the schema.
    definition : mapping
        Codes, levels, unit, rule; ``many`` where a reader may give several marks.
    about : str
        Code of the question whose marks it describes; empty for a question of the case.
    """

    code: str
    kind: str
    scale: str
    definition: Mapping[str, Any]
    about: str = ""

    @property
    def takes_marks(self) -> bool:
        """Whether a reader may answer it several times, once a finding."""
        return bool(self.definition.get("many"))


@dataclass(frozen=True, slots=True)
class Read:
    """One standing answer of one reader.

    Parameters
    ----------
    reader, question, mark : str
        Reader code, question code, the reader's own number of a finding (empty without).
    label : mapping
        Canonical JSON form.
    ref : int
        The annotation's number, for provenance; settling never looks at it.
    digest : str
        SHA-256 of the label.
    """

    reader: str
    question: str
    mark: str
    label: Mapping[str, Any]
    ref: int
    digest: str


@dataclass(frozen=True, slots=True)
class Check:
    """A finished blind read of what is settled already.

    Parameters
    ----------
    purpose : str
        audit, control, model or second_reader.
    reader : str
        Reader code.
    reads : tuple of Read
        The standing answers.
    """

    purpose: str
    reader: str
    reads: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class CaseReads:
    """Everything that settles one case under a protocol document.

    Parameters
    ----------
    questions : tuple of QuestionSpec
        In the order of the schema; a question comes after the one it is about.
    readers : tuple of str
        Readers who finished in the rounds that count, sorted.
    reads : tuple of Read
        Their standing answers.
    geometry : Geometry or None
        The grid of the case.
    slice_thickness_mm : float or None
        As recorded with the case; None when unknown.
    decided : mapping
        (question, finding) to the decision of a signed adjudication.
    block : frozenset of str or None
        Readers who were due whatever anybody answered; agreement is measured on them alone, because a reader who
        is asked where others differ says nothing of how often they do. None for all.
    checks : tuple of Check
        Audits and controls of the case; they settle nothing, but may open again what is settled.
    second : Check or None
        The read of a model that stands beside the only person's; None where the protocol has none or it came late.
    """

    questions: tuple[QuestionSpec, ...]
    readers: tuple[str, ...]
    reads: tuple[Read, ...]
    geometry: Geometry | None
    slice_thickness_mm: float | None = None
    decided: Mapping[tuple[str, str], str] = field(default_factory=dict)
    block: frozenset[str] | None = None
    checks: tuple[Check, ...] = ()
    second: Check | None = None

    def guaranteed(self, answers: tuple[Read, ...]) -> tuple[Read, ...]:
        """Return the answers of the readers who were due whatever anybody answered."""
        return answers if self.block is None else tuple(read for read in answers if read.reader in self.block)

    def of(self, question: str) -> tuple[Read, ...]:
        """Return the answers to one question."""
        return tuple(read for read in self.reads if read.question == question)


@dataclass(frozen=True, slots=True)
class Finding:
    """Marks of several readers that are one thing.

    Parameters
    ----------
    key : str
        Stable name within the case: the same marks give the same key.
    number : int
        From 1, in the order head to foot of the grid (slice, row, column of the centre).
    reads : tuple of Read
        The marks.
    centre : tuple of float
        Mean of the outline points, voxels (z, y, x).
    is_split : bool
        A reader has two marks in it: the readers disagree whether it is one thing or several.
    """

    key: str
    number: int
    reads: tuple[Read, ...]
    centre: tuple[float, float, float]
    is_split: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """What was computed for one question of one finding (or of the case).

    Parameters
    ----------
    question, finding : str
        Question code and finding key; the key is empty for a question of the case.
    number : int
        Number of the finding; 0 for the case.
    method : str
        Consensus method; ``existence`` where only presence was voted on.
    consensus : Consensus
        What the method computed.
    label : mapping or None
        The settled label in canonical form; None unless the consensus is settled.
    verdict : str
        accept, refer, wait or not_applicable.
    rule, cause, explanation : str
        The rule that referred it, its cause and its sentence; empty unless referred.
    evidence, values, details : mapping
        The numbers behind the sentence; agreement values with reasons where undefined; everything else
        that the report needs (codes by reader, pair counts).
    reads : tuple of Read
        The answers used.
    """

    question: str
    finding: str
    number: int
    method: str
    consensus: Consensus
    label: Mapping[str, Any] | None
    verdict: str
    rule: str = ""
    cause: str = ""
    explanation: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    reads: tuple[Read, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """All units and findings of a case."""

    units: tuple[Unit, ...]
    findings: tuple[Finding, ...]


def settled_as(decision: str, label: Mapping[str, Any] | None) -> str:
    """Return what a signed decision says to the questions about its finding: a panel's by what it voted for.

    Parameters
    ----------
    decision : str
        The decision.
    label : mapping or None
        What was decided.
    """
    if decision == "panel" and label is not None and label["kind"] == "nothing_found":
        return "nothing"
    return decision
