"""Other methods beside the protocol's, on the same units: how many they settle, and where they part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qc.consensus.base import CASE_SCOPE, PROJECT_SCOPE, ProjectConsensus
from qc.readings.pattern_table import PatternTable, words_of
from qc.readings.scale import Scale
from qc.registry import METHODS
from qc.settling.base import QuestionSpec
from qc.settling.measure import Material
from qc.settling.project import SoftLabel, pattern_labels, pattern_places, project_consensus, table_of, vote_of

# What is computed beside the protocol's own method, by the kind of question. What learns a reader's record needs
# readers who are the same people in every case.
VOTES = ("majority", "plurality")
LEARNED = ("dawid_skene", "one_coin", "glad", "mace")
LEARNED_ORDINAL = ("ordinal_dawid_skene", "dawid_skene")
NUMBERS = ("median", "mean", "closest_two")
# Two readers give a model nothing to tell a bad reader from a hard case by.
FEWEST_READERS = 3
MINIMUM = 2
# Numbers this close are the same.
SAME_NUMBER = 1e-9


@dataclass(frozen=True, slots=True)
class Beside:
    """One method on all units of a question.

    Parameters
    ----------
    method : str
        Entry of METHODS.
    outcomes : mapping from outcome to int
        Units by what became of them; they add up to ``n_units``.
    n_units, n_same : int
        Units, and those where outcome and value are the protocol's.
    parted : tuple of int
        The other units: places in the material, ascending.
    learned : mapping
        What a method of project scope learned, plain JSON values; empty for votes.
    """

    method: str
    outcomes: Mapping[str, int]
    n_units: int
    n_same: int
    parted: tuple[int, ...]
    learned: Mapping[str, Any] = field(default_factory=dict)


def methods_for(question: QuestionSpec, *, knows_readers: bool, n_readers: int) -> tuple[str, ...]:
    """Return the methods that are set side by side for a question.

    Parameters
    ----------
    question : QuestionSpec
        Its kind and scale choose.
    knows_readers : bool
        Whether a reader code names the same person in every case.
    n_readers : int
        Readers who answered.
    """
    if question.kind == "measurement":
        return NUMBERS
    if question.kind not in ("category", "grade"):
        return ()
    if not knows_readers or n_readers < FEWEST_READERS:
        return VOTES
    return VOTES + (LEARNED_ORDINAL if question.scale == "ordinal" else LEARNED)


def side_by_side(
    material: Material, scale: Scale, methods: Sequence[str], policy: Mapping[str, Any]
) -> tuple[Beside, ...]:
    """Return each method on the same units, the protocol's own first.

    Parameters
    ----------
    material : Material
        Codes (or texts of numbers) by reader for each unit.
    scale : Scale
        The declared codes.
    methods : sequence of str
        Entries of METHODS that take codes or numbers.
    policy : mapping
        The question's part of the protocol document: the others are compared with its method.
    """
    protocol = policy["method"]
    names = [name for name in dict.fromkeys([protocol, *methods]) if METHODS[name].takes in ("codes", "numbers")]
    answers: dict[str, list[tuple[str, Any]]] = {}
    learned: dict[str, Mapping[str, Any]] = {}
    for name in names:
        asked = policy if name == protocol else {"method": name, "split": policy.get("split", "refer")}
        answers[name], learned[name] = _answers(material, scale, asked)
    own = answers.get(protocol, [])
    return tuple(_beside(name, answers[name], own, learned[name]) for name in names)


def _beside(
    name: str, answers: Sequence[tuple[str, Any]], own: Sequence[tuple[str, Any]], learned: Mapping[str, Any]
) -> Beside:
    outcomes: dict[str, int] = {}
    for outcome, _ in answers:
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    pairs = zip(answers, own, strict=True)
    parted = tuple(place for place, (one, other) in enumerate(pairs) if not _is_same(one, other))
    return Beside(name, dict(sorted(outcomes.items())), len(answers), len(answers) - len(parted), parted, learned)


def _is_same(one: tuple[str, Any], other: tuple[str, Any]) -> bool:
    if isinstance(one[1], float) and isinstance(other[1], float):
        return abs(one[1] - other[1]) <= SAME_NUMBER
    return one == other


def _answers(
    material: Material, scale: Scale, policy: Mapping[str, Any]
) -> tuple[list[tuple[str, Any]], Mapping[str, Any]]:
    """Return outcome and value of each unit, and what the method learned."""
    name = policy["method"]
    if METHODS[name].scope == PROJECT_SCOPE:
        found, table = project_consensus(material, scale, name, {}), table_of(material, scale)
        labels = pattern_labels(table, found, MINIMUM)
        units = [labels[place] for place in pattern_places(material, table)]
        return [(label.outcome, label.value) for label in units], _learned(table, labels, found)
    # A hundred thousand units have a few hundred distinct sets of answers: each is voted on once.
    known: dict[tuple[tuple[str, str], ...], tuple[str, Any]] = {}
    settled = []
    for codes in material.codes:
        answers = tuple(codes.items())
        if answers not in known:
            one = vote_of(codes, scale, policy, MINIMUM)
            known[answers] = (one.outcome, one.value)
        settled.append(known[answers])
    return settled, {}


def _learned(table: PatternTable, labels: Sequence[SoftLabel], found: ProjectConsensus) -> dict[str, Any]:
    """Return the fit with a soft label for each pattern of answers, and how right it and a vote should be."""
    counts = table.counts.tolist()
    expected = expected_accuracy(found, [label.votes for label in labels], counts)
    fit = {key: value for key, value in found.as_dict().items() if key != "posterior"}
    soft = [label.as_dict() for label in labels]
    return {**fit, "patterns": words_of(table), "counts": counts, "soft": soft, "expected": expected}


def expected_accuracy(
    found: ProjectConsensus, votes: Sequence[Mapping[str, int]], counts: Sequence[int]
) -> dict[str, float] | None:
    """Return the share of units on which the model's answer, and that of the most votes, should be right.

    Both hold only if the model does. A tie between codes counts as an even guess among them.

    Parameters
    ----------
    found : ProjectConsensus
        The fit.
    votes : sequence of mapping from code to int
        Votes of each pattern.
    counts : sequence of int
        Units of each pattern.

    Returns
    -------
    dict or None
        ``model`` and ``vote``, each between 0 and 1; None when nothing was learned or nobody voted.
    """
    if found.undefined is not None:
        return None
    model = vote = total = 0.0
    for row, cast, count in zip(found.posterior, votes, counts, strict=True):
        most = max(cast.values(), default=0)
        if not most:
            continue
        leading = [place for place, code in enumerate(found.codes) if cast[code] == most]
        model += count * float(np.max(row))
        vote += count * float(np.mean(row[leading]))
        total += count
    return {"model": model / total, "vote": vote / total} if total else None


def regions_side_by_side(material: Material) -> tuple[Beside, ...]:
    """Return the methods that the protocol wants beside its own, from what settling kept of each unit.

    Parameters
    ----------
    material : Material
        Units of regions; those that were settled under a protocol without such methods are not counted.
    """
    found = []
    for name in sorted({name for unit in material.beside for name in unit}):
        units = [(place, unit[name]) for place, unit in enumerate(material.beside) if name in unit]
        outcomes: dict[str, int] = {}
        for _, one in units:
            outcomes[one["outcome"]] = outcomes.get(one["outcome"], 0) + 1
        parted = tuple(place for place, one in units if one["dice"] is None or one["dice"] < 1)
        learned = {
            "dice": [one["dice"] for _, one in units],
            "n_not_converged": sum(not one["converged"] for _, one in units),
        }
        found.append(
            Beside(name, dict(sorted(outcomes.items())), len(units), len(units) - len(parted), parted, learned)
        )
    return tuple(found)


def is_regions_method(name: str) -> bool:
    """Say whether a method settles the regions of one unit."""
    return name in METHODS.names and METHODS[name].takes == "masks" and METHODS[name].scope == CASE_SCOPE
