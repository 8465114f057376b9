"""Repeated measurements: each rater measures each unit several times."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.readings.base import FloatArray, ReadingError
from qc.readings.number_table import NumberTable


@dataclass(frozen=True, slots=True, eq=False)
class RepeatTable:
    """What each rater measured on each unit in each repeat.

    Parameters
    ----------
    raters : tuple of str
        Distinct, sorted.
    n_repeats : int
        Measurements that each rater makes of each unit.
    table : NumberTable
        Columns: the repeats of the first rater, then of the second …
    """

    raters: tuple[str, ...]
    n_repeats: int
    table: NumberTable

    @classmethod
    def from_values(
        cls, values: Any, *, raters: Sequence[str], unit: str = "", clusters: Sequence[Hashable] | None = None
    ) -> "RepeatTable":
        """Return the table of an array.

        Parameters
        ----------
        values : float array (units, raters, repeats)
            NaN where missing.
        raters : sequence of str
            Names along the second axis, distinct, in any order.
        unit : str
            Physical unit.
        clusters : sequence (units,) or None
            The cluster of each unit; None when unknown.
        """
        array = np.array(values, dtype=np.float64)
        if array.ndim != 3 or array.shape[1] != len(raters):
            raise ReadingError("bad-shape", f"Values have the shape (units, {len(raters)}, repeats).")
        if len(set(raters)) != len(raters):
            raise ReadingError("raters-not-distinct", "Each rater has one column.")
        order = sorted(range(len(raters)), key=lambda place: raters[place])
        wide = array[:, order].reshape(len(array), len(raters) * array.shape[2])
        names = [f"{place:06}" for place in range(wide.shape[1])]
        table = NumberTable.from_values(wide, raters=names, unit=unit, clusters=clusters)
        return cls(tuple(raters[place] for place in order), array.shape[2], table)

    @property
    def n_units(self) -> int:
        """Number of units."""
        return self.table.n_units

    @property
    def values(self) -> FloatArray:
        """Return the measurements (units, raters, repeats), 0 where missing."""
        return np.asarray(self.table.values.reshape(self.n_units, len(self.raters), self.n_repeats))

    def complete(self) -> "RepeatTable":
        """Return the units in which no measurement is missing."""
        return RepeatTable(self.raters, self.n_repeats, self.table.complete())

    def merge(self, other: "RepeatTable") -> "RepeatTable":
        """Return both together; raters and number of repeats must be the same."""
        if (self.raters, self.n_repeats) != (other.raters, other.n_repeats):
            raise ReadingError("design-differs", "Tables of different raters or repeats do not add up.")
        return RepeatTable(self.raters, self.n_repeats, self.table.merge(other.table))

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"raters": list(self.raters), "n_repeats": self.n_repeats, "table": self.table.as_dict()}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> "RepeatTable":
        """Return the table whose ``as_dict`` this is."""
        return cls(tuple(value["raters"]), value["n_repeats"], NumberTable.from_dict(value["table"]))
