"""Settle all units of a question together: what the readers' records say beside each unit's own vote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any

import numpy as np

from qc.consensus._em import Design, Search
from qc.consensus._gain import expected_gain, symmetric, typical
from qc.consensus._leave_out import LeftOut, leave_one_out
from qc.consensus._soft import leader, uncertainty, wilson
from qc.consensus.base import INSUFFICIENT, PROJECT_SCOPE, SETTLED, Consensus, ProjectConsensus
from qc.readings.pattern_table import MISSING, PatternTable
from qc.readings.scale import Scale
from qc.registry import METHODS
from qc.settling.codes import median_level
from qc.settling.measure import Material

# The accuracy of an adjudicator of whom nothing is known yet (statistics.md, E2).
ADJUDICATOR_ACCURACY = 0.95


class NotAProjectMethod(ValueError):
    """The method settles one unit from its own reads, or does not take codes."""


@dataclass(frozen=True, slots=True)
class SoftLabel:
    """What is believed about one unit, and how firmly.

    Parameters
    ----------
    outcome : str
        settled (one code leads), tie, or insufficient (fewer reads than asked for, or nothing learned).
    value : str or None
        The leading code; None unless settled.
    posterior : mapping from code to float
        Adds up to 1; empty when nothing was learned.
    entropy_bits, margin : float or None
        Of the posterior.
    votes : mapping from code to int
        Readers by the code they gave, declared codes only.
    share, share_low, share_high : float or None
        The most voted code's share of those who rated, with Wilson bounds at 95 %.
    vote_entropy_bits : float or None
        Of the votes.
    gain_of_read, gain_of_adjudication : float or None
        By how much one more typical read, or an adjudication right in 95 %, is expected to lower the chance that the
        leading code is wrong; None when nothing was learned.
    """

    outcome: str
    value: str | None
    posterior: Mapping[str, float]
    entropy_bits: float | None
    margin: float | None
    votes: Mapping[str, int]
    share: float | None
    share_low: float | None
    share_high: float | None
    vote_entropy_bits: float | None
    gain_of_read: float | None
    gain_of_adjudication: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        values = {part.name: getattr(self, part.name) for part in fields(self)}
        return {**values, "posterior": dict(self.posterior), "votes": dict(self.votes)}


@dataclass(frozen=True, slots=True)
class Parting:
    """Two methods on the same units.

    Parameters
    ----------
    first, second : str
        Methods.
    n_same, n_differ : int
        Units with the same outcome and value, and the others.
    units : tuple of int
        Where they part: places in the material.
    """

    first: str
    second: str
    n_same: int
    n_differ: int
    units: tuple[int, ...]


def table_of(material: Material, scale: Scale) -> PatternTable:
    """Return the codes of all units as patterns, with their patients."""
    return PatternTable.from_rows(material.codes, scale=scale, clusters=material.subjects)


def project_consensus(material: Material, scale: Scale, method: str, parameters: Mapping[str, Any]) -> ProjectConsensus:
    """Learn from all units of a question together.

    Parameters
    ----------
    material : Material
        Codes by reader and patient for each unit.
    scale : Scale
        The declared codes.
    method : str
        Entry of METHODS whose scope is the project and that takes codes.
    parameters : mapping
        The method's parameters as JSON values; ``design`` and ``search`` are objects with the members of ``Design``
        and ``Search``.

    Returns
    -------
    ProjectConsensus
        Its posterior has a row a pattern; ``soft_labels`` gives one answer a unit.

    Raises
    ------
    NotAProjectMethod
        The method is of another scope or kind.
    KeyError
        No such method.
    """
    found: ProjectConsensus = method_of(method)(table_of(material, scale), **arguments(parameters))
    return found


def without_each_reader(
    material: Material, scale: Scale, method: str, parameters: Mapping[str, Any]
) -> Mapping[str, LeftOut]:
    """Return the consensus fitted again without each reader, for scorecards.

    Parameters are those of ``project_consensus``.
    """
    return leave_one_out(method_of(method), table_of(material, scale), **arguments(parameters))


def method_of(name: str) -> Any:
    """Return the function of a project-scope method on codes."""
    spec = METHODS[name]
    if spec.scope != PROJECT_SCOPE or spec.takes != "codes":
        raise NotAProjectMethod(f"{name} does not learn from the codes of a whole project.")
    return spec.function


def arguments(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return JSON parameters as the arguments of a method."""
    found = dict(parameters)
    if "design" in found:
        found["design"] = Design(**found["design"])
    if "search" in found:
        found["search"] = Search(**found["search"])
    return found


def soft_labels(
    material: Material, scale: Scale, learned: ProjectConsensus, *, minimum: int = 2
) -> tuple[SoftLabel, ...]:
    """Return what is believed of each unit, in the order of the material.

    Parameters
    ----------
    material, scale
        The same that ``learned`` was fitted on.
    learned : ProjectConsensus
        The fit.
    minimum : int
        Reads below which a unit is insufficient, however sure the posterior is.
    """
    table = table_of(material, scale)
    by_pattern = pattern_labels(table, learned, minimum)
    return tuple(by_pattern[place] for place in pattern_places(material, table))


