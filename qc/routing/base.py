"""What every routing rule shares: two verdicts and the specification."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qc.consensus.base import Consensus


@dataclass(frozen=True, slots=True)
class Accept:
    """The rule sees no reason to ask a person."""


@dataclass(frozen=True, slots=True)
class Refer:
    """The rule sends the unit to a person.

    Parameters
    ----------
    cause : str
        Typed cause (workflow.md §4.1): technical, existence, split-merge, location, missed, extra,
        class, grade-distance, boundary.
    explanation : str
        One sentence made from the data, naming no reader.
    evidence : mapping
        The numbers behind the sentence, plain JSON values.
    """

    cause: str
    explanation: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may look at.

    Parameters
    ----------
    kind : str
        Label kind of the question.
    consensus : Consensus
        What the method computed.
    values : mapping
        Agreement values of this unit: name (``dice``, ``iou``, ``spread``) to float; a name that
        could not be computed is absent.
    undefined : mapping
        Name to reason, for values that could not be computed.
    n_asked, n_answered : int
        Readers asked and readers who answered this unit.
    """

    kind: str
    consensus: Consensus
    values: Mapping[str, float]
    undefined: Mapping[str, str]
    n_asked: int
    n_answered: int


@dataclass(frozen=True, slots=True)
class Rule:
    """The catalogue entry of a routing rule.

    Parameters
    ----------
    title : str
        Name for people.
    function : callable
        ``function(facts, policy)`` → Accept or Refer, for every input. ``policy`` is the rule's
        mapping of limits from the protocol document.
    check_policy : callable
        Raises ValueError with one sentence when a policy is unusable.
    """

    title: str
    function: Callable[[Facts, Mapping[str, Any]], Accept | Refer]
    check_policy: Callable[[Mapping[str, Any]], None]
