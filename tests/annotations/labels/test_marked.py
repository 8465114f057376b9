import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.labels import _runs
from annotations.labels._marked import marked_part
from annotations.labels.mask import Mask

SHAPES = st.tuples(*(st.integers(1, 5) for _ in range(3)))


def mask_of(voxels):
    return Mask(voxels.shape, _runs.encode(voxels))


@given(SHAPES, st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_box_and_part_are_those_of_the_painted_grid(shape, seed, share):
    voxels = np.random.Generator(np.random.PCG64(seed)).random(shape) < share
    box, part = marked_part(mask_of(voxels))
    again = np.zeros(shape, dtype=bool)
    again[box[0] : box[1], box[2] : box[3], box[4] : box[5]] = part
    assert np.array_equal(again, voxels)
    assert part.sum() == voxels.sum()
    for axis in range(3) if voxels.any() else ():
        faces = np.moveaxis(part, axis, 0)
        assert faces[0].any()
        assert faces[-1].any()


def test_an_empty_mask_has_no_box():
    box, part = marked_part(mask_of(np.zeros((2, 3, 4), dtype=bool)))
    assert box == (0, 0, 0, 0, 0, 0)
    assert part.size == 0


@pytest.mark.parametrize("place", [(0, 0, 0), (199, 511, 511), (100, 0, 511)])
def test_a_large_grid_is_not_painted(place):
    shape = (200, 512, 512)
    before = int(np.ravel_multi_index(place, shape))
    total = int(np.prod(shape))
    lengths = [before, 1] + ([total - before - 1] if before + 1 < total else [])
    box, part = marked_part(Mask(shape, _runs.pack(np.array(lengths, dtype=np.int64))))
    assert box == tuple(edge for at in place for edge in (at, at + 1))
    assert part.tolist() == [[[True]]]
