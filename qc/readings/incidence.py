"""Which cluster (patient) holds how many units of which pattern, as sorted sparse entries."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.readings._kernel import distinct_rows
from qc.readings.base import AnyArray, BoolArray, FloatArray, IntArray, ReadingError, frozen


@dataclass(frozen=True, slots=True, eq=False)
class Incidence:
    """A sparse matrix (clusters, patterns) of unit counts, in canonical order.

    Parameters
    ----------
    names : tuple of str
        Clusters, sorted; each holds at least one unit.
    cluster, pattern, count : int64 array (entries,)
        Index into ``names``, index of the pattern, units; sorted by cluster, then pattern.
    """

    names: tuple[str, ...]
    cluster: IntArray
    pattern: IntArray
    count: IntArray

    @classmethod
    def build(cls, names: Sequence[str], cluster: IntArray, pattern: IntArray, count: IntArray) -> "Incidence":
        """Return the canonical form: equal entries added, empty clusters left out, names sorted.

        Parameters
        ----------
        names : sequence of str
            Distinct names, in any order.
        cluster, pattern, count : int64 array (entries,)
            Entries in any order, repeated or not, counts positive.
        """
        used = sorted(np.flatnonzero(np.bincount(cluster)).tolist(), key=lambda index: names[index])
        place = np.zeros(len(names), dtype=np.int64)
        place[used] = np.arange(len(used))
        return cls(tuple(names[index] for index in used), *_joined(place[cluster], pattern, count))

    def mapped(self, place: IntArray) -> "Incidence":
        """Return the incidence after patterns were merged: pattern p is now pattern ``place[p]``."""
        return Incidence(self.names, *_joined(self.cluster, place[self.pattern], self.count))

    def kept(self, keep: BoolArray) -> "Incidence":
        """Return the incidence of the patterns marked in ``keep`` (patterns,), numbered anew."""
        chosen = keep[self.pattern]
        place = np.cumsum(keep) - 1
        return Incidence.build(
            self.names, self.cluster[chosen], place[self.pattern[chosen]].astype(np.int64), self.count[chosen]
        )

    def profiles(self, features: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return the sums of ``features`` in each distinct kind of cluster, and how many clusters are of it.

        Parameters
        ----------
        features : float64 array (patterns, features)
            What a unit of each pattern contributes.

        Returns
        -------
        sums : float64 array (profiles, features)
        multiplicity : int64 array (profiles,)
            Sums to the number of clusters. Two clusters are of one kind when they hold the same counts
            of the same patterns, so that resampling kinds is resampling clusters.
        """
        starts = np.searchsorted(self.cluster, np.arange(len(self.names)))
        lengths = np.diff(np.append(starts, len(self.cluster)))
        blocks, multiplicity = [np.zeros((0, features.shape[1]))], [np.zeros(0, dtype=np.int64)]
        for length in np.unique(lengths):
            entries = starts[lengths == length][:, None] + np.arange(length)
            kinds, inverse = distinct_rows(np.hstack([self.pattern[entries], self.count[entries]]))
            pattern, count = kinds[:, :length], kinds[:, length:]
            blocks.append(np.einsum("ke,kef->kf", count.astype(np.float64), features[pattern]))
            multiplicity.append(np.bincount(inverse, minlength=len(kinds)))
        return np.vstack(blocks), np.concatenate(multiplicity)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "names": list(self.names),
            "cluster": self.cluster.tolist(),
            "pattern": self.pattern.tolist(),
            "count": self.count.tolist(),
        }


def _joined(cluster: IntArray, pattern: IntArray, count: IntArray) -> tuple[AnyArray, AnyArray, AnyArray]:
    """Return the entries sorted by cluster, then pattern, counts of equal ones added."""
    entries, inverse = distinct_rows(np.column_stack([cluster, pattern]).astype(np.int64))
    total = np.zeros(len(entries), dtype=np.int64)
    np.add.at(total, inverse, count)
    return frozen(entries[:, 0], np.int64), frozen(entries[:, 1], np.int64), frozen(total, np.int64)


def numbered(clusters: Sequence[Hashable]) -> tuple[list[str], IntArray]:
    """Return the distinct names of clusters as text, and the number of each unit's cluster.

    Parameters
    ----------
    clusters : sequence (units,)
        One name a unit; text or whole numbers, none missing.
    """
    numbers: dict[Hashable, int] = {}
    index = np.fromiter((numbers.setdefault(name, len(numbers)) for name in clusters), np.int64, len(clusters))
    names = [str(name) for name in numbers]
    if None in numbers:
        raise ReadingError("cluster-missing", "Each unit names its cluster, or the reading has no clusters at all.")
    if len(set(names)) != len(names):
        raise ReadingError("cluster-ambiguous", "Two clusters have the same name when written as text.")
    return names, index
