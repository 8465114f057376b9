"""One reader beside the reference: answers as pairs with counts, measurements as pairs of numbers."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.readings._kernel import distinct_rows
from qc.readings.base import FloatArray, IntArray, ReadingError, frozen
from qc.readings.incidence import Incidence, numbered
from qc.readings.pattern_table import MISSING
from qc.readings.scale import Scale


@dataclass(frozen=True, slots=True, eq=False)
class ScoredTable:
    """What one reader said where the reference is known.

    Parameters
    ----------
    reader : str
        Who is judged.
    scale : Scale
        The declared categories.
    pairs : int64 array (pairs, 2)
        Distinct pairs of [reference, answer], as indices into ``scale.codes``, sorted.
    counts : int64 array (pairs,)
        Units with each pair, positive.
    incidence : Incidence or None
        Clusters (patients) × pairs; None when no cluster is known.
    n_undetermined : int
        Units that the reader read and that have no reference: neither right nor wrong.
    """

    reader: str
    scale: Scale
    pairs: IntArray
    counts: IntArray
    incidence: Incidence | None = None
    n_undetermined: int = 0

    @classmethod
    def from_codes(
        cls,
        said: Any,
        truth: Any,
        *,
        scale: Scale,
        reader: str = "",
        clusters: Sequence[Hashable] | None = None,
    ) -> "ScoredTable":
        """Count the pairs of two lists of codes.

        Parameters
        ----------
        said, truth : int array (units,)
            Index into ``scale.codes``; -1 where the reader did not read, where there is no reference.
        scale : Scale
            The declared categories.
        reader : str
            Who is judged.
        clusters : sequence (units,) or None
            The cluster of each unit; None when unknown.
        """
        columns = np.column_stack([np.asarray(truth, dtype=np.int64), np.asarray(said, dtype=np.int64)])
        if columns.size and (columns.min() < MISSING or columns.max() >= len(scale.codes)):
            raise ReadingError("unknown-code", "An answer is the index of a code of the scale, or -1 when missing.")
        if clusters is not None and len(clusters) != len(columns):
            raise ReadingError("bad-clusters", f"{len(clusters)} clusters were given for {len(columns)} units.")
        read = columns[:, 1] != MISSING
        known = read & (columns[:, 0] != MISSING)
        pairs, place = distinct_rows(columns[known])
        counts = np.bincount(place, minlength=len(pairs))
        incidence = None
        if clusters is not None:
            names, index = numbered([name for name, has in zip(clusters, known.tolist(), strict=True) if has])
            incidence = Incidence.build(names, index, place, np.ones(len(place), dtype=np.int64))
        undetermined = int(read.sum() - known.sum())
        return cls(reader, scale, frozen(pairs, np.int64), frozen(counts, np.int64), incidence, undetermined)

    @property
    def n_units(self) -> int:
        """Number of units that the reader read and that have a reference."""
        return int(self.counts.sum())

    @property
    def n_read(self) -> int:
        """Number of units that the reader read."""
        return self.n_units + self.n_undetermined

    @property
    def confusion(self) -> IntArray:
        """Units of each reference (rows) and each answer (columns), (categories, categories)."""
        size = len(self.scale.codes)
        table = np.zeros((size, size), dtype=np.int64)
        np.add.at(table, (self.pairs[:, 0], self.pairs[:, 1]), self.counts)
        return table

    @property
    def has_repeats(self) -> bool:
        """Whether a cluster holds several units, so that units are not independent."""
        return self.incidence is not None and len(self.incidence.names) < self.n_units

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "reader": self.reader,
            "scale": self.scale.as_dict(),
            "pairs": self.pairs.tolist(),
            "counts": self.counts.tolist(),
            "incidence": None if self.incidence is None else self.incidence.as_dict(),
            "n_undetermined": self.n_undetermined,
        }


@dataclass(frozen=True, slots=True, eq=False)
class ScoredNumbers:
    """What one reader measured where the reference is known.

    Parameters
    ----------
    measured, reference : float64 array (units,)
        Finite, in ``unit``; volumes in mm³, levels of a grade as numbers.
    unit : str
        Physical unit; empty for a pure number.
    reader : str
        Who is judged.
    clusters : tuple of str or None
        The cluster (patient) of each unit; None when unknown.
    """

    measured: FloatArray
    reference: FloatArray
    unit: str = ""
    reader: str = ""
    clusters: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Freeze the arrays and refuse what is no measurement."""
        for name in ("measured", "reference"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float64))
        if self.measured.shape != self.reference.shape or self.measured.ndim != 1:
            raise ReadingError("bad-shape", "Measured and reference have one number a unit each.")
        if not (np.isfinite(self.measured).all() and np.isfinite(self.reference).all()):
            raise ReadingError("not-a-number", "Measurements are finite numbers.")
        if self.clusters is not None:
            object.__setattr__(self, "clusters", tuple(str(name) for name in self.clusters))
            if len(self.clusters) != len(self.measured):
                raise ReadingError("bad-clusters", "Each unit has one cluster.")

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.measured)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "measured": self.measured.tolist(),
            "reference": self.reference.tolist(),
            "unit": self.unit,
            "reader": self.reader,
            "clusters": None if self.clusters is None else list(self.clusters),
        }
