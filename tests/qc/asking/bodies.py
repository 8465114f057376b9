"""One small body for each kind of reading, so that every entry of the catalogues can be asked."""

import random

from qc.readings.boxes import BoxTable
from qc.readings.groups import GroupTable
from qc.readings.instances import MatchTable
from qc.readings.landmarks import LandmarkTable
from qc.readings.number_table import NumberTable
from qc.readings.overlap_table import OverlapTable
from qc.readings.pair_table import PairTable
from qc.readings.paired import Paired
from qc.readings.pattern_table import PatternTable
from qc.readings.rankings import Rankings
from qc.readings.repeat_table import RepeatTable
from qc.readings.scored import ScoredNumbers, ScoredTable
from qc.readings.scores import ScoreTable
from qc.readings.series import Series
from qc.readings.set_table import SetTable
from qc.readings.strata import Strata
from qc.readings.timelines import TimelineTable

UNITS = [f"case {number}" for number in range(40)]
FAST = {"replicates": 50}


def read(unit, reader, answer, **more):
    return {"unit": unit, "patient": f"p{unit}", "reader": reader, "answer": answer, **more}


def codes(readers=("a", "b"), kind="nominal", n_codes=2, **more):
    chance = random.Random(7)  # noqa: S311
    names = [str(number) for number in range(1, n_codes + 1)]
    rows = []
    for unit in UNITS:
        truth = chance.choice(names)
        rows += [read(unit, one, truth if chance.random() < 0.7 else chance.choice(names)) for one in readers]
    return {"scale": {"kind": kind, "codes": names}, "reads": rows, **more}


def numbers(readers=("a", "b"), repeats=1, **more):
    chance = random.Random(7)  # noqa: S311
    rows = []
    for place, unit in enumerate(UNITS):
        for one in readers:
            for repeat in range(repeats):
                rows.append(read(unit, one, 10 + place + chance.random(), repeat=repeat))
    return {"measured_in": "mm", "reads": rows, **more}


def polygon(shift, on_slice=1):
    ring = [[2 + shift, 2], [7 + shift, 2], [7 + shift, 7], [2 + shift, 7]]
    return {"kind": "polygon", "rule": "pixel_centre", "rings": [{"slice": on_slice, "hole": False, "points": ring}]}


def regions(n_slices=4):
    on_slice = min(1, n_slices - 1)
    rows = [read(unit, reader, polygon(shift, on_slice)) for unit in UNITS for shift, reader in enumerate("abcd")]
    return {"shape": [n_slices, 12, 12], "spacing_mm": [2.0, 1.0, 0.5], "tolerance_mm": 1.0, "reads": rows}


def each(answer, readers="ab", **facts):
    """Return a body in which ``answer(place of the unit, reader)`` is what each reader says."""
    rows = [read(unit, reader, answer(place, reader)) for place, unit in enumerate(UNITS) for reader in readers]
    return {**facts, "reads": rows}


def boxes():
    return each(lambda place, reader: [[0, 0, 10, 10 + (reader == "b")], [20, 20, 30, 30]])


def sets():
    return each(lambda place, reader: ["x"] if place % 3 else ["x", "y"][: 1 + (reader == "a")], labels=["x", "y"])


def orders():
    ways = {"a": [["x"], ["y", "z"]], "b": [["x", "y"], ["z"]]}
    return each(lambda place, reader: ways[reader], choices=["x", "y", "z"])


def points():
    def answer(place, reader):
        base = None if (place, reader) == (0, "b") else [4.0, 4.0, 4.0]
        return {"apex": [1.0, 2.0, 3.0 + (reader == "b")], "base": base}

    sigmas = {"apex": 0.1, "base": 0.1}
    return each(answer, spacing_mm=[1.0, 0.5, 0.5], sigmas=sigmas, areas_mm2=dict.fromkeys(UNITS, 50.0))


def spans():
    return each(lambda place, reader: [[0.0, 5.0 + (reader == "b")], [7.0, 8.0]])


def scores():
    def answer(place, reader):
        return place % 2 == 0 if reader == "reference" else 0.1 * place + (reader == "b")

    return each(answer, readers=("a", "b", "reference"))


def series(answer=lambda place: float(place % 4 == 0)):
    rows = [{"unit": f"{place}", "reader": "a", "answer": answer(place)} for place in range(60)]
    return {"reads": rows}


def by_unit(rows):
    return [{**row, "stratum": "north" if UNITS.index(row["unit"]) % 2 else "south"} for row in rows]


def body_for(accepts, scales=frozenset(), readers=("a", "b")):
    """Return a body for a reading type, on a scale that is allowed."""
    if accepts in (PatternTable, ScoredTable, Strata, Paired):
        return _coded(accepts, scales, readers)
    made = {
        SetTable: sets,
        Rankings: orders,
        NumberTable: numbers,
        RepeatTable: lambda: numbers(repeats=2),
        OverlapTable: regions,
        PairTable: regions,
        BoxTable: boxes,
        MatchTable: boxes,
        LandmarkTable: points,
        TimelineTable: spans,
        ScoredNumbers: lambda: numbers(readers=("a", "reference")),
        Series: series,
        GroupTable: lambda: {"reads": by_unit(numbers(readers=("a",))["reads"])},
        ScoreTable: scores,
    }
    return made[accepts]()


def _coded(accepts, scales, readers):
    kind = "ordinal" if "nominal" not in scales and "ordinal" in scales else "nominal"
    kind = kind if kind in scales or not scales else sorted(scales)[0]
    if accepts is PatternTable:
        return codes(readers=readers, kind=kind)
    if accepts is ScoredTable:
        return codes(readers=("a", "reference"), kind=kind, n_codes=2 if kind == "nominal" else 3)
    if accepts is Paired:
        return codes(readers=("a", "b", "a+", "b+"), before=["a", "b"], after=["a+", "b+"])
    body = codes()
    return {**body, "reads": by_unit(body["reads"])}
