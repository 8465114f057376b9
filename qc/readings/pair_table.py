"""Measures of pairs of outlines, computed where the outlines were at hand and summarised where they are not."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.readings.base import FloatArray, IntArray, ReadingError, frozen


@dataclass(frozen=True, slots=True)
class PairMeasures:
    """What was measured on two outlines.

    Parameters
    ----------
    first, second : str
        Readers.
    flag : str
        ``both_empty``, ``one_empty``, or why a measure is missing (``no_spacing`` …); empty otherwise.
    values : mapping from measure to float or None
        Infinite or None under ``one_empty`` where the measure is a distance; None where not measured.
    """

    first: str
    second: str
    flag: str
    values: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, eq=False)
class PairTable:
    """One row per pair of outlines of one unit, one column per measure. Lists are accepted and frozen.

    Parameters
    ----------
    n_units : int
        Units looked at, those without a pair included.
    unit : int64 array (pairs,)
        Index of the unit, 0 … n_units − 1.
    first, second : tuple of str
        The two readers of each pair; which is first does not matter.
    flags : tuple of str
        As in PairMeasures.
    columns : mapping from measure to float64 array (pairs,)
        In the unit of the measure (mm, mL or 1). NaN where not measured, for the reason of the flag: it
        stays in this table and is None outside of it.
    clusters : tuple of str or None
        The cluster (patient) of each unit (n_units,); None when unknown.
    """

    n_units: int
    unit: IntArray
    first: tuple[str, ...]
    second: tuple[str, ...]
    flags: tuple[str, ...]
    columns: Mapping[str, FloatArray]
    clusters: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Freeze the columns and refuse what does not fit together."""
        object.__setattr__(self, "unit", frozen(self.unit, np.int64))
        for name in ("first", "second", "flags"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        columns = {name: frozen(_known(self.columns[name]), np.float64) for name in sorted(self.columns)}
        object.__setattr__(self, "columns", columns)
        if self.clusters is not None:
            object.__setattr__(self, "clusters", tuple(str(name) for name in self.clusters))
        self._check()

    def _check(self) -> None:
        """Refuse columns of different lengths, units that do not exist and a reader paired with himself."""
        columns = (self.first, self.second, self.flags, *self.columns.values())
        if any(len(column) != len(self.unit) for column in columns):
            raise ReadingError("bad-shape", "Each pair has one entry in each column.")
        if len(self.unit) and not 0 <= self.unit.min() <= self.unit.max() < self.n_units:
            raise ReadingError("unknown-unit", f"Units are numbered from 0 to {self.n_units - 1}.")
        if self.clusters is not None and len(self.clusters) != self.n_units:
            raise ReadingError("bad-clusters", f"{len(self.clusters)} clusters were given for {self.n_units} units.")
        if any(first == second for first, second in zip(self.first, self.second, strict=True)):
            raise ReadingError("same-rater", "A pair has two different raters.")

    @classmethod
    def from_units(
        cls, units: Sequence[Sequence[PairMeasures]], *, clusters: Sequence[str] | None = None
    ) -> "PairTable":
        """Return the table of what was measured in each unit.

        Parameters
        ----------
        units : sequence of sequence of PairMeasures
            One sequence a unit; empty where fewer than two readers drew.
        clusters : sequence of str (units,) or None
            The cluster of each unit; None when unknown.
        """
        rows = [(number, pair) for number, pairs in enumerate(units) for pair in pairs]
        names = sorted({name for _, pair in rows for name in pair.values})
        return cls(
            len(units),
            np.array([number for number, _ in rows], dtype=np.int64),
            tuple(pair.first for _, pair in rows),
            tuple(pair.second for _, pair in rows),
            tuple(pair.flag for _, pair in rows),
            {name: _known([pair.values.get(name) for _, pair in rows]) for name in names},
            None if clusters is None else tuple(clusters),
        )

    def merge(self, other: "PairTable") -> "PairTable":
        """Return both together; the units of ``other`` are numbered after these.

        Clusters survive only where both know them (a table without units knows them).
        """
        parts = (self, other)
        known = all(part.clusters is not None or not part.n_units for part in parts)
        names = {name for part in parts for name in part.columns}
        missing = [np.full(len(part.unit), np.nan) for part in parts]
        return PairTable(
            self.n_units + other.n_units,
            np.concatenate([self.unit, other.unit + self.n_units]),
            self.first + other.first,
            self.second + other.second,
            self.flags + other.flags,
            {
                name: np.concatenate([part.columns.get(name, none) for part, none in zip(parts, missing, strict=True)])
                for name in names
            },
            tuple(name for part in parts for name in part.clusters or ()) if known else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values; None where a measure is infinite or missing, which the flag tells apart."""
        return {
            "n_units": self.n_units,
            "unit": self.unit.tolist(),
            "first": list(self.first),
            "second": list(self.second),
            "flags": list(self.flags),
            "columns": {name: [_plain(value) for value in column.tolist()] for name, column in self.columns.items()},
            "clusters": None if self.clusters is None else list(self.clusters),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> "PairTable":
        """Return the table whose ``as_dict`` this is."""
        return cls(**value)


def _known(column: Any) -> FloatArray:
    """Return a column with NaN where nothing finite was measured."""
    values = np.array([math.nan if value is None else value for value in column], dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
