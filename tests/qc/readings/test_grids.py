import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.readings.base import ReadingError
from qc.readings.grids import PlacedGrid, check_same_grid, resampled

UPRIGHT = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def grid(shape, spacing=(1.0, 1.0, 1.0), origin=(0.0, 0.0, 0.0), direction=UPRIGHT):
    return PlacedGrid(shape, spacing, origin, direction)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 2, 3]))
def test_a_finer_grid_repeats_each_voxel_and_a_coarser_one_gives_it_back(seed, factor):
    generator = np.random.Generator(np.random.PCG64(seed))
    mask = generator.random((3, 4, 5)) < 0.5
    coarse = grid(mask.shape, (3.0, 1.5, 0.6), (5.0, -7.0, 2.0))
    steps = tuple(step / factor for step in coarse.spacing_mm)
    corner = tuple(o - s / 2 + t / 2 for o, s, t in zip(coarse.origin_mm, coarse.spacing_mm, steps, strict=True))
    fine = grid(tuple(factor * size for size in mask.shape), steps, corner)
    found = resampled(mask, coarse, fine)
    assert (found == np.kron(mask, np.ones((factor,) * 3, dtype=bool))).all()
    assert (resampled(found, fine, coarse) == mask).all() or factor == 2


def test_a_mirrored_grid_holds_the_mirrored_mask():
    mask = np.zeros((2, 3, 4), dtype=bool)
    mask[1, 0, 3] = True
    turned = ((-1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0))
    target = PlacedGrid((2, 4, 3), (1.0, 1.0, 1.0), (1.0, 0.0, 0.0), turned)
    assert (resampled(mask, grid(mask.shape), target) == np.flip(mask, 0).transpose(0, 2, 1)).all()


def test_outside_the_source_nothing_is_marked():
    mask = np.ones((2, 2, 2), dtype=bool)
    wide = resampled(mask, grid(mask.shape), grid((6, 6, 6), origin=(-2.0, -2.0, -2.0)))
    assert wide.sum() == 8
    half = resampled(mask, grid(mask.shape), grid((1, 1, 1), origin=(-0.5, 0.0, 0.0)))
    assert half.all()
    beyond = resampled(mask, grid(mask.shape), grid((1, 1, 1), origin=(1.5, 0.0, 0.0)))
    assert not beyond.any()


def test_only_equal_grids_are_compared():
    one = grid((2, 2, 2), (1.0, 0.5, 0.5))
    check_same_grid({"ada": one, "ben": grid((2, 2, 2), (1.0, 0.5, 0.5 + 1e-8))})
    for other in (
        grid((2, 2, 3), (1.0, 0.5, 0.5)),
        grid((2, 2, 2), (1.0, 0.5, 0.51)),
        grid((2, 2, 2), (1.0, 0.5, 0.5), (0.0, 0.0, 0.1)),
        grid((2, 2, 2), (1.0, 0.5, 0.5), direction=((0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))),
    ):
        with pytest.raises(ReadingError) as refused:
            check_same_grid({"ada": one, "ben": other})
        assert refused.value.code == "different-grids"


@pytest.mark.parametrize(
    "wrong",
    [
        {"spacing": (1.0, 1.0)},
        {"spacing": (1.0, 1.0, 0.0)},
        {"origin": (0.0, float("nan"), 0.0)},
        {"direction": ((1.0, 0.0, 0.0),) * 3},
        {"shape": (0, 1, 1)},
    ],
)
def test_what_is_no_grid_is_refused(wrong):
    with pytest.raises(ReadingError):
        grid(**{"shape": (2, 2, 2), **wrong})


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(ReadingError):
        resampled(np.ones((1, 1, 1), dtype=bool), grid((2, 2, 2)), grid((2, 2, 2)))
