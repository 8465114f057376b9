"""Every order and direction of axes ends in LPS, and goes back."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.images._orientation import turn_of, turned_affine
from annotations.images.base import ImageProblem

SHAPE = (3, 4, 5)
ALL_48 = [(order, signs) for order in permutations(range(3)) for signs in product((1, -1), repeat=3)]


def affine_of(order: tuple[int, ...], signs: tuple[int, ...], steps: tuple[float, ...] = (2.0, 3.0, 5.0)) -> np.ndarray:
    """Return the matrix of an array whose axis i runs along the patient's axis order[i]."""
    affine = np.eye(4)
    affine[:3, :3] = 0
    for axis, (patient, sign) in enumerate(zip(order, signs, strict=True)):
        affine[patient, axis] = sign * steps[axis]
    affine[:3, 3] = (7.0, -11.0, 13.0)
    return affine


@pytest.mark.parametrize(("order", "signs"), ALL_48)
def test_every_voxel_keeps_its_place_in_the_patient(order: tuple[int, ...], signs: tuple[int, ...]) -> None:
    values = np.arange(60).reshape(SHAPE)
    affine = affine_of(order, signs)
    turn = turn_of(affine)
    turned = turn.apply(values)
    matrix = turned_affine(affine, turn, SHAPE)
    assert (np.diag(matrix)[:3] > 0).all(), "x grows to the left, y to the back, z to the head"
    for index in np.ndindex(SHAPE):
        place = affine @ [*index, 1]
        x, y, z = np.rint(np.linalg.solve(matrix, place)[:3]).astype(int)
        assert turned[z, y, x] == values[index]


@given(st.sampled_from(ALL_48))
def test_undo_is_the_inverse(kind: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    values = np.arange(60).reshape(SHAPE)
    turn = turn_of(affine_of(*kind))
    assert (turn.undo(turn.apply(values)) == values).all()


def test_an_oblique_scan_takes_the_nearest_axes_each_once() -> None:
    angle = np.deg2rad(40)
    affine = np.eye(4)
    affine[:3, :3] = [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    turn = turn_of(affine)
    assert turn.order == (2, 1, 0)
    assert turn.flips == (False, False, False)


@pytest.mark.parametrize(
    ("affine", "code"),
    [
        (np.diag([1.0, 0.0, 1.0, 1.0]), "no-orientation"),
        (np.diag([1.0, np.nan, 1.0, 1.0]), "no-orientation"),
        (np.array([[1.0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]), "flat-orientation"),
    ],
)
def test_axes_that_span_no_space_are_refused(affine: np.ndarray, code: str) -> None:
    with pytest.raises(ImageProblem) as refusal:
        turn_of(affine)
    assert refusal.value.code == code
