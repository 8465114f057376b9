import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from qc.readings._kernel import distinct_rows

SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=30)


@settings(max_examples=60, deadline=None)
@given(arrays(np.int16, SHAPES, elements=st.integers(-1, 4)))
def test_equals_unique_rows_whatever_the_width(rows):
    distinct, inverse = distinct_rows(rows)
    expected = np.unique(rows, axis=0)
    assert np.array_equal(distinct, expected)
    assert np.array_equal(distinct[inverse], rows)


def test_rows_too_wide_for_one_key_sort_as_numbers_do():
    rows = np.array([[300, *[0] * 40], [2, *[1] * 40], [-1, *[5] * 40], [2, *[1] * 40]], dtype=np.int64)
    distinct, inverse = distinct_rows(rows)
    assert distinct[:, 0].tolist() == [-1, 2, 300]
    assert inverse.tolist() == [2, 1, 0, 1]


def test_values_far_apart_do_not_overflow():
    rows = np.array([[1 << 40, 0], [0, 1 << 40], [1 << 40, 0]], dtype=np.int64)
    distinct, inverse = distinct_rows(rows)
    assert distinct.tolist() == [[0, 1 << 40], [1 << 40, 0]]
    assert inverse.tolist() == [1, 0, 1]


def test_no_rows_and_no_columns():
    distinct, inverse = distinct_rows(np.zeros((0, 3), dtype=np.int16))
    assert distinct.shape == (0, 3)
    assert inverse.shape == (0,)
    distinct, inverse = distinct_rows(np.zeros((4, 0), dtype=np.int16))
    assert distinct.shape == (1, 0)
    assert inverse.tolist() == [0, 0, 0, 0]
