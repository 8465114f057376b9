"""The error model does what its words say, and the same seed says the same."""

from dataclasses import replace

import numpy as np
import pytest

from config.demo.readers import READERS, generator, recategorise, redraw, regrade, remeasure, signed_distance

SPACING = (2.0, 1.0, 1.0)
STEADY = replace(
    READERS[0], bias_mm=0.0, noise_mm=0.0, gross=0.0, confusion=0.0, length_bias_mm=0.0, length_noise_mm=0.0
)


@pytest.fixture
def ball() -> np.ndarray:
    z, y, x = np.ogrid[:16, :30, :30]
    return ((z - 7.5) * 2) ** 2 + (y - 14.5) ** 2 + (x - 14.5) ** 2 < 10**2


def test_without_errors_the_region_is_drawn_as_it_is(ball: np.ndarray) -> None:
    assert (redraw(STEADY, ball, SPACING, generator(1)) == ball).all()
    assert regrade(STEADY, 2, 4, generator(1)) == 2
    assert recategorise(STEADY, "a", ("a", "b"), generator(1)) == "a"
    assert remeasure(STEADY, 12.34, generator(1)) == 12.3


def test_the_same_seed_and_place_give_the_same_drawing_and_others_another(ball: np.ndarray) -> None:
    reader = READERS[2]
    first = redraw(reader, ball, SPACING, generator(5, 1, 2))
    assert (redraw(reader, ball, SPACING, generator(5, 1, 2)) == first).all()
    assert (redraw(reader, ball, SPACING, generator(5, 2, 1)) != first).any()


def test_the_distance_is_in_millimetres_and_positive_inside(ball: np.ndarray) -> None:
    distance = signed_distance(ball, SPACING)
    assert ((distance > 0) == ball).all()
    assert distance[7, 14, 14] == pytest.approx(9.5, abs=1.5)
    assert distance[7, 14, 29] == pytest.approx(-5.0, abs=1.0)


@pytest.mark.parametrize("bias", [-2.0, 2.0])
def test_a_habit_moves_the_border_by_so_many_millimetres(ball: np.ndarray, bias: float) -> None:
    drawn = redraw(replace(STEADY, bias_mm=bias), ball, SPACING, generator(1))
    radius = (3 * drawn.sum() * 2.0 / (4 * np.pi)) ** (1 / 3)
    assert radius == pytest.approx(10 + bias, abs=0.6)


def test_a_wandering_border_stays_near_the_border(ball: np.ndarray) -> None:
    drawn = redraw(replace(STEADY, noise_mm=0.8), ball, SPACING, generator(3))
    changed = drawn != ball
    assert changed.any()
    assert np.abs(signed_distance(ball, SPACING)[changed]).max() < 4 * 0.8


def test_a_gross_error_misses_a_part_or_adds_a_ball(ball: np.ndarray) -> None:
    reader = replace(STEADY, gross=1.0)
    shares = [redraw(reader, ball, SPACING, generator(seed)).sum() / ball.sum() for seed in range(20)]
    missed = [share for share in shares if share < 1]
    added = [share for share in shares if share > 1]
    assert missed
    assert added
    assert all(0.5 < share < 0.8 for share in missed)


def test_a_region_is_never_drawn_empty() -> None:
    small = np.zeros((5, 5, 5), dtype=bool)
    small[2, 2, 2] = True
    assert redraw(replace(STEADY, bias_mm=-5.0), small, (1.0, 1.0, 1.0), generator(1)).any()


def test_grades_move_by_one_level_and_stay_on_the_scale() -> None:
    unsure = replace(STEADY, confusion=1.0)
    assert {regrade(unsure, 0, 4, generator(seed)) for seed in range(30)} == {0, 1}
    assert {regrade(unsure, 2, 4, generator(seed)) for seed in range(30)} == {1, 3}
    assert {recategorise(unsure, "a", ("a", "b", "c"), generator(seed)) for seed in range(30)} == {"b", "c"}


def test_lengths_have_a_bias_and_never_vanish() -> None:
    reader = replace(STEADY, length_bias_mm=-0.5)
    assert remeasure(reader, 10.0, generator(1)) == 9.5
    assert remeasure(reader, 0.2, generator(1)) == 0.1
