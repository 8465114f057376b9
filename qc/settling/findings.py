"""Marks of several readers to findings: outlines in millimetres, matched, numbered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from annotations.labels.base import Geometry
from annotations.labels.mask import Mask
from annotations.labels.polygon import Polygon
from qc.readings.findings import MarkOutline, Points, finding_key, match_boxes, match_outlines
from qc.settling.base import CaseReads, Finding, QuestionSpec, Read
from qc.settling.boxes import sides_of
from qc.settling.spatial import shape_of

SLICE_THICKNESS = "slice_thickness"


def outline_voxels(label: Polygon | Mask) -> Points:
    """Return the outline of a mark as (n, 3) points along (z, y, x), in voxels."""
    if isinstance(label, Polygon):
        rings = [
            np.column_stack(
                [
                    np.full(len(ring.points), float(ring.slice)),
                    np.asarray(ring.points, dtype=np.float64)[:, 1],
                    np.asarray(ring.points, dtype=np.float64)[:, 0],
                ]
            )
            for ring in label.rings
        ]
        return np.concatenate(rings)
    return np.argwhere(label.array()).astype(np.float64)


def tolerance_mm(reads: CaseReads, document: Mapping[str, Any]) -> float:
    """Return the matching tolerance of the case in millimetres.

    ``slice_thickness`` is that of the case, or its slice spacing where the thickness is not recorded.
    """
    wanted = document["matching"]["tolerance_mm"]
    if wanted != SLICE_THICKNESS:
        return float(wanted)
    if reads.slice_thickness_mm is not None:
        return reads.slice_thickness_mm
    if reads.geometry is None or reads.geometry.spacing_mm is None:
        raise ValueError("Matching in millimetres needs the spacing of the case.")
    return reads.geometry.spacing_mm[0]


def match_findings(reads: CaseReads, question: QuestionSpec, document: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Match the marks of one question across readers and number them from the first slice on.

    Outlines are one finding when they come within the document's tolerance, boxes when they overlap by the
    question's ``match_iou``.
    """
    marks = [read for read in reads.of(question.code) if read.mark]
    if not marks:
        return ()
    if question.kind == "box":
        sides = np.array([sides_of(read.label) for read in marks])
        voxels = [(box[:3] + box[3:])[None, :] / 2 for box in sides]
        groups = match_boxes(sides, least_iou=float(document["questions"][question.code]["match_iou"]))
    else:
        voxels = [outline_voxels(shape_of(read.label)) for read in marks]
        groups = outline_groups(reads, marks, voxels, document)
    centres = [np.concatenate([voxels[place] for place in group]).mean(axis=0) for group in groups]
    order = sorted(range(len(groups)), key=lambda place: tuple(centres[place]))
    return tuple(
        finding_of([marks[place] for place in groups[index]], number, tuple(map(float, centres[index])))
        for number, index in enumerate(order, start=1)
    )


def outline_groups(
    reads: CaseReads, marks: Sequence[Read], voxels: Sequence[Points], document: Mapping[str, Any]
) -> tuple[tuple[int, ...], ...]:
    """Return the marks that are one finding, by the distance of their outlines in millimetres."""
    spacing = spacing_of(reads.geometry)
    outlines = [
        MarkOutline(reader=read.reader, points_mm=points * spacing) for read, points in zip(marks, voxels, strict=True)
    ]
    return match_outlines(outlines, tolerance_mm=tolerance_mm(reads, document), max_marks=max(len(reads.readers), 1))


def finding_of(marks: Sequence[Read], number: int, centre: tuple[float, ...]) -> Finding:
    """Return the finding that these marks make."""
    most = max(Counter(read.reader for read in marks).values())
    z, y, x = centre
    return Finding(
        key=finding_key((read.reader, read.mark) for read in marks),
        number=number,
        reads=tuple(sorted(marks, key=lambda read: (read.reader, read.mark))),
        centre=(z, y, x),
        is_split=most > 1,
    )


def spacing_of(geometry: Geometry | None) -> tuple[float, float, float]:
    """Return the spacing of the grid; ValueError without, for millimetres are never guessed from pixels."""
    if geometry is None or geometry.spacing_mm is None:
        raise ValueError("Matching in millimetres needs the spacing of the case.")
    return geometry.spacing_mm
