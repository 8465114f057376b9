"""The same consensus without one reader, so that nobody is measured against a truth that holds his own vote."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qc.consensus._em import Design
from qc.consensus.base import ProjectConsensus
from qc.readings._kernel import distinct_rows
from qc.readings.base import FloatArray, IntArray
from qc.readings.pattern_table import MISSING, PatternTable


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """The consensus of the others.

    Parameters
    ----------
    consensus : ProjectConsensus
        Fitted without the reader.
    posterior : float64 array (patterns of the whole table, codes)
        What the others say of each pattern; no rows when the consensus is undefined.
    """

    consensus: ProjectConsensus
    posterior: FloatArray


def leave_one_out(
    function: Callable[..., ProjectConsensus], table: PatternTable, **parameters: Any
) -> Mapping[str, LeftOut]:
    """Return, for each reader, the consensus fitted again without that reader.

    Parameters
    ----------
    function : callable
        A project-scope method on codes.
    table : PatternTable
        All reads.
    **parameters
        The method's parameters; columns that repeat a reader leave together, the gold column never leaves.

    Returns
    -------
    mapping from reader to LeftOut
    """
    design = parameters.get("design", Design())
    readers: dict[str, list[str]] = {}
    for column in table.raters:
        if column != design.gold:
            readers.setdefault(design.repeats.get(column, column), []).append(column)
    found = {}
    for reader, columns in sorted(readers.items()):
        kept = [column for column in table.raters if column not in columns]
        repeats = {column: other for column, other in design.repeats.items() if column in kept}
        left = function(table.select(kept), **{**parameters, "design": replace(design, repeats=repeats)})
        place = places(table, kept)
        found[reader] = LeftOut(left, left.posterior if left.undefined else left.posterior[place])
    return found


def places(table: PatternTable, columns: list[str]) -> IntArray:
    """Return for each pattern its row in ``table.select(columns)``."""
    index = [table.raters.index(column) for column in sorted(columns)]
    return distinct_rows(table.patterns[:, index])[1]


def without_vote(learned: ProjectConsensus, table: PatternTable, reader: str) -> FloatArray:
    """Return the posterior (patterns, codes) with one reader's evidence taken out, nothing fitted again.

    Cheaper than ``leave_one_out`` and less strict: the reader still had a part in what was learned of the others.
    For methods that learn a confusion matrix. Where only that reader spoke the prevalence is left.

    Parameters
    ----------
    learned : ProjectConsensus
        Fitted on ``table``.
    table : PatternTable
        The same reads.
    reader : str
        The name of a reader or, with repeats, of the person.
    """
    repeats = learned.parameters.get("design", {}).get("repeats", {})
    gold = learned.parameters.get("design", {}).get("gold", "")
    with np.errstate(divide="ignore"):
        scores = np.tile(np.log(learned.prevalence), (len(table.patterns), 1))
        for place, column in enumerate(table.raters):
            name = repeats.get(column, column)
            said = np.flatnonzero(table.patterns[:, place] != MISSING)
            if name == reader or column == gold:
                continue
            scores[said] += np.log(learned.confusion[name])[:, table.patterns[said, place]].T
    scores -= scores.max(axis=1, keepdims=True)
    shares = np.exp(scores)
    result: FloatArray = shares / shares.sum(axis=1, keepdims=True)
    return result
