"""Matching the marks of two readers, one to one: which did both find, did they name them alike, draw them alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

import numpy as np
from scipy.optimize import linear_sum_assignment

from qc.readings._pair_rows import PairRows
from qc.readings.base import AnyArray, FloatArray, IntArray, ReadingError

# Marks of two readers → overlap (marks of the first, marks of the second), each between 0 and 1.
Overlap = Callable[[Any, Any], FloatArray]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MatchTable(PairRows):
    """One row per pair of readers of one image: how many marks each has and how many match.

    Parameters
    ----------
    n_first, n_second, matched : int64 array (rows,)
        Marks of either reader and marks matched.
    overlap : float64 array (rows,)
        Sum of the overlaps of the matched marks.
    threshold : float
        Least overlap at which two marks are one thing.
    is_strict : bool
        Whether the overlap must exceed the threshold.
    """

    COLUMNS: ClassVar[Mapping[str, type]] = {
        "n_first": np.int64,
        "n_second": np.int64,
        "matched": np.int64,
        "overlap": np.float64,
    }

    n_first: IntArray
    n_second: IntArray
    matched: IntArray
    overlap: FloatArray
    threshold: float
    is_strict: bool


@dataclass(frozen=True, slots=True)
class Questions:
    """What two readers say of the marks of one image.

    Parameters
    ----------
    n_first, n_second : int
        Marks of either reader.
    found : tuple of (int, int)
        Marks that both found: positions in the first and in the second reader's list.
    named : tuple of (str, str)
        The names that the two gave to each of these.
    drawn : tuple of float
        The overlap of each of these.
    """

    n_first: int
    n_second: int
    found: tuple[tuple[int, int], ...]
    named: tuple[tuple[str, str], ...]
    drawn: tuple[float, ...]

    @property
    def found_f1(self) -> float:
        """Found it: 2 matched / (marks of the first + marks of the second); 1 where neither marked anything."""
        total = self.n_first + self.n_second
        return 2 * len(self.found) / total if total else 1.0

    @property
    def named_alike(self) -> float | None:
        """Named it: share of equal names among what both found; None where they found nothing in common."""
        return sum(first == second for first, second in self.named) / len(self.named) if self.named else None

    @property
    def drawn_alike(self) -> float | None:
        """Drew it: mean overlap of what both found; None where they found nothing in common."""
        return sum(self.drawn) / len(self.drawn) if self.drawn else None


def match(overlap: FloatArray, *, threshold: float, is_strict: bool = False) -> tuple[tuple[int, int], ...]:
    """Return the one-to-one matching with the most pairs, and among those the greatest sum of overlaps.

    Parameters
    ----------
    overlap : float64 array (marks of the first, marks of the second)
        Between 0 and 1.
    threshold : float
        Pairs below it cannot match; 0 admits every pair that overlaps at all.
    is_strict : bool
        Whether a pair at the threshold cannot match either.

    Returns
    -------
    tuple of (int, int)
        Ascending. Exchanging the readers gives the same pairs, exchanged, also where two matchings are equally
        good.

    References
    ----------
    Kuhn HW. The Hungarian method for the assignment problem. Nav Res Logist Q 2:83-97, 1955.
    doi:10.1002/nav.3800020109
    """
    if overlap.ndim != 2 or not np.isfinite(overlap).all() or (overlap < 0).any() or (overlap > 1 + 1e-9).any():
        raise ReadingError("bad-overlap", "Overlaps are a table of numbers between 0 and 1.")
    if not overlap.size:
        return ()
    is_turned = (overlap.shape[::-1], overlap.T.tobytes()) < (overlap.shape, overlap.tobytes())
    table = overlap.T if is_turned else overlap
    allowed = (table > threshold) if is_strict else (table >= threshold) & (table > 0)
    # One more pair is worth more than all overlaps together.
    worth = np.where(allowed, min(table.shape) + 1 + table, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    pairs = [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if allowed[row, column]]
    return tuple(sorted((column, row) if is_turned else (row, column) for row, column in pairs))


def match_units(
    units: Sequence[Mapping[str, Any]],
    overlap: Overlap,
    *,
    threshold: float,
    is_strict: bool = False,
    clusters: Sequence[str] | None = None,
) -> MatchTable:
    """Match the marks of every two readers of every image.

    Parameters
    ----------
    units : sequence of mapping from reader to marks
        One mapping an image; a reader who looked and found nothing has no marks (length 0), one who did not
        look is absent.
    overlap : callable
        Marks of two readers → float64 array (marks of the first, marks of the second).
    threshold, is_strict : float, bool
        As in ``match``.
    clusters : sequence of str (units,) or None
        The cluster of each image; None when unknown.
    """
    rows: list[tuple[int, str, str, int, int, int, float]] = []
    for number, marks in enumerate(units):
        for first, second in combinations(sorted(marks), 2):
            table = overlap(marks[first], marks[second])
            pairs = match(table, threshold=threshold, is_strict=is_strict)
            shared = float(sum(table[pair] for pair in pairs))
            rows.append((number, first, second, table.shape[0], table.shape[1], len(pairs), shared))
    columns = list(zip(*rows, strict=True)) or [()] * 7
    return MatchTable(
        n_units=len(units),
        unit=np.array(columns[0], dtype=np.int64),
        first=columns[1],
        second=columns[2],
        n_first=np.array(columns[3], dtype=np.int64),
        n_second=np.array(columns[4], dtype=np.int64),
        matched=np.array(columns[5], dtype=np.int64),
        overlap=np.array(columns[6], dtype=np.float64),
        threshold=threshold,
        is_strict=is_strict,
        clusters=None if clusters is None else tuple(clusters),
    )


def three_questions(overlap: FloatArray, first: Sequence[str], second: Sequence[str], *, threshold: float) -> Questions:
    """Say what two readers found, named and drew alike in one image.

    Parameters
    ----------
    overlap : float64 array (marks of the first, marks of the second)
        Between 0 and 1; names play no part in the matching, so that a wrong name is no missed mark.
    first, second : sequence of str
        The name that each reader gave to each mark.
    threshold : float
        As in ``match``.
    """
    if overlap.shape != (len(first), len(second)):
        raise ReadingError("bad-shape", "Each mark has one name and one row or column of overlaps.")
    found = match(overlap, threshold=threshold)
    named = tuple((first[row], second[column]) for row, column in found)
    return Questions(len(first), len(second), found, named, tuple(float(overlap[pair]) for pair in found))


def label_overlap(first: AnyArray, second: AnyArray) -> FloatArray:
    """Return the IoU of every two instances of two label maps, instances in the order of their numbers.

    Parameters
    ----------
    first, second : int array (axes…)
        One shape; 0 is background, every other number one instance.
    """
    if first.shape != second.shape:
        raise ReadingError("shape-differs", "Label maps that are compared have one shape.")
    names_first, place_first = np.unique(first, return_inverse=True)
    names_second, place_second = np.unique(second, return_inverse=True)
    counts = np.bincount(
        place_first.reshape(-1) * len(names_second) + place_second.reshape(-1),
        minlength=len(names_first) * len(names_second),
    ).reshape(len(names_first), len(names_second))
    union = counts.sum(axis=1)[:, None] + counts.sum(axis=0)[None, :] - counts
    shares: FloatArray = counts / np.maximum(union, 1)
    return shares[np.ix_(names_first != 0, names_second != 0)]
