"""Measurements as units × raters, with a mask of what was given: the input of continuous agreement."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.readings.base import AnyArray, BoolArray, FloatArray, IntArray, ReadingError, frozen
from qc.readings.incidence import Incidence, numbered


@dataclass(frozen=True, slots=True, eq=False)
class NumberTable:
    """What each rater measured on each unit, in canonical order.

    Equal content is equal arrays: raters are sorted by name, units by what was measured and then by cluster.

    Parameters
    ----------
    raters : tuple of str
        Distinct, sorted.
    unit : str
        Physical unit of the numbers; empty for a pure number.
    values : float64 array (units, raters)
        Finite; 0 where nothing was given.
    given : bool array (units, raters)
        Whether the rater measured the unit.
    clusters : tuple of str or None
        The cluster (patient) of each unit (units,); None when unknown.
    """

    raters: tuple[str, ...]
    unit: str
    values: FloatArray
    given: BoolArray
    clusters: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Freeze the arrays in canonical order and refuse what is no measurement."""
        values, given = np.asarray(self.values, dtype=np.float64), np.asarray(self.given, dtype=np.bool_)
        if values.shape != given.shape or values.ndim != 2 or values.shape[1] != len(self.raters):
            raise ReadingError("bad-shape", f"Values and given have the shape (units, {len(self.raters)}).")
        if list(self.raters) != sorted(set(self.raters)):
            raise ReadingError("raters-not-sorted", "Raters are distinct and sorted by name.")
        if self.clusters is not None and len(self.clusters) != len(values):
            raise ReadingError("bad-clusters", f"{len(self.clusters)} clusters were given for {len(values)} units.")
        if not np.isfinite(values[given]).all():
            raise ReadingError("not-a-number", "Measurements are finite numbers.")
        # Adding 0 turns −0 into 0.
        values = np.where(given, values, 0.0) + 0.0
        order = _order(values, given, self.clusters)
        object.__setattr__(self, "values", frozen(values[order], np.float64))
        object.__setattr__(self, "given", frozen(given[order], np.bool_))
        if self.clusters is not None:
            object.__setattr__(self, "clusters", tuple(self.clusters[place] for place in order.tolist()))

    @classmethod
    def from_values(
        cls,
        values: Any,
        *,
        raters: Sequence[str],
        unit: str = "",
        clusters: Sequence[Hashable] | None = None,
    ) -> "NumberTable":
        """Return the table of a matrix.

        Parameters
        ----------
        values : float array (units, raters)
            NaN or None where missing; infinite values are refused.
        raters : sequence of str
            Names of the columns, distinct, in any order.
        unit : str
            Physical unit.
        clusters : sequence (units,) or None
            The cluster of each unit; None when unknown.
        """
        matrix = np.array(values, dtype=np.float64)
        matrix = matrix.reshape(len(matrix), len(raters)) if matrix.size == 0 else matrix
        if matrix.ndim != 2 or matrix.shape[1] != len(raters):
            raise ReadingError("bad-shape", f"Values have the shape (units, {len(raters)}), not {matrix.shape}.")
        order = sorted(range(len(raters)), key=lambda place: raters[place])
        return cls(
            tuple(raters[place] for place in order),
            unit,
            matrix[:, order],
            ~np.isnan(matrix[:, order]),
            None if clusters is None else _texts(clusters),
        )

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, float | None]],
        *,
        raters: Sequence[str] | None = None,
        unit: str = "",
        clusters: Sequence[Hashable] | None = None,
    ) -> "NumberTable":
        """Return the table of rows that say which rater measured what.

        Parameters
        ----------
        rows : iterable of mapping from rater to number
            One mapping a unit; a rater who is absent or None did not measure.
        raters : sequence of str or None
            All raters; None takes those who occur.
        unit : str
            Physical unit.
        clusters : sequence (units,) or None
            The cluster of each unit; None when unknown.
        """
        units = list(rows)
        names = sorted({rater for row in units for rater in row}) if raters is None else list(raters)
        strangers = sorted({rater for row in units for rater in row} - set(names))
        if strangers:
            raise ReadingError("unknown-rater", f"Not among the raters: {', '.join(strangers)}.")
        matrix = np.full((len(units), len(names)), np.nan)
        for number, row in enumerate(units):
            for place, name in enumerate(names):
                value = row.get(name)
                matrix[number, place] = np.nan if value is None else value
        return cls.from_values(matrix, raters=names, unit=unit, clusters=clusters)

    @property
    def n_units(self) -> int:
        """Number of units, those without any measurement included."""
        return len(self.values)

    @property
    def ratings(self) -> IntArray:
        """Measurements of each unit (units,)."""
        return np.asarray(self.given.sum(axis=1), dtype=np.int64)

    @property
    def active_raters(self) -> tuple[str, ...]:
        """Raters who gave at least one measurement."""
        return tuple(
            name for name, gave in zip(self.raters, np.asarray(self.given.any(axis=0)).tolist(), strict=True) if gave
        )

    @property
    def incidence(self) -> Incidence | None:
        """Clusters × units; None when no cluster is known."""
        if self.clusters is None:
            return None
        names, index = numbered(self.clusters)
        ones = np.ones(len(index), dtype=np.int64)
        return Incidence.build(names, index, np.arange(len(index), dtype=np.int64), ones)

    @property
    def has_repeats(self) -> bool:
        """Whether a cluster holds several units, so that units are not independent."""
        return self.clusters is not None and len(set(self.clusters)) < len(self.clusters)

    def rated(self, minimum: int) -> "NumberTable":
        """Return the units with at least ``minimum`` measurements."""
        return self._kept(self.ratings >= minimum)

    def complete(self) -> "NumberTable":
        """Return the units that all raters measured."""
        return self.rated(len(self.raters))

    def select(self, raters: Sequence[str]) -> "NumberTable":
        """Return what the named raters measured; units are kept even where they measured nothing."""
        unknown = sorted(set(raters) - set(self.raters))
        if unknown:
            raise ReadingError("unknown-rater", f"Not in this reading: {', '.join(unknown)}.")
        columns = [place for place, name in enumerate(self.raters) if name in raters]
        names = tuple(self.raters[place] for place in columns)
        return NumberTable(names, self.unit, self.values[:, columns], self.given[:, columns], self.clusters)

    def merge(self, other: "NumberTable") -> "NumberTable":
        """Return both together, raters aligned by name; clusters survive only where both know them."""
        if self.unit != other.unit and self.n_units and other.n_units:
            raise ReadingError("unit-differs", f"{self.unit!r} and {other.unit!r} do not add up.")
        parts = (self, other)
        names = tuple(sorted({name for part in parts for name in part.raters}))
        known = all(part.clusters is not None or not part.n_units for part in parts)
        return NumberTable(
            names,
            self.unit if self.n_units else other.unit,
            np.vstack([_aligned(part.values, part.raters, names) for part in parts]),
            np.vstack([_aligned(part.given, part.raters, names) for part in parts]),
            tuple(name for part in parts for name in part.clusters or ()) if known else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "raters": list(self.raters),
            "unit": self.unit,
            "values": self.values.tolist(),
            "given": self.given.tolist(),
            "clusters": None if self.clusters is None else list(self.clusters),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> "NumberTable":
        """Return the table whose ``as_dict`` this is."""
        shape = (len(value["values"]), len(value["raters"]))
        clusters = value["clusters"]
        return cls(
            tuple(value["raters"]),
            value["unit"],
            np.array(value["values"], dtype=np.float64).reshape(shape),
            np.array(value["given"], dtype=np.bool_).reshape(shape),
            None if clusters is None else tuple(clusters),
        )

    def _kept(self, keep: BoolArray) -> "NumberTable":
        clusters = None
        if self.clusters is not None:
            clusters = tuple(name for name, stays in zip(self.clusters, keep.tolist(), strict=True) if stays)
        return NumberTable(self.raters, self.unit, self.values[keep], self.given[keep], clusters)


def _order(values: FloatArray, given: BoolArray, clusters: tuple[str, ...] | None) -> IntArray:
    """Return the canonical order of units: by what was given, the values, the name of the cluster."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    names = np.zeros(len(values)) if clusters is None else np.unique(np.array(clusters), return_inverse=True)[1]
    keys = [names.reshape(-1).astype(np.float64), *values.T[::-1], *given.T[::-1].astype(np.float64)]
    return np.lexsort(np.array(keys)).astype(np.int64)


def _aligned(matrix: AnyArray, raters: Sequence[str], names: Sequence[str]) -> AnyArray:
    """Return the columns (units, names) of those raters, zero elsewhere."""
    place = {name: index for index, name in enumerate(names)}
    wide = np.zeros((len(matrix), len(names)), dtype=matrix.dtype)
    wide[:, [place[name] for name in raters]] = matrix
    return wide


def _texts(clusters: Sequence[Hashable]) -> tuple[str, ...]:
    names, index = numbered(clusters)
    return tuple(names[place] for place in index.tolist())
