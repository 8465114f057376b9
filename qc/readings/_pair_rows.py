"""Rows that compare two readers on one unit: what tables of boxes, landmarks and matched marks share."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np

from qc.readings.base import FloatArray, IntArray, ReadingError, frozen
from qc.readings.pair_table import PairTable


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PairRows:
    """One row per pair of readers (and per thing compared) of one unit. Lists are accepted and frozen.

    Parameters
    ----------
    n_units : int
        Units looked at, those without a row included.
    unit : int64 array (rows,)
        Index of the unit, 0 … n_units − 1.
    first, second : tuple of str
        The two readers of each row; which is first does not matter.
    clusters : tuple of str or None
        The cluster (patient) of each unit (n_units,); None when unknown.
    """

    COLUMNS: ClassVar[Mapping[str, type]] = {}

    n_units: int
    unit: IntArray
    first: tuple[str, ...]
    second: tuple[str, ...]
    clusters: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Freeze the columns and refuse what does not fit together."""
        for name, kind in {"unit": np.int64, **self.COLUMNS}.items():
            given = getattr(self, name)
            object.__setattr__(self, name, tuple(given) if kind is str else frozen(given, kind))
        for name in ("first", "second"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.clusters is not None:
            object.__setattr__(self, "clusters", tuple(str(name) for name in self.clusters))
        self._check_rows()

    def _check_rows(self) -> None:
        """Refuse columns of different lengths, units that do not exist and a reader paired with himself."""
        columns = [self.first, self.second, *(getattr(self, name) for name in self.COLUMNS)]
        if any(len(column) != len(self.unit) for column in columns):
            raise ReadingError("bad-shape", "Each row has one entry in each column.")
        if len(self.unit) and not 0 <= self.unit.min() <= self.unit.max() < self.n_units:
            raise ReadingError("unknown-unit", f"Units are numbered from 0 to {self.n_units - 1}.")
        if self.clusters is not None and len(self.clusters) != self.n_units:
            raise ReadingError("bad-clusters", f"{len(self.clusters)} clusters were given for {self.n_units} units.")
        if any(first == second for first, second in zip(self.first, self.second, strict=True)):
            raise ReadingError("same-rater", "A pair has two different raters.")

    def measured(self, values: FloatArray) -> PairTable:
        """Return a table with one measure a row, column ``value``.

        Parameters
        ----------
        values : float64 array (rows,)
            NaN leaves a row out.
        """
        flags = tuple("not_measured" if np.isnan(value) else "" for value in values.tolist())
        columns = {"value": values}
        return PairTable(self.n_units, self.unit, self.first, self.second, flags, columns, self.clusters)

    def merge(self, other: Self) -> Self:
        """Return both together; the units of ``other`` are numbered after these.

        Clusters survive only where both know them (a table without units knows them).
        """
        parts = (self, other)
        known = all(part.clusters is not None or not part.n_units for part in parts)
        merged: dict[str, Any] = {}
        for name in (field.name for field in fields(self)):
            mine, theirs = getattr(self, name), getattr(other, name)
            if name in self.COLUMNS or name in {"first", "second"}:
                merged[name] = _joined(mine, theirs)
            elif name not in {"n_units", "unit", "clusters"}:
                if mine != theirs:
                    raise ReadingError("differs", f"Tables are merged only with the same {name}.")
                merged[name] = mine
        merged["n_units"] = self.n_units + other.n_units
        merged["unit"] = np.concatenate([self.unit, other.unit + self.n_units])
        merged["clusters"] = tuple(name for part in parts for name in part.clusters or ()) if known else None
        return type(self)(**merged)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Return the table whose ``as_dict`` this is."""
        return cls(**value)


def _joined(mine: Any, theirs: Any) -> Any:
    """Return two columns as one; a column without rows does not know how wide it is."""
    if isinstance(mine, tuple) or not len(theirs):
        return mine + theirs if isinstance(mine, tuple) else mine
    return np.concatenate([mine, theirs]) if len(mine) else theirs


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value
