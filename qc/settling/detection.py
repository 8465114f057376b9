"""Whether readers found the same things: the marks of every two readers of a case, matched as settling matched them.

Of the three questions *found it, named it, drew it* this is the first. The other two are asked of the findings that two
readers share: by the questions about a finding, and by the overlap of its outlines or boxes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from qc.readings.boxes import iou
from qc.readings.instances import MatchTable

MARKS = "marks"
# The gate of panoptic quality: above it a mark has at most one partner.
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Marked:
    """One finding (or the lack of any) of one case.

    Parameters
    ----------
    case, subject : str
        Case and patient.
    marks : mapping from reader to int
        Marks of every reader who answered the question; 0 for one who did not mark this finding.
    overlaps : mapping from (first, second) to float
        Intersection over union of what two readers drew, where both drew it once.
    """

    case: str
    subject: str
    marks: Mapping[str, int]
    overlaps: Mapping[tuple[str, str], float] = field(default_factory=dict)


def marked_of(case: str, subject: str, details: Mapping[str, Any]) -> Marked | None:
    """Return what settling kept of a unit of marks; None for a unit of a question that takes none."""
    marks = details.get(MARKS)
    return None if marks is None else Marked(case, subject, marks, dict(_overlaps(details)))


def _overlaps(details: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], float]]:
    for first, second, size_first, size_second, both in details.get("pairs", []):
        union = size_first + size_second - both
        if union:
            yield (first, second), both / union
    boxes = {reader: np.array(sides) for reader, sides in details.get("boxes", {}).items()}
    for first, second in combinations(sorted(boxes), 2):
        yield (first, second), float(iou(boxes[first], boxes[second]))


def found_table(marked: Sequence[Marked], *, n_seats: int | None = None) -> MatchTable:
    """Return how many findings every two readers of a case share.

    Parameters
    ----------
    marked : sequence of Marked
        All findings of all cases; a case in which nobody found anything has one entry without marks.
    n_seats : int or None
        Only cases that so many readers answered; None for all.
    """
    return _table(_cases(marked, n_seats), threshold=0.0, is_strict=False)


def drawn_table(marked: Sequence[Marked], *, n_seats: int | None = None) -> MatchTable:
    """Return the same with only those findings shared that two readers drew with an IoU above one half."""
    return _table(_cases(marked, n_seats), threshold=HALF, is_strict=True)


def _cases(marked: Iterable[Marked], n_seats: int | None) -> list[list[Marked]]:
    by_case: dict[str, list[Marked]] = {}
    for one in marked:
        by_case.setdefault(one.case, []).append(one)
    cases = [by_case[case] for case in sorted(by_case)]
    return cases if n_seats is None else [found for found in cases if len(_readers(found)) == n_seats]


def _readers(found: Iterable[Marked]) -> list[str]:
    return sorted({reader for one in found for reader in one.marks})


def _table(cases: Sequence[Sequence[Marked]], *, threshold: float, is_strict: bool) -> MatchTable:
    rows: list[tuple[int, str, str, int, int, int, float]] = []
    for unit, found in enumerate(cases):
        counts: Counter[str] = Counter()
        for one in found:
            counts.update(one.marks)
        for first, second in combinations(_readers(found), 2):
            shared = [one for one in found if one.marks.get(first) and one.marks.get(second)]
            overlaps = [one.overlaps.get((first, second), 0.0) for one in shared]
            kept = [value for value in overlaps if value > threshold] if is_strict else overlaps
            rows.append((unit, first, second, counts[first], counts[second], len(kept), float(sum(kept))))
    columns = list(zip(*rows, strict=True)) or [()] * 7
    return MatchTable(
        n_units=len(cases),
        unit=np.array(columns[0], dtype=np.int64),
        first=columns[1],
        second=columns[2],
        n_first=np.array(columns[3], dtype=np.int64),
        n_second=np.array(columns[4], dtype=np.int64),
        matched=np.array(columns[5], dtype=np.int64),
        overlap=np.array(columns[6], dtype=np.float64),
        threshold=threshold,
        is_strict=is_strict,
        clusters=tuple(found[0].subject for found in cases),
    )
