"""Pairs of masks compared: sizes and intersections, from which every overlap statistic follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.readings.base import IntArray, ReadingError, frozen
from qc.readings.masks import PairCount


@dataclass(frozen=True, slots=True, eq=False)
class OverlapTable:
    """One row per pair of masks of one unit. Lists are accepted and frozen into arrays.

    Parameters
    ----------
    n_units : int
        Units looked at, those without a pair included.
    unit : int64 array (pairs,)
        Index of the unit, 0 … n_units − 1.
    first, second : tuple of str
        The two raters of each pair; which is first does not matter.
    size_first, size_second, intersection : int64 array (pairs,)
        Voxels of either mask and of both.
    clusters : tuple of str or None
        The cluster (patient) of each unit (n_units,); None when unknown.
    """

    n_units: int
    unit: IntArray
    first: tuple[str, ...]
    second: tuple[str, ...]
    size_first: IntArray
    size_second: IntArray
    intersection: IntArray
    clusters: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Freeze the columns and refuse what no pair of masks can give."""
        for name in ("unit", "size_first", "size_second", "intersection"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.int64))
        for name in ("first", "second"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.clusters is not None:
            object.__setattr__(self, "clusters", tuple(str(name) for name in self.clusters))
        self._check_shape()
        self._check_counts()

    def _check_shape(self) -> None:
        """Refuse columns of different lengths and units that do not exist."""
        columns = (self.first, self.second, self.size_first, self.size_second, self.intersection)
        if any(len(column) != len(self.unit) for column in columns):
            raise ReadingError("bad-shape", "Each pair has one entry in each column.")
        if len(self.unit) and not 0 <= self.unit.min() <= self.unit.max() < self.n_units:
            raise ReadingError("unknown-unit", f"Units are numbered from 0 to {self.n_units - 1}.")
        if self.clusters is not None and len(self.clusters) != self.n_units:
            raise ReadingError("bad-clusters", f"{len(self.clusters)} clusters were given for {self.n_units} units.")

    def _check_counts(self) -> None:
        """Refuse an intersection larger than a mask, negative sizes and a rater paired with himself."""
        smaller = np.minimum(self.size_first, self.size_second)
        if (self.intersection < 0).any() or (self.intersection > smaller).any():
            raise ReadingError("bad-counts", "An intersection is at least 0 and at most the smaller mask.")
        if any(first == second for first, second in zip(self.first, self.second, strict=True)):
            raise ReadingError("same-rater", "A pair has two different raters.")

    @classmethod
    def from_units(
        cls, units: Sequence[Sequence[PairCount]], *, clusters: Sequence[str] | None = None
    ) -> "OverlapTable":
        """Return the table of what ``pair_counts`` gave for each unit.

        Parameters
        ----------
        units : sequence of sequence of PairCount
            One sequence a unit; empty where fewer than two raters drew.
        clusters : sequence of str (units,) or None
            The cluster of each unit; None when unknown.
        """
        rows = [(number, pair) for number, pairs in enumerate(units) for pair in pairs]
        return cls(
            len(units),
            np.array([number for number, _ in rows], dtype=np.int64),
            tuple(pair.first for _, pair in rows),
            tuple(pair.second for _, pair in rows),
            np.array([pair.size_first for _, pair in rows], dtype=np.int64),
            np.array([pair.size_second for _, pair in rows], dtype=np.int64),
            np.array([pair.intersection for _, pair in rows], dtype=np.int64),
            None if clusters is None else tuple(clusters),
        )

    def merge(self, other: "OverlapTable") -> "OverlapTable":
        """Return both together; the units of ``other`` are numbered after these.

        Clusters survive only where both know them (a table without units knows them).
        """
        parts = (self, other)
        known = all(part.clusters is not None or not part.n_units for part in parts)
        return OverlapTable(
            self.n_units + other.n_units,
            np.concatenate([self.unit, other.unit + self.n_units]),
            self.first + other.first,
            self.second + other.second,
            np.concatenate([self.size_first, other.size_first]),
            np.concatenate([self.size_second, other.size_second]),
            np.concatenate([self.intersection, other.intersection]),
            tuple(name for part in parts for name in part.clusters or ()) if known else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "n_units": self.n_units,
            "unit": self.unit.tolist(),
            "first": list(self.first),
            "second": list(self.second),
            "size_first": self.size_first.tolist(),
            "size_second": self.size_second.tolist(),
            "intersection": self.intersection.tolist(),
            "clusters": None if self.clusters is None else list(self.clusters),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> "OverlapTable":
        """Return the table whose ``as_dict`` this is."""
        return cls(**value)
