"""A release with regions of every sort, details of findings, an open case, and hostile keys."""

from dataclasses import replace

import numpy as np

from annotations.labels import _runs
from annotations.labels.base import Geometry
from tests.reports.exporters.bundles import bundle, question, record

GRID = Geometry((1, 8, 10), (2.5, 0.7, 0.6))
DEEP = Geometry((3, 8, 10), (2.5, 0.7, 0.6))
HOSTILE = "../../etc/=cmd|'x\"<&>\u202eß漢"

SQUARE = ((1.0, 1.0), (5.0, 1.0), (5.0, 4.0), (1.0, 4.0))
CODES = {"codes": [{"code": "benign"}, {"code": "malignant"}]}


def mask_of(array):
    return {"kind": "mask", "shape": list(array.shape), "runs": _runs.encode(array)}


def ring(points=SQUARE, index=0, hole=False):
    return {"slice": index, "hole": hole, "points": [list(point) for point in points]}


def polygon(*rings, rule="pixel_centre"):
    return {"kind": "polygon", "rule": rule, "rings": list(rings) or [ring()]}


def block(shape, *boxes):
    """A mask with boxes (z, y0, y1, x0, x1) filled."""
    array = np.zeros(shape, dtype=bool)
    for z, y0, y1, x0, x1 in boxes:
        array[z, y0:y1, x0:x1] = True
    return array


L_SHAPE = block((1, 8, 10), (0, 2, 6, 3, 5), (0, 5, 7, 3, 9))
TWO_PARTS = block((1, 8, 10), (0, 0, 2, 0, 2), (0, 5, 7, 6, 9))
VOLUME = block((3, 8, 10), (0, 1, 3, 1, 4), (2, 2, 7, 2, 9))


def about(code, kind, target="lesion", definition=None, scale="nominal"):
    return {**question(code, kind, scale), "about": target, "definition": definition or {}}


LESION = {**question("lesion", "mask", "none"), "definition": {"many": True}}
TYPE = about("type", "category", definition=CODES)
GRADE = about("grade", "grade", scale="ordinal")
SIZE = about("size", "measurement", scale="ratio")
QUALITY = question("quality")
QUESTIONS = [LESION, TYPE, GRADE, SIZE, QUALITY]


def region(case, finding, label, **changes):
    return record(case, "lesion", label, **{"kind": "mask", "finding": finding, "number": 1, **changes})


def detail(case, finding, code, label):
    return record(case, code, label, finding=finding, number=1)


RECORDS = [
    region("c1", "f1", polygon()),
    region("c1", "f2", mask_of(L_SHAPE)),
    detail("c1", "f1", "type", {"kind": "category", "code": "malignant"}),
    detail("c1", "f1", "grade", {"kind": "grade", "level": "4"}),
    detail("c1", "f1", "size", {"kind": "measurement", "number": 4.5, "unit": "mm"}),
    detail("c1", "f2", "type", None),
    record("c1", "quality", {"kind": "category", "code": "good"}),
    region("c2", "", {"kind": "nothing_found"}),
    record("c2", "quality", {"kind": "nothing_found"}),
    region("c3", "f1", mask_of(L_SHAPE)),
    region("c3", "f2", None),
    region("deep", "f1", mask_of(VOLUME)),
    region("deep", "f2", polygon(ring(index=0), ring(((2, 2), (3, 2), (3, 3), (2, 3)), hole=True))),
    region(HOSTILE, "f1", mask_of(TWO_PARTS)),
]
GRIDS = {"c1": GRID, "c2": GRID, "c3": GRID, "deep": DEEP, HOSTILE: GRID}


STRAIGHT = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


def release(records=RECORDS, questions=QUESTIONS, grids=GRIDS):
    places = {case: {"origin_mm": [-5.0, 8.0, 13.5], "direction": STRAIGHT, "slices": None} for case in grids}
    return replace(bundle(records, questions), cases=grids, places=places)


def many(count):
    """A release of ``count`` regions, ten a case."""
    grids = {f"case-{number}": GRID for number in range(count // 10)}
    label = mask_of(L_SHAPE)
    records = [region(case, f"f{number}", label) for case in grids for number in range(10)]
    return release(records, [LESION], grids)
