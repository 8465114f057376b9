"""Bytes of voxels and masks: what goes out comes back, in the order that the browser expects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from annotations.images.base import ImageProblem
from annotations.images.wire import NOWHERE, PackedMask, box_of, pack_mask, unpack_mask, voxel_bytes, voxels_of

SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5))


@given(arrays.arrays(np.int16, SHAPES))
def test_voxels_come_back(voxels: np.ndarray) -> None:
    assert (voxels_of(voxel_bytes(voxels), voxels.shape) == voxels).all()


def test_voxels_are_little_endian_with_x_fastest() -> None:
    voxels = np.array([[[1, 256], [-1, 0]]], dtype=np.int16)
    assert voxel_bytes(voxels) == b"\x01\x00\x00\x01\xff\xff\x00\x00"
    assert voxel_bytes(voxels.transpose(0, 2, 1)) == b"\x01\x00\xff\xff\x00\x01\x00\x00"


@given(arrays.arrays(np.bool_, SHAPES))
def test_masks_come_back(mask: np.ndarray) -> None:
    assert (unpack_mask(pack_mask(mask), mask.shape) == mask).all()


def test_a_mask_is_its_box_and_the_least_bit_comes_first() -> None:
    mask = np.zeros((4, 5, 6), dtype=bool)
    mask[1, 2, 3] = mask[1, 2, 5] = mask[2, 3, 3] = True
    packed = pack_mask(mask)
    assert packed.box == (1, 3, 2, 4, 3, 6)
    # x = 3, 4, 5 of row 2, then of row 3, of slice 1; then slice 2: voxels 0, 2 and 9.
    assert packed.bits == bytes([0b0000_0101, 0b0000_0010])


def test_an_empty_mask_is_nowhere() -> None:
    assert pack_mask(np.zeros((2, 2, 2), dtype=bool)) == PackedMask(NOWHERE, b"")


def test_a_margin_stays_inside_the_image() -> None:
    mask = np.zeros((4, 5, 6), dtype=bool)
    mask[0, 2, 5] = True
    assert box_of(mask, margin=2) == (0, 3, 0, 5, 3, 6)


def test_bytes_of_another_size_are_refused() -> None:
    with pytest.raises(ImageProblem):
        voxels_of(bytes(7), (1, 2, 2))
    with pytest.raises(ImageProblem):
        unpack_mask(PackedMask((0, 1, 0, 1, 0, 9), b"\x00"), (1, 1, 9))
    with pytest.raises(ImageProblem):
        unpack_mask(PackedMask((0, 1, 0, 1, 0, 10), b"\x00\x00"), (1, 1, 9))
