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
        _check(self)
        values, given = np.asarray(self.values, dtype=np.float64), np.asarray(self.given, dtype=np.bool_)
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
        names, matrix = _sorted_columns(values, raters)
        texts = None if clusters is None else _texts(clusters)
        return cls(names, unit, matrix, ~np.isnan(matrix), texts)

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
        names, matrix = _matrix_of_rows(list(rows), raters)
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
        return _kept(self, self.ratings >= minimum)

    def complete(self) -> "NumberTable":
        """Return the units that all raters measured."""
        return self.rated(len(self.raters))

    def select(self, raters: Sequence[str]) -> "NumberTable":
        """Return what the named raters measured; units are kept even where they measured nothing."""
        return _selected(self, raters)

    def merge(self, other: "NumberTable") -> "NumberTable":
        """Return both together, raters aligned by name; clusters survive only where both know them."""
        return _merged(self, other)

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
        return _restored(value)


def _check(table: NumberTable) -> None:
    """Refuse what is no table of measurements."""
    values, given = np.asarray(table.values, dtype=np.float64), np.asarray(table.given, dtype=np.bool_)
    if values.shape != given.shape or values.ndim != 2 or values.shape[1] != len(table.raters):
        raise ReadingError("bad-shape", f"Values and given have the shape (units, {len(table.raters)}).")
    if list(table.raters) != sorted(set(table.raters)):
        raise ReadingError("raters-not-sorted", "Raters are distinct and sorted by name.")
    if table.clusters is not None and len(table.clusters) != len(values):
        raise ReadingError("bad-clusters", f"{len(table.clusters)} clusters were given for {len(values)} units.")
    if not np.isfinite(values[given]).all():
        raise ReadingError("not-a-number", "Measurements are finite numbers.")


def _sorted_columns(values: Any, raters: Sequence[str]) -> tuple[tuple[str, ...], FloatArray]:
    """Return the names in order and the matrix (units, raters) with its columns in that order."""
    matrix = np.array(values, dtype=np.float64)
    matrix = matrix.reshape(len(matrix), len(raters)) if matrix.size == 0 else matrix
    if matrix.ndim != 2 or matrix.shape[1] != len(raters):
        raise ReadingError("bad-shape", f"Values have the shape (units, {len(raters)}), not {matrix.shape}.")
    order = sorted(range(len(raters)), key=lambda place: raters[place])
    return tuple(raters[place] for place in order), matrix[:, order]


def _matrix_of_rows(
    units: Sequence[Mapping[str, float | None]], raters: Sequence[str] | None
) -> tuple[list[str], FloatArray]:
    """Return the names and the matrix (units, raters) of rows, NaN where missing."""
    there = sorted({rater for row in units for rater in row})
    names = there if raters is None else list(raters)
    strangers = [name for name in there if name not in names]
    if strangers:
        raise ReadingError("unknown-rater", f"Not among the raters: {', '.join(strangers)}.")
    given = [[row.get(name) for name in names] for row in units]
    return names, np.array(given, dtype=np.float64).reshape(len(units), len(names))


def _merged(first: NumberTable, second: NumberTable) -> NumberTable:
    """Return both together."""
    if first.unit != second.unit and first.n_units and second.n_units:
        raise ReadingError("unit-differs", f"{first.unit!r} and {second.unit!r} do not add up.")
    parts = (first, second)
    names = tuple(sorted({name for part in parts for name in part.raters}))
    known = all(part.clusters is not None or not part.n_units for part in parts)
    return NumberTable(
        names,
        first.unit if first.n_units else second.unit,
        np.vstack([_aligned(part.values, part.raters, names) for part in parts]),
        np.vstack([_aligned(part.given, part.raters, names) for part in parts]),
        tuple(name for part in parts for name in part.clusters or ()) if known else None,
    )


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


def _kept(table: NumberTable, keep: BoolArray) -> NumberTable:
    """Return the units marked in ``keep`` (units,)."""
    clusters = None
    if table.clusters is not None:
        clusters = tuple(name for name, stays in zip(table.clusters, keep.tolist(), strict=True) if stays)
    return NumberTable(table.raters, table.unit, table.values[keep], table.given[keep], clusters)


def _selected(table: NumberTable, raters: Sequence[str]) -> NumberTable:
    """Return the columns of some raters."""
    unknown = sorted(set(raters) - set(table.raters))
    if unknown:
        raise ReadingError("unknown-rater", f"Not in this reading: {', '.join(unknown)}.")
    columns = [place for place, name in enumerate(table.raters) if name in raters]
    names = tuple(table.raters[place] for place in columns)
    return NumberTable(names, table.unit, table.values[:, columns], table.given[:, columns], table.clusters)


def _restored(value: Mapping[str, Any]) -> NumberTable:
    """Return the table whose ``as_dict`` this is."""
    shape = (len(value["values"]), len(value["raters"]))
    clusters = value["clusters"]
    return NumberTable(
        tuple(value["raters"]),
        value["unit"],
        np.array(value["values"], dtype=np.float64).reshape(shape),
        np.array(value["given"], dtype=np.bool_).reshape(shape),
        None if clusters is None else tuple(clusters),
    )
