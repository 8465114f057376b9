"""How many raters chose each category, without saying who: the anonymous form of a pattern table."""

from dataclasses import dataclass

from qc.readings.base import IntArray
from qc.readings.incidence import Incidence
from qc.readings.scale import Scale


@dataclass(frozen=True, slots=True, eq=False)
class CountTable:
    """Distinct count vectors and the number of units that have each.

    Parameters
    ----------
    scale : Scale
        The declared categories.
    vectors : int64 array (vectors, categories)
        Raters who chose each category, distinct, in lexicographic order.
    counts : int64 array (vectors,)
        Units with each vector, positive.
    incidence : Incidence or None
        Clusters × vectors; None when no cluster is known.
    """

    scale: Scale
    vectors: IntArray
    counts: IntArray
    incidence: Incidence | None

    @property
    def n_units(self) -> int:
        """Number of units."""
        return int(self.counts.sum())

    @property
    def ratings(self) -> IntArray:
        """Ratings that a unit of each vector has (vectors,)."""
        total: IntArray = self.vectors.sum(axis=1)
        return total
