"""Marks of one thing become one finding; two things never do while the tolerance can part them."""

import hashlib
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.readings.findings import MarkOutline, finding_key, least_distances, match_outlines


def ring(x: float, y: float = 0.0, z: float = 0.0, radius: float = 1.0, n: int = 32) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle), np.full(n, z)])


def marks(*outlines: np.ndarray) -> list[MarkOutline]:
    return [MarkOutline(f"r{number}", points) for number, points in enumerate(outlines)]


def test_near_joins_far_does_not():
    # Gaps between the rings: 0.5 mm and 5.5 mm.
    case = marks(ring(0), ring(2.5), ring(10))
    assert match_outlines(case, tolerance_mm=0.5) == ((0, 1), (2,))
    assert match_outlines(case, tolerance_mm=0.49) == ((0,), (1,), (2,))
    assert match_outlines(case, tolerance_mm=5.5) == ((0, 1, 2),)


def test_distance_is_in_all_three_axes():
    case = marks(ring(0, z=0), ring(0, z=3))
    assert match_outlines(case, tolerance_mm=3.0) == ((0, 1),)
    assert match_outlines(case, tolerance_mm=2.9) == ((0,), (1,))


def test_neighbours_of_neighbours_belong_together():
    assert match_outlines(marks(ring(0), ring(2.5), ring(5)), tolerance_mm=1.0) == ((0, 1, 2),)


def test_a_finding_that_is_too_large_shrinks_the_tolerance_of_the_whole_case():
    # Two groups 0.85 apart, and far away a pair 0.83 apart that only the shrinking of the whole case parts.
    case = marks(ring(0), ring(0.1), ring(0.2), ring(3.05), ring(3.15), ring(50), ring(52.83))
    assert match_outlines(case, tolerance_mm=1.0, max_marks=5) == ((0, 1, 2, 3, 4), (5, 6))
    assert match_outlines(case, tolerance_mm=1.0, max_marks=4) == ((0, 1, 2), (3, 4), (5,), (6,))


def test_what_cannot_be_parted_stays_together():
    same = [ring(0)] * 5
    assert match_outlines(marks(*same), tolerance_mm=1.0) == ((0, 1, 2, 3, 4),)


def test_the_tolerance_stops_shrinking_at_its_least_factor():
    """Five rings 0.3 mm apart: a tenth of 1 mm parts them, a half does not."""
    case = marks(*(ring(2.3 * place) for place in range(5)))
    assert match_outlines(case, tolerance_mm=1.0, least_factor=0.5) == ((0, 1, 2, 3, 4),)
    assert match_outlines(case, tolerance_mm=1.0, least_factor=0.1) == ((0,), (1,), (2,), (3,), (4,))


def test_no_mark_no_finding():
    assert match_outlines([], tolerance_mm=1.0) == ()


@pytest.mark.parametrize(
    ("points", "parameters", "message"),
    [
        (np.zeros((0, 3)), {}, "at least one point"),
        (np.zeros((4, 2)), {}, r"\(n, 3\)"),
        (np.array([[0.0, np.nan, 0.0]]), {}, "finite"),
        (np.zeros((1, 3)), {"tolerance_mm": 0.0}, "tolerance_mm"),
        (np.zeros((1, 3)), {"tolerance_mm": float("inf")}, "tolerance_mm"),
        (np.zeros((1, 3)), {"max_marks": 0}, "max_marks"),
        (np.zeros((1, 3)), {"shrink": 1.0}, "shrink"),
        (np.zeros((1, 3)), {"least_factor": 0.0}, "least_factor"),
    ],
)
def test_what_is_refused(points, parameters, message):
    with pytest.raises(ValueError, match=message):
        match_outlines([MarkOutline("a", points)], **{"tolerance_mm": 1.0, **parameters})


OUTLINES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6), st.integers(1, 3)), min_size=1, max_size=7)


@settings(max_examples=40)
@given(OUTLINES, st.sampled_from([0.5, 2.0, 5.0]), st.randoms(use_true_random=False))
def test_a_partition_that_ignores_the_order_of_marks(places, tolerance_mm, shuffler: random.Random):
    case = [MarkOutline("r", ring(x / 2, z=z, radius=radius)) for x, z, radius in places]
    findings = match_outlines(case, tolerance_mm=tolerance_mm, max_marks=3)
    assert sorted(position for finding in findings for position in finding) == list(range(len(case)))
    order = list(range(len(case)))
    shuffler.shuffle(order)
    again = match_outlines([case[position] for position in order], tolerance_mm=tolerance_mm, max_marks=3)
    assert {frozenset(order[position] for position in finding) for finding in again} == set(map(frozenset, findings))


@pytest.mark.parametrize("n_points", [20, 400])
def test_least_distances_are_those_of_all_pairs_of_points(n_points):
    """Small outlines take the plain way, large ones the tree; both cut away what is out of reach."""
    generator = np.random.Generator(np.random.PCG64(n_points))
    outlines = [generator.random((n_points, 3)) * 4 + generator.random(3) * 6 for _ in range(6)]
    pairs, distances = least_distances(outlines, reach_mm=1.5)
    slow = {}
    for first in range(6):
        for second in range(first + 1, 6):
            least = np.linalg.norm(outlines[first][:, None] - outlines[second][None], axis=2).min()
            if least <= 1.5:
                slow[first, second] = least
    assert slow
    assert list(map(tuple, pairs.tolist())) == list(slow)
    assert distances == pytest.approx(list(slow.values()), abs=1e-12)


def test_key():
    """The name is the hash of the sorted lines, so that another program can compute it."""
    expected = hashlib.sha256(b"r1:2\nr2:1").hexdigest()[:16]
    assert finding_key([("r2", "1"), ("r1", "2")]) == expected
    assert finding_key(iter([("r1", "2"), ("r2", "1")])) == expected
    assert finding_key([("r1", "1"), ("r2", "2")]) != expected
    with pytest.raises(ValueError, match="at least one mark"):
        finding_key([])
