"""Settle answers that are one box each."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from annotations.labels.base import Geometry
from qc.consensus.base import SETTLED
from qc.readings.boxes import iou
from qc.registry import METHODS
from qc.settling.base import QuestionSpec, Read
from qc.settling.codes import Settled
from qc.settling.pairwise import agreement

BOX_IOU = "box_iou"


def settle_boxes(
    question: QuestionSpec, answers: tuple[Read, ...], policy: Mapping[str, Any], geometry: Geometry | None
) -> Settled:
    """Settle boxes side by side, and compare them pair by pair."""
    boxes = {read.reader: sides_of(read.label) for read in answers}
    consensus = METHODS[policy["method"]].function(boxes, **policy.get("method_parameters", {}))
    label = None
    if consensus.outcome == SETTLED:
        label = {"kind": "box", "low": list(consensus.value[:3]), "high": list(consensus.value[3:])}
    pairs = [
        float(iou(np.array(boxes[first]), np.array(boxes[second]))) for first, second in combinations(sorted(boxes), 2)
    ]
    numbers, undefined, mean = agreement(BOX_IOU, pairs)
    return Settled(consensus, label, numbers, undefined, {"boxes": dict(sorted(boxes.items())), "agreement": mean})


def sides_of(label: Mapping[str, Any]) -> list[float]:
    """Return the six sides of a box label: low corner, then high corner, along (z, y, x) in voxels."""
    return [float(side) for side in (*label["low"], *label["high"])]
