"""Confidence scores of several readers on cases whose truth is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.readings.base import BoolArray, FloatArray, ReadingError, frozen


@dataclass(frozen=True, slots=True, eq=False)
class ScoreTable:
    """Scores of units that every one of the named readers (or models, or modalities) scored.

    Parameters
    ----------
    names : tuple of str
        Who or what gave each column of scores, distinct.
    truth : bool array (units,)
        Whether the unit is positive.
    scores : float64 array (units, names)
        Finite; higher means more surely positive.
    clusters : tuple of str (units,) or None
        The patient of each unit; None when unknown.
    """

    names: tuple[str, ...]
    truth: BoolArray
    scores: FloatArray
    clusters: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Freeze the arrays and refuse what does not belong together."""
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "truth", frozen(self.truth, np.bool_))
        if len(set(self.names)) != len(self.names) or not self.names:
            raise ReadingError("raters-not-distinct", "Each column of scores has a name of its own.")
        object.__setattr__(self, "scores", frozen(np.reshape(self.scores, (-1, len(self.names))), np.float64))
        if self.truth.shape != (len(self.scores),):
            raise ReadingError("bad-shape", f"Truth has one value for each of {len(self.scores)} units.")
        if not np.isfinite(self.scores).all():
            raise ReadingError("not-a-number", "Scores are finite numbers.")
        if self.clusters is not None:
            object.__setattr__(self, "clusters", tuple(str(name) for name in self.clusters))
            if len(self.clusters) != len(self.scores):
                raise ReadingError("bad-clusters", "Each unit has one cluster.")

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.scores)

    def select(self, names: Sequence[str]) -> "ScoreTable":
        """Return some of the columns."""
        columns = [self.names.index(name) for name in names]
        return ScoreTable(tuple(names), self.truth, self.scores[:, columns], self.clusters)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "names": list(self.names),
            "truth": self.truth.tolist(),
            "scores": self.scores.tolist(),
            "clusters": None if self.clusters is None else list(self.clusters),
        }
