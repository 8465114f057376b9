"""Grey values as int16: exact where they fit, bounded in error where they do not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from annotations.images.base import ImageProblem, stored


@given(arrays.arrays(np.int16, (2, 3)))
def test_int16_is_kept_as_it_is(values: np.ndarray) -> None:
    voxels, slope, intercept = stored(values)
    assert (voxels == values).all()
    assert (slope, intercept) == (1.0, 0.0)


@given(arrays.arrays(np.uint16, (4,)))
def test_whole_numbers_whose_range_fits_come_back_exactly(values: np.ndarray) -> None:
    voxels, slope, intercept = stored(values)
    assert slope == 1.0 or int(values.max()) - int(values.min()) > 65535
    assert (voxels.astype(np.int64) + int(intercept) == values).all()


@given(arrays.arrays(np.float64, (5,), elements=st.floats(-1e6, 1e6)))
def test_real_numbers_come_back_within_half_a_step(values: np.ndarray) -> None:
    if 0 < np.ptp(values) < 1e-9:
        return
    voxels, slope, intercept = stored(values)
    back = voxels.astype(np.float64) * slope + intercept
    assert np.abs(back - values).max() <= slope * 0.5 + 1e-6 * (1 + np.abs(values).max())


def test_wide_whole_numbers_do_not_overflow() -> None:
    values = np.array([np.iinfo(np.int64).min, 0, np.iinfo(np.int64).max])
    voxels, slope, intercept = stored(values)
    assert voxels[0] == -32768
    assert voxels[-1] == 32767
    assert slope * voxels[1] + intercept == pytest.approx(0, abs=slope)


def test_one_value_everywhere_is_zero_and_an_intercept() -> None:
    voxels, slope, intercept = stored(np.full((2, 2), 0.25))
    assert not voxels.any()
    assert (slope, intercept) == (1.0, 0.25)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (np.array([1.0, np.nan]), "not-finite"),
        (np.array([1.0, np.inf]), "not-finite"),
        (np.array([1 + 2j]), "not-grey"),
        (np.array([-1.7e308, 1.7e308]), "too-wide"),
    ],
)
def test_what_is_no_grey_value_is_refused(values: np.ndarray, code: str) -> None:
    with pytest.raises(ImageProblem) as refusal:
        stored(values)
    assert refusal.value.code == code
