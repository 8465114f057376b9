"""The same small matrices of ratings as boxes, landmarks, marked time and matched marks."""

import numpy as np

from qc.readings.boxes import BoxTable, iou_table, match_boxes
from qc.readings.instances import MatchTable, match_units
from qc.readings.landmarks import LandmarkTable, Objects, landmark_table
from qc.readings.timelines import TimelineTable, timeline_table

RATERS = "abcd"


def by_reader(ratings, thing):
    return [{name: thing(int(code)) for name, code in zip(RATERS, row, strict=False) if code >= 0} for row in ratings]


def box(code):
    return np.array([[0.0, 0.0, 4.0 + code, 6.0]])


def marks(code):
    """Return none, one or two boxes: the code is the number of things found."""
    return np.array([[9.0 * number, 0.0, 9.0 * number + 4.0, 4.0] for number in range(code)]).reshape(-1, 4)


def points(code):
    return {"nasion": (3.0 * code, 1.0), "sella": None if code == 0 else (8.0, 8.0 + code)}


def box_table(ratings, clusters):
    return match_boxes(by_reader(ratings, box), threshold=0.0, clusters=clusters)


def match_table(ratings, clusters):
    units = by_reader(ratings, marks)
    return match_units(units, iou_table, threshold=0.5, is_strict=True, clusters=clusters)


def landmarks(ratings, clusters):
    spacings = [(0.5, 2.0)] * len(ratings)
    objects = Objects((400.0,) * len(ratings), {"nasion": 0.05, "sella": 0.1})
    return landmark_table(by_reader(ratings, points), spacings, objects=objects, clusters=clusters)


def timelines(ratings, clusters):
    return timeline_table(by_reader(ratings, lambda code: [(0.0, code / 2)] if code else []), clusters=clusters)


MAKERS = {BoxTable: box_table, MatchTable: match_table, LandmarkTable: landmarks, TimelineTable: timelines}
