"""Settle answers that are named points, in the millimetres of the image."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from annotations.labels.base import Geometry
from qc.agreement.base import NO_OVERLAP, NO_SPACING, TOO_FEW
from qc.consensus.base import INSUFFICIENT, SETTLED, TIE, Consensus
from qc.registry import METHODS
from qc.settling.base import QuestionSpec, Read
from qc.settling.codes import Settled

DISTANCE = "landmark_distance"
WORST = "landmark_distance_max"

# Reader → code of a point → place along (z, y, x) in voxels; None where it cannot be seen.
Points = Mapping[str, Mapping[str, list[float] | None]]


def settle_points(
    question: QuestionSpec, answers: tuple[Read, ...], policy: Mapping[str, Any], geometry: Geometry | None
) -> Settled:
    """Settle each point by itself: first whether it can be seen, by strict majority, then where it is.

    The unit is settled when every point is: half of the readers who see a point and half who do not is a tie.
    """
    points: dict[str, dict[str, list[float] | None]] = {
        read.reader: {
            str(code): at if at is None else list(map(float, at)) for code, at in read.label["points"].items()
        }
        for read in answers
    }
    spacing = geometry.spacing_mm if geometry is not None else None
    details = {"points": dict(sorted(points.items())), "spacing_mm": spacing and list(spacing)}
    if spacing is None:
        # Intake refuses points without a spacing; an image that lost its spacing afterwards settles nothing.
        nothing = Consensus(INSUFFICIENT, None, None, {}, tuple(sorted(points)), {}, {"reason": NO_SPACING})
        return Settled(nothing, None, {}, dict.fromkeys((DISTANCE, WORST), NO_SPACING), details)
    consensus = consensus_of(question, points, policy, spacing)
    label = {"kind": "landmarks", "points": dict(consensus.value)} if consensus.outcome == SETTLED else None
    numbers, undefined = distances(points, spacing)
    return Settled(consensus, label, numbers, undefined, {**details, "consensus": dict(consensus.details)})


def consensus_of(
    question: QuestionSpec, points: Points, policy: Mapping[str, Any], spacing_mm: tuple[float, float, float]
) -> Consensus:
    """Return the consensus of all points together; its value maps each code to a place in voxels or to None."""
    parameters = dict(policy.get("method_parameters", {}))
    steps = np.array(spacing_mm)
    value: dict[str, list[float] | None] = {}
    learned: dict[str, Any] = {}
    shares: list[float] = []
    outcome = SETTLED if len(points) >= int(parameters.get("minimum", 2)) else INSUFFICIENT
    for entry in question.definition["points"] if outcome == SETTLED else ():
        code = str(entry["code"])
        seen = {reader: (np.array(of[code]) * steps).tolist() for reader, of in points.items() if of.get(code)}
        shares.append(max(len(seen), len(points) - len(seen)) / len(points))
        if 2 * len(seen) < len(points):
            value[code] = None
            continue
        if 2 * len(seen) == len(points):
            outcome, learned[code] = TIE, {"n_seen": len(seen), "n_readers": len(points)}
            continue
        one = METHODS[policy["method"]].function(seen, **parameters)
        learned[code] = dict(one.details)
        if one.outcome == SETTLED:
            value[code] = (np.array(one.value) / steps).tolist()
        elif outcome == SETTLED:
            outcome = one.outcome
    settled = value if outcome == SETTLED else None
    support = min(shares, default=None) if outcome == SETTLED else None
    return Consensus(outcome, settled, support, {}, tuple(sorted(points)), parameters, learned)


def distances(points: Points, spacing_mm: tuple[float, float, float]) -> tuple[dict[str, float], dict[str, str]]:
    """Return mean and greatest distance in mm between two readers' places of one point; only points both see."""
    if len(points) < 2:
        return {}, dict.fromkeys((DISTANCE, WORST), TOO_FEW)
    steps = np.array(spacing_mm)
    found = []
    for first, second in combinations(sorted(points), 2):
        for code in sorted(points[first]):
            one, other = points[first][code], points[second].get(code)
            if one is not None and other is not None:
                found.append(float(np.linalg.norm((np.array(one) - np.array(other)) * steps)))
    if not found:
        return {}, dict.fromkeys((DISTANCE, WORST), NO_OVERLAP)
    return {DISTANCE: float(np.mean(found)), WORST: max(found)}, {}
