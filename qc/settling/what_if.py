"""What another limit would send to physicians, counted from what settling kept; nothing is settled again."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qc.consensus.base import SETTLED, Consensus
from qc.registry import RULES
from qc.routing.base import Facts, Refer

# Rules that refer whatever the limits are.
WITHOUT_LIMIT = frozenset({"no_majority", "by_design", "arbitrate_concordant", ""})


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit as it stands.

    Parameters
    ----------
    case, subject : str
        Case and patient.
    number : int
        Of the finding; 0 for the case.
    kind : str
        Label kind of the question.
    is_referred : bool
        Whether a rule refers it now.
    rule : str
        The rule that does.
    values, undefined : mapping
        Agreement values of the unit, and reasons where there are none.
    n_answered : int
        Readers who answered it.
    readers : tuple of str
        Who they are.
    strata : mapping
        Attributes of the case.
    """

    case: str
    subject: str
    number: int
    kind: str
    is_referred: bool
    rule: str
    values: Mapping[str, float]
    undefined: Mapping[str, str]
    n_answered: int
    readers: tuple[str, ...]
    strata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shift:
    """How the queue changes.

    Parameters
    ----------
    n_units, n_now, n_then : int
        Units that the rules look at, those referred now, and those that would be.
    entering, leaving : tuple of Standing
        Units that only one of the two refers.
    by_reader : mapping from reader to (int, int)
        Units of each reader that are referred now, and that would be.
    by_group : mapping from (attribute, value) to (int, int, int)
        Units of each group of cases, referred now, and then.
    """

    n_units: int
    n_now: int
    n_then: int
    entering: tuple[Standing, ...]
    leaving: tuple[Standing, ...]
    by_reader: Mapping[str, tuple[int, int]]
    by_group: Mapping[tuple[str, str], tuple[int, int, int]]


def is_referred(unit: Standing, rules: Mapping[str, Mapping[str, Any]]) -> bool:
    """Say whether rules with these limits would refer a unit.

    Parameters
    ----------
    unit : Standing
        As it stands.
    rules : mapping from rule to its limits
        Of a protocol document's question.
    """
    if unit.is_referred and unit.rule in WITHOUT_LIMIT:
        return True
    consensus = Consensus(SETTLED, None, None, {}, unit.readers)
    facts = Facts(unit.kind, consensus, unit.values, unit.undefined, unit.n_answered, unit.n_answered)
    return any(
        isinstance(RULES[name].function(facts, limits), Refer)
        for name, limits in rules.items()
        if name not in WITHOUT_LIMIT
    )


def shift(units: Sequence[Standing], rules: Mapping[str, Mapping[str, Any]]) -> Shift:
    """Return what changes when the rules have these limits.

    Parameters
    ----------
    units : sequence of Standing
        Units that the rules look at.
    rules : mapping from rule to its limits
        The limits that are tried.
    """
    then = [is_referred(unit, rules) for unit in units]
    entering = tuple(unit for unit, would in zip(units, then, strict=True) if would and not unit.is_referred)
    leaving = tuple(unit for unit, would in zip(units, then, strict=True) if unit.is_referred and not would)
    now_by: Counter[str] = Counter(reader for unit in units if unit.is_referred for reader in unit.readers)
    then_by = Counter(reader for unit, would in zip(units, then, strict=True) if would for reader in unit.readers)
    readers = sorted({reader for unit in units for reader in unit.readers})
    return Shift(
        len(units),
        sum(unit.is_referred for unit in units),
        sum(then),
        entering,
        leaving,
        {reader: (now_by[reader], then_by[reader]) for reader in readers},
        _groups(units, then),
    )


def _groups(units: Sequence[Standing], then: Sequence[bool]) -> dict[tuple[str, str], tuple[int, int, int]]:
    counts: dict[tuple[str, str], list[int]] = {}
    for unit, would in zip(units, then, strict=True):
        for name, value in unit.strata.items():
            if isinstance(value, str) and value:
                found = counts.setdefault((name, value), [0, 0, 0])
                found[0] += 1
                found[1] += unit.is_referred
                found[2] += would
    several = {name for name, number in Counter(name for name, _ in counts).items() if 2 <= number <= 12}
    return {key: (one[0], one[1], one[2]) for key, one in sorted(counts.items()) if key[0] in several}


def with_limit(rules: Mapping[str, Mapping[str, Any]], rule: str, limit: float) -> dict[str, dict[str, Any]]:
    """Return rules with another number in the one limit that a rule has."""
    changed = {name: dict(limits) for name, limits in rules.items()}
    changed[rule][side_of(changed[rule])] = limit
    return changed


def side_of(limits: Mapping[str, Any]) -> str:
    """Return the member of a rule that holds its number."""
    return next(name for name in ("minimum", "maximum", "maximum_mm") if name in limits)


def limited(rules: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the rules that have a limit to be tried, by name."""
    return tuple(sorted(name for name in rules if name not in WITHOUT_LIMIT))


def values_of(units: Iterable[Standing], statistic: str) -> list[float | None]:
    """Return the value that a rule compares, of every unit that two readers answered; None where undefined."""
    return [unit.values.get(statistic) for unit in units if unit.n_answered > 1]