def pattern_places(material: Material, table: PatternTable) -> list[int]:
    """Return for each unit the place of its pattern in the table of all units."""
    index = {code: place for place, code in enumerate(table.scale.codes)}
    distinct = {tuple(pattern): place for place, pattern in enumerate(table.patterns.tolist())}
    rows = ([row.get(rater) for rater in table.raters] for row in material.codes)
    return [distinct[tuple(MISSING if code is None else index[code] for code in row)] for row in rows]


def pattern_labels(table: PatternTable, learned: ProjectConsensus, minimum: int) -> list[SoftLabel]:
    """Return what is believed of a unit of each pattern."""
    design = learned.parameters.get("design", {})
    gold = design.get("gold", "")
    people = [column for column in table.raters if column != gold]
    voted = table.patterns[:, [table.raters.index(column) for column in people]]
    votes = np.stack([(voted == place).sum(axis=1) for place in range(len(table.scale.codes))], axis=1)
    panel = typical(learned)
    gains: tuple[list[float | None], list[float | None]] = ([None] * len(votes), [None] * len(votes))
    if learned.undefined is None and panel is not None:
        judge = symmetric(ADJUDICATOR_ACCURACY, len(learned.codes))
        gains = expected_gain(learned.posterior, panel).tolist(), expected_gain(learned.posterior, judge).tolist()
    return [_label(learned, place, votes[place].tolist(), minimum, gains) for place in range(len(votes))]


def _label(
    learned: ProjectConsensus,
    place: int,
    votes: Sequence[int],
    minimum: int,
    gains: tuple[Sequence[float | None], Sequence[float | None]],
) -> SoftLabel:
    total, codes = sum(votes), learned.codes
    outcome, value, posterior, spread = INSUFFICIENT, None, {}, None
    if learned.undefined is None:
        shares = learned.posterior[place]
        posterior, spread = dict(zip(codes, shares.tolist(), strict=True)), uncertainty(shares)
        if total >= minimum:
            outcome, leads = leader(shares)
            value = None if leads is None else codes[leads]
    bounds = wilson(max(votes, default=0), total)
    voted = uncertainty(np.array(votes, dtype=np.float64)) if total else None
    return SoftLabel(
        outcome=outcome,
        value=value,
        posterior=posterior,
        entropy_bits=spread.entropy_bits if spread else None,
        margin=spread.margin if spread else None,
        votes=dict(zip(codes, votes, strict=True)),
        share=max(votes) / total if total else None,
        share_low=bounds[0] if bounds else None,
        share_high=bounds[1] if bounds else None,
        vote_entropy_bits=voted.entropy_bits if voted else None,
        gain_of_read=gains[0][place],
        gain_of_adjudication=gains[1][place],
    )


def where_methods_part(
    material: Material, scale: Scale, methods: Mapping[str, Mapping[str, Any]], *, minimum: int = 2
) -> tuple[Parting, ...]:
    """Return for each pair of methods how often they agree on the same units, and where they part.

    Parameters
    ----------
    material, scale
        The units.
    methods : mapping from method to its parameters
        Votes on codes (``minimum`` is added where it is missing) and project methods alike.
    minimum : int
        Reads below which a unit is insufficient.
    """
    answers = {name: answers_of(material, scale, name, parameters, minimum) for name, parameters in methods.items()}
    found = []
    for first, second in combinations(sorted(answers), 2):
        pairs = zip(answers[first], answers[second], strict=True)
        units = tuple(place for place, (one, other) in enumerate(pairs) if one != other)
        found.append(Parting(first, second, len(material.codes) - len(units), len(units), units))
    return tuple(found)


def answers_of(
    material: Material, scale: Scale, method: str, parameters: Mapping[str, Any], minimum: int
) -> list[tuple[bool, str | None]]:
    """Return whether each unit is settled, and on what."""
    spec = METHODS[method]
    if spec.scope == PROJECT_SCOPE:
        learned = project_consensus(material, scale, method, parameters)
        labels = soft_labels(material, scale, learned, minimum=minimum)
        return [(label.outcome == SETTLED, label.value) for label in labels]
    policy = {"method": method, "method_parameters": parameters}
    settled = [vote_of(codes, scale, policy, minimum) for codes in material.codes]
    return [(consensus.outcome == SETTLED, consensus.value) for consensus in settled]


def vote_of(codes: Mapping[str, str], scale: Scale, policy: Mapping[str, Any], minimum: int) -> Consensus:
    """Return what a method of case scope makes of the answers of one unit.

    Parameters
    ----------
    codes : mapping from reader to code
        Codes, or texts of numbers where the scale is numeric.
    scale : Scale
        The declared codes; a method that takes numbers has the places of an ordered scale.
    policy : mapping
        ``method``, and ``method_parameters`` and ``split`` as in a protocol document.
    minimum : int
        Reads below which a unit is insufficient, where the parameters name none.
    """
    method = METHODS[policy["method"]]
    parameters = {"minimum": minimum, **policy.get("method_parameters", {})}
    if method.takes == "codes":
        found: Consensus = method.function(codes, **parameters)
        return found
    if scale.is_numeric:
        found = method.function({reader: float(code) for reader, code in codes.items()}, **parameters)
        return found
    places = {reader: float(scale.codes.index(code)) for reader, code in codes.items()}
    return median_level(method.function(places, **parameters), list(scale.codes), policy)[0]
