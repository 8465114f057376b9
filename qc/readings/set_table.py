"""Sets of labels by rater: each distinct set is one category of a pattern table."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.readings.base import BoolArray, IntArray, ReadingError, frozen
from qc.readings.incidence import Incidence
from qc.readings.pattern_table import MISSING, PatternTable
from qc.readings.scale import Scale

NO, YES = "no", "yes"


@dataclass(frozen=True, slots=True, eq=False)
class SetTable:
    """Which set of labels each rater gave, as distinct patterns with counts.

    Parameters
    ----------
    labels : tuple of str
        The declared labels, distinct.
    sets : bool array (sets, labels)
        The distinct sets that occur, in lexicographic order of their members.
    table : PatternTable
        Nominal; its code number s means the set ``sets[s]``. A rater who gave the empty set did rate.
    """

    labels: tuple[str, ...]
    sets: BoolArray
    table: PatternTable

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, Iterable[str] | None]],
        *,
        labels: Sequence[str],
        raters: Sequence[str] | None = None,
        clusters: Sequence[Hashable] | None = None,
    ) -> "SetTable":
        """Count the patterns of rows that say which rater gave which set.

        Parameters
        ----------
        rows : iterable of mapping from rater to labels
            One mapping a unit; a rater who is absent or None did not rate; an empty set is an answer.
        labels : sequence of str
            The declared labels; another is refused.
        raters : sequence of str or None
            All raters; None takes those who occur.
        clusters : sequence (units,) or None
            The cluster of each unit; None when unknown.
        """
        units = [{rater: _flags(given, labels) for rater, given in row.items() if given is not None} for row in rows]
        found = sorted({flags for row in units for flags in row.values()})
        codes = {flags: str(number) for number, flags in enumerate(found)}
        names = sorted({rater for row in units for rater in row}) if raters is None else raters
        table = PatternTable.from_rows(
            [{rater: codes[flags] for rater, flags in row.items()} for row in units],
            scale=_scale(len(found)),
            raters=names,
            clusters=clusters,
        )
        return cls(tuple(labels), _matrix(found, len(labels)), table)

    @property
    def n_units(self) -> int:
        """Number of units."""
        return self.table.n_units

    @property
    def raters(self) -> tuple[str, ...]:
        """Raters, sorted."""
        return self.table.raters

    @property
    def incidence(self) -> Incidence | None:
        """Clusters × patterns; None when no cluster is known."""
        return self.table.incidence

    def label(self, name: str) -> PatternTable:
        """Return whether each rater gave one label: a nominal reading with the codes no and yes."""
        if name not in self.labels:
            raise ReadingError("unknown-label", f"{name!r} is not one of the labels.")
        column = self.sets[:, self.labels.index(name)].astype(np.int64)
        table = self.table
        patterns = np.where(table.patterns == MISSING, MISSING, _looked_up(column, table.patterns))
        return _recoded(table, patterns.astype(np.int16), Scale("nominal", (NO, YES)))

    def merge(self, other: "SetTable") -> "SetTable":
        """Return both together; labels must be the same."""
        if self.labels != other.labels:
            raise ReadingError("labels-differ", "Tables of different labels do not add up.")
        found = sorted({tuple(row) for part in (self, other) for row in part.sets.tolist()})
        place = {flags: number for number, flags in enumerate(found)}
        parts = []
        for part in (self, other):
            moved = np.array([place[tuple(row)] for row in part.sets.tolist()], dtype=np.int64)
            patterns = np.where(part.table.patterns == MISSING, MISSING, _looked_up(moved, part.table.patterns))
            parts.append(_recoded(part.table, patterns.astype(np.int16), _scale(len(found))))
        return SetTable(self.labels, _matrix(found, len(self.labels)), parts[0].merge(parts[1]))

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"labels": list(self.labels), "sets": self.sets.tolist(), "table": self.table.as_dict()}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> "SetTable":
        """Return the table whose ``as_dict`` this is."""
        labels = tuple(value["labels"])
        return cls(labels, _matrix(value["sets"], len(labels)), PatternTable.from_dict(value["table"]))


def _flags(given: Iterable[str], labels: Sequence[str]) -> tuple[bool, ...]:
    """Return which of the labels are in the set."""
    chosen = set(given)
    unknown = sorted(chosen - set(labels))
    if unknown:
        raise ReadingError("unknown-code", f"Not among the labels: {', '.join(unknown)}.")
    return tuple(label in chosen for label in labels)


def _scale(n_sets: int) -> Scale:
    """Return the nominal scale of numbered sets; one set stands for none where nobody rated."""
    return Scale("nominal", tuple(str(number) for number in range(max(n_sets, 1))))


def _matrix(sets: Sequence[Sequence[bool]], n_labels: int) -> BoolArray:
    matrix: BoolArray = frozen(np.array(sets, dtype=np.bool_).reshape(len(sets), n_labels), np.bool_)
    return matrix


def _looked_up(values: IntArray, patterns: IntArray) -> IntArray:
    """Return the value of each code, anything where missing; an empty list of values gives zeros."""
    padded = np.append(values, 0)
    looked_up: IntArray = padded[patterns]
    return looked_up


def _recoded(table: PatternTable, patterns: IntArray, scale: Scale) -> PatternTable:
    """Return the table with other codes, equal patterns joined."""
    # Merging with an empty table of the same scale joins equal patterns and keeps the clusters.
    rows = np.repeat(np.arange(len(patterns)), table.counts)
    clusters = None if table.incidence is None else _clusters(table)
    if table.incidence is not None:
        rows = np.repeat(table.incidence.pattern, table.incidence.count)
    return PatternTable.from_codes(patterns[rows], raters=table.raters, scale=scale, clusters=clusters)


def _clusters(table: PatternTable) -> list[str]:
    """Return the cluster of each unit, in the order of the incidence."""
    if table.incidence is None:
        return []
    names = np.array(table.incidence.names, dtype=object)[table.incidence.cluster]
    return [str(name) for name in np.repeat(names, table.incidence.count).tolist()]
