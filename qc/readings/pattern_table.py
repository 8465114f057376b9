"""Categorical readings as distinct decision patterns with counts: the one input of categorical statistics."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.readings._kernel import distinct_rows
from qc.readings.base import AnyArray, BoolArray, IntArray, ReadingError, frozen
from qc.readings.count_table import CountTable
from qc.readings.incidence import Incidence, numbered
from qc.readings.scale import Scale

MISSING = -1


@dataclass(frozen=True, slots=True, eq=False)
class PatternTable:
    """What each rater said, as distinct patterns and the number of units that show each.

    Equal content is equal arrays: raters are sorted by name, patterns lexicographically, clusters by name.

    Parameters
    ----------
    raters : tuple of str
        Distinct, sorted.
    scale : Scale
        The declared categories.
    patterns : int16 array (patterns, raters)
        Index into ``scale.codes``; -1 where the rater did not rate.
    counts : int64 array (patterns,)
        Units with each pattern, positive.
    incidence : Incidence or None
        Clusters (patients) × patterns; None when no cluster is known.
    """

    raters: tuple[str, ...]
    scale: Scale
    patterns: AnyArray
    counts: IntArray
    incidence: Incidence | None = None

    def __post_init__(self) -> None:
        """Freeze the arrays and refuse what is not in canonical form."""
        object.__setattr__(self, "counts", frozen(self.counts, np.int64))
        shape = (len(self.counts), len(self.raters))
        object.__setattr__(self, "patterns", frozen(np.reshape(self.patterns, shape), np.int16))
        _check_canonical(self)

    @classmethod
    def from_codes(
        cls, ratings: Any, *, raters: Sequence[str], scale: Scale, clusters: Sequence[Hashable] | None = None
    ) -> "PatternTable":
        """Count the patterns of a rating matrix.

        Parameters
        ----------
        ratings : int array (units, raters)
            Index into ``scale.codes``; -1 for a missing rating.
        raters : sequence of str
            Names of the columns, distinct, in any order.
        scale : Scale
            The declared categories.
        clusters : sequence (units,) or None
            The cluster of each unit; None when unknown.
        """
        matrix = _matrix(ratings, len(raters))
        _check_codes(matrix, scale)
        if clusters is not None and len(clusters) != len(matrix):
            raise ReadingError("bad-clusters", f"{len(clusters)} clusters were given for {len(matrix)} units.")
        return _counted(raters, scale, matrix, None if clusters is None else numbered(clusters))

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, str | None]],
        *,
        scale: Scale,
        raters: Sequence[str] | None = None,
        clusters: Sequence[Hashable] | None = None,
    ) -> "PatternTable":
        """Count the patterns of rows that say which rater gave which code.

        Parameters
        ----------
        rows : iterable of mapping from rater to code
            One mapping a unit; a rater who is absent or None did not rate.
        scale : Scale
            The declared categories; a code outside them is refused.
        raters : sequence of str or None
            All raters; None takes those who occur.
        clusters : sequence (units,) or None
            The cluster of each unit; None when unknown.
        """
        units = list(rows)
        names = sorted({rater for row in units for rater in row}) if raters is None else list(raters)
        ratings = _indexed(units, names, scale)
        return cls.from_codes(ratings, raters=names, scale=scale, clusters=clusters)

    @property
    def n_units(self) -> int:
        """Number of units, those without any rating included."""
        return int(self.counts.sum())

    @property
    def n_clusters(self) -> int | None:
        """Number of clusters; None when unknown."""
        return None if self.incidence is None else len(self.incidence.names)

    @property
    def clusters(self) -> tuple[str, ...] | None:
        """Names of the clusters; None when unknown."""
        return None if self.incidence is None else self.incidence.names

    @property
    def ratings(self) -> IntArray:
        """Ratings that a unit of each pattern has (patterns,)."""
        return np.asarray((self.patterns != MISSING).sum(axis=1), dtype=np.int64)

    @property
    def active_raters(self) -> tuple[str, ...]:
        """Raters who gave at least one rating."""
        gave = (self.patterns != MISSING).any(axis=0)
        return tuple(rater for rater, has in zip(self.raters, gave, strict=True) if has)

    def rated(self, minimum: int) -> "PatternTable":
        """Return the units with at least ``minimum`` ratings."""
        return _kept(self, self.ratings >= minimum)

    def complete(self) -> "PatternTable":
        """Return the units that all raters rated."""
        return self.rated(len(self.raters))

    def select(self, raters: Sequence[str]) -> "PatternTable":
        """Return what the named raters said; units are kept even where they said nothing."""
        unknown = sorted(set(raters) - set(self.raters))
        if unknown:
            raise ReadingError("unknown-rater", f"Not in this reading: {', '.join(unknown)}.")
        columns = [place for place, name in enumerate(self.raters) if name in raters]
        return _collapsed([self.raters[place] for place in columns], self.scale, self.patterns[:, columns], self)

    def anonymous(self) -> CountTable:
        """Return how many raters chose each category."""
        distinct, place = distinct_rows(_votes(self))
        incidence = None if self.incidence is None else self.incidence.mapped(place)
        return CountTable(self.scale, frozen(distinct, np.int64), _added(place, self.counts, len(distinct)), incidence)

    def merge(self, other: "PatternTable") -> "PatternTable":
        """Return both together, as ``merge_all`` does."""
        return merge_all([self, other])

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "raters": list(self.raters),
            "scale": self.scale.as_dict(),
            "patterns": self.patterns.tolist(),
            "counts": self.counts.tolist(),
            "incidence": None if self.incidence is None else self.incidence.as_dict(),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> "PatternTable":
        """Return the table whose ``as_dict`` this is."""
        scale = Scale(value["scale"]["kind"], tuple(value["scale"]["codes"]))
        incidence = _restored(value["incidence"])
        return cls(tuple(value["raters"]), scale, value["patterns"], value["counts"], incidence)


def merge_all(tables: Sequence[PatternTable]) -> PatternTable:
    """Return many tables together, in one pass: associative and commutative, raters aligned by name.

    Parameters
    ----------
    tables : sequence of PatternTable
        At least one, all of one scale. A rater absent from a table did not rate its units. Clusters of
        one name are one cluster; when one table with units does not know its clusters, the result does not.
    """
    if not tables:
        raise ReadingError("nothing-to-merge", "At least one table is needed.")
    scale = tables[0].scale
    if any(table.scale != scale for table in tables):
        raise ReadingError("scale-differs", "Tables of different scales do not add up.")
    names = sorted({rater for table in tables for rater in table.raters})
    place = {name: index for index, name in enumerate(names)}
    offsets = np.cumsum([0, *(len(table.patterns) for table in tables)])
    patterns = np.full((offsets[-1], len(names)), MISSING, dtype=np.int16)
    for table, start, stop in zip(tables, offsets[:-1], offsets[1:], strict=True):
        patterns[start:stop, [place[name] for name in table.raters]] = table.patterns
    counts = np.concatenate([table.counts for table in tables])
    return _collapsed(names, scale, patterns, PatternStack(counts, _stacked(tables, offsets)))


@dataclass(frozen=True, slots=True)
class PatternStack:
    """Counts and clusters of tables laid one under another, before equal patterns are joined."""

    counts: IntArray
    incidence: Incidence | None


def _stacked(tables: Sequence[PatternTable], offsets: IntArray) -> Incidence | None:
    """Return the incidence of tables laid one under another; None when one of them has none."""
    filled = [(table, start) for table, start in zip(tables, offsets[:-1], strict=True) if table.n_units]
    parts = [(table.incidence, start) for table, start in filled if table.incidence is not None]
    if len(parts) < len(filled) or (not filled and any(table.incidence is None for table in tables)):
        return None
    numbers: dict[str, int] = {}
    cluster, pattern, count = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for incidence, start in parts:
        index = np.array([numbers.setdefault(name, len(numbers)) for name in incidence.names], dtype=np.int64)
        cluster.append(index[incidence.cluster])
        pattern.append(incidence.pattern + start)
        count.append(incidence.count)
    return Incidence.build(list(numbers), np.concatenate(cluster), np.concatenate(pattern), np.concatenate(count))


def _restored(entries: Mapping[str, Any] | None) -> Incidence | None:
    """Return the incidence whose ``as_dict`` this is."""
    if entries is None:
        return None
    columns = [np.array(entries[name], dtype=np.int64) for name in ("cluster", "pattern", "count")]
    return Incidence.build(entries["names"], *columns)


def _counted(
    raters: Sequence[str], scale: Scale, ratings: AnyArray, groups: tuple[list[str], IntArray] | None
) -> PatternTable:
    """Return the table of a rating matrix, one row a unit."""
    if len(set(raters)) != len(raters):
        raise ReadingError("raters-not-distinct", "Each rater has one column.")
    order = sorted(range(len(raters)), key=lambda index: raters[index])
    if order != list(range(len(raters))):
        ratings = ratings[:, order]
    patterns, place = distinct_rows(ratings)
    counts = np.bincount(place, minlength=len(patterns))
    incidence = None
    if groups is not None:
        incidence = Incidence.build(groups[0], groups[1], place, np.ones(len(place), dtype=np.int64))
    return PatternTable(tuple(raters[index] for index in order), scale, patterns, counts, incidence)


def _collapsed(
    raters: Sequence[str], scale: Scale, patterns: AnyArray, source: PatternTable | PatternStack
) -> PatternTable:
    """Return the table in which equal rows of ``patterns`` are one; counts and clusters come from ``source``."""
    distinct, place = distinct_rows(patterns)
    incidence = None if source.incidence is None else source.incidence.mapped(place)
    return PatternTable(tuple(raters), scale, distinct, _added(place, source.counts, len(distinct)), incidence)


def _kept(table: PatternTable, keep: BoolArray) -> PatternTable:
    """Return the table of the patterns marked in ``keep`` (patterns,)."""
    if keep.all():
        return table
    incidence = None if table.incidence is None else table.incidence.kept(keep)
    return PatternTable(table.raters, table.scale, table.patterns[keep], table.counts[keep], incidence)


def _indexed(rows: Sequence[Mapping[str, str | None]], raters: Sequence[str], scale: Scale) -> AnyArray:
    """Return rows of codes as a matrix of indices (units, raters)."""
    place = {code: index for index, code in enumerate(scale.codes)}
    column = {rater: index for index, rater in enumerate(raters)}
    ratings = np.full((len(rows), len(raters)), MISSING, dtype=np.int16)
    for number, row in enumerate(rows):
        for rater, code in row.items():
            if rater not in column:
                raise ReadingError("unknown-rater", f"Unit {number}: {rater!r} is not one of the raters.")
            if code is not None and code not in place:
                raise ReadingError("unknown-code", f"Unit {number}: {code!r} is not a code of the scale.")
            ratings[number, column[rater]] = MISSING if code is None else place[code]
    return ratings


def _votes(table: PatternTable) -> IntArray:
    """Return the raters who chose each category in each pattern (patterns, categories)."""
    votes = np.zeros((len(table.patterns), len(table.scale.codes)), dtype=np.int64)
    for column in range(len(table.raters)):
        codes = table.patterns[:, column]
        rows = np.flatnonzero(codes != MISSING)
        votes[rows, codes[rows]] += 1
    return votes


def _added(place: IntArray, counts: IntArray, length: int) -> IntArray:
    """Return the counts added up by place, as whole numbers."""
    total = np.zeros(length, dtype=np.int64)
    np.add.at(total, place, counts)
    return total


def _matrix(ratings: Any, n_raters: int) -> AnyArray:
    """Return the ratings as an integer matrix (units, raters)."""
    matrix = np.asarray(ratings)
    if matrix.size == 0:
        matrix = np.zeros((len(matrix), n_raters), dtype=np.int16)
    if matrix.ndim != 2 or matrix.shape[1] != n_raters:
        raise ReadingError("bad-shape", f"Ratings have the shape (units, {n_raters}), not {matrix.shape}.")
    if not np.issubdtype(matrix.dtype, np.integer):
        raise ReadingError("not-an-index", "Ratings are whole numbers: the index of a code, or -1.")
    return matrix


def words_of(table: PatternTable) -> list[list[str | None]]:
    """Return the codes of each pattern, rater by rater; None where the rater did not rate."""
    codes = table.scale.codes
    return [[None if place == MISSING else codes[place] for place in row] for row in table.patterns.tolist()]


def _check_canonical(table: PatternTable) -> None:
    """Refuse a table that ``from_codes`` could not have made."""
    if list(table.raters) != sorted(set(table.raters)):
        raise ReadingError("raters-not-sorted", "Raters are distinct and sorted by name.")
    if (table.counts <= 0).any():
        raise ReadingError("bad-counts", "Each pattern has one positive count.")
    _check_codes(table.patterns, table.scale)
    if table.incidence is not None:
        clustered = _added(table.incidence.pattern, table.incidence.count, len(table.counts))
        if not np.array_equal(clustered, table.counts):
            raise ReadingError("bad-incidence", "The units of all clusters are the units of the table.")


def _check_codes(patterns: AnyArray, scale: Scale) -> None:
    """Refuse an index that no code of the scale has."""
    if patterns.size and (patterns.min() < MISSING or patterns.max() >= len(scale.codes)):
        raise ReadingError("unknown-code", "A rating is the index of a code of the scale, or -1 when missing.")
