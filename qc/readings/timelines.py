"""Time spans that several readers marked on a recording, as lengths in whole milliseconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from qc.readings.base import IntArray, ReadingError
from qc.readings.masks import PairCount
from qc.readings.overlap_table import OverlapTable

_MS_PER_S = 1000


@dataclass(frozen=True, slots=True, eq=False)
class TimelineTable:
    """Pairs of readers' marked time.

    Parameters
    ----------
    overlaps : OverlapTable
        Sizes and intersections in milliseconds.
    """

    overlaps: OverlapTable

    def merge(self, other: "TimelineTable") -> "TimelineTable":
        """Return both together; the units of ``other`` are numbered after these."""
        return TimelineTable(self.overlaps.merge(other.overlaps))

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"overlaps": self.overlaps.as_dict()}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> "TimelineTable":
        """Return the table whose ``as_dict`` this is."""
        return cls(OverlapTable.from_dict(value["overlaps"]))


def timeline_table(
    units: Sequence[Mapping[str, Sequence[tuple[float, float]]]], *, clusters: Sequence[str] | None = None
) -> TimelineTable:
    """Compare the marked time of every two readers of every recording.

    Parameters
    ----------
    units : sequence of mapping from reader to sequence of (start, end)
        Seconds on one time base, half-open; spans of one reader may overlap and count once. A reader who looked
        and marked nothing has no spans; one who did not look is absent.
    clusters : sequence of str (units,) or None
        The cluster of each recording; None when unknown.
    """
    pairs = []
    for spans in units:
        marked = {reader: joined_ms(of_reader) for reader, of_reader in spans.items()}
        pairs.append(
            [
                PairCount(
                    first, second, _length(marked[first]), _length(marked[second]), shared_ms(marked, first, second)
                )
                for first, second in combinations(sorted(marked), 2)
            ]
        )
    return TimelineTable(OverlapTable.from_units(pairs, clusters=clusters))


def joined_ms(spans: Sequence[tuple[float, float]]) -> IntArray:
    """Return the spans (spans, 2) in whole milliseconds, ascending, those that touch or overlap joined.

    Parameters
    ----------
    spans : sequence of (start, end)
        Seconds, end not before start.
    """
    given = np.array(spans, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(given).all() or (given[:, 1] < given[:, 0]).any():
        raise ReadingError("bad-span", "A time span is two finite numbers of seconds, the end not before the start.")
    whole = np.rint(given * _MS_PER_S).astype(np.int64)
    whole = whole[np.lexsort((whole[:, 1], whole[:, 0]))]
    if not len(whole):
        return whole
    reached = np.maximum.accumulate(whole[:, 1])
    is_new = np.concatenate([[True], whole[1:, 0] > reached[:-1]])
    last = np.append(np.flatnonzero(is_new)[1:] - 1, len(whole) - 1)
    return np.column_stack([whole[is_new, 0], reached[last]])


def shared_ms(marked: Mapping[str, IntArray], first: str, second: str) -> int:
    """Return the milliseconds that two readers both marked, by a sweep over all starts and ends.

    Parameters
    ----------
    marked : mapping from reader to int64 array (spans, 2)
        As ``joined_ms`` returns them.
    first, second : str
        Two of the readers.
    """
    spans = np.concatenate([marked[first], marked[second]])
    times = spans.reshape(-1)
    steps = np.tile([1, -1], len(spans))
    order = np.argsort(times, kind="stable")
    depth = np.cumsum(steps[order])[:-1]
    return int(np.diff(times[order])[depth == 2].sum())


def _length(spans: IntArray) -> int:
    return int((spans[:, 1] - spans[:, 0]).sum())
