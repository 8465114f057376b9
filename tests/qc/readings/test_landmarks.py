import math

import numpy as np
import pytest

from qc.agreement.landmark_distance import landmark_distance
from qc.agreement.oks import oks
from qc.readings.base import ReadingError
from qc.readings.landmarks import Objects, landmark_table


def units():
    return [
        {
            "ada": {"nasion": (10, 10), "sella": (0, 0)},
            "ben": {"nasion": (10, 14), "sella": None},
            "cleo": {"nasion": (13, 10)},
        },
        {"ada": {"nasion": (1, 1)}, "ben": {"nasion": (1, 2)}},
    ]


SPACINGS = [(1.0, 0.5), (3.0, 2.0)]


def test_distances_in_millimetres():
    found = landmark_distance(landmark_table(units(), SPACINGS, clusters=["p", "q"]))
    # nasion: 2 mm, 3 mm and √13 mm in the first image, 2 mm in the second; sella was set by ada alone, twice.
    distances = [2.0, 3.0, math.sqrt(13), 2.0]
    values = {part: one.value for part, one in found.items()}
    assert values["mean"] == pytest.approx(np.mean(distances))
    assert values["median"] == 2.5
    assert values["max"] == pytest.approx(math.sqrt(13))
    assert [values[f"within_{limit}_mm"] for limit in ("2", "2.5", "3", "4")] == [0.5, 0.5, 0.75, 1.0]
    assert values["visibility_differs"] == pytest.approx(2 / 6)
    assert {part for part, one in found.items() if one.unit == "mm"} == {"mean", "median", "max"}
    assert (found["max"].low, found["max"].interval_undefined) == (None, "degenerate")


def test_points_that_only_one_reader_set_are_no_distance():
    found = landmark_distance(landmark_table([{"ada": {"sella": (0, 0)}, "ben": {"sella": None}}], SPACINGS[:1]))
    assert {found[part].undefined for part in ("mean", "median", "max", "within_2_mm")} == {"no_overlap"}
    assert found["visibility_differs"].value == 1


def test_points_that_nobody_set_are_no_rows():
    table = landmark_table([{"ada": {"sella": None}, "ben": {}}], SPACINGS[:1])
    assert len(table.unit) == 0
    assert landmark_distance(table)["mean"].undefined == "no_overlap"


def test_similarity_without_a_scale_was_not_measured():
    assert oks(landmark_table(units(), SPACINGS)).undefined == "not_measured"
    scaled = landmark_table(units()[1:], SPACINGS[1:], objects=Objects((100.0,), {"nasion": 0.1}))
    assert oks(scaled).value == pytest.approx(math.exp(-(2.0**2) / (2 * 100 * 0.2**2)))


@pytest.mark.parametrize(
    ("points", "spacings"),
    [
        ([{"ada": {"n": (1, 2, 3)}, "ben": {"n": (1, 2)}}], [(1, 1)]),
        ([{"ada": {"n": (1, math.nan)}, "ben": {"n": (1, 2)}}], [(1, 1)]),
        ([{"ada": {"n": (1, 1)}, "ben": {"n": (1, 2)}}], [(0, 1)]),
        ([{"ada": {"n": (1, 1)}, "ben": {"n": (1, 2)}}], []),
    ],
)
def test_what_is_no_point_is_refused(points, spacings):
    with pytest.raises(ReadingError):
        landmark_table(points, spacings)
