import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from annotations.labels import _runs
from annotations.labels.base import LabelError


def text_of(*data: int) -> str:
    return base64.urlsafe_b64encode(bytes(data)).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("voxels", "data"),
    [
        ([0, 0, 1, 1, 1, 0], (2, 3, 1)),
        ([1, 0], (0, 1, 1)),
        ([0], (1,)),
        ([1], (0, 1)),
        ([0] * 127 + [1], (127, 1)),
        ([0] * 128 + [1], (0x80, 0x01, 1)),  # 128 = 0 + 1·128
        ([0] * 300, (0xAC, 0x02)),  # 300 = 44 + 2·128, the example of the Protocol Buffers documentation
    ],
)
def test_text_written_by_hand(voxels, data):
    mask = np.array([[voxels]], dtype=bool)
    assert _runs.encode(mask) == text_of(*data)
    assert np.array_equal(_runs.decode(text_of(*data), mask.shape), mask)


def test_x_runs_fastest():
    mask = np.zeros((2, 2, 2), dtype=bool)
    mask[0, 0, 1] = True
    assert _runs.encode(mask) == text_of(1, 1, 6)


@given(hnp.arrays(bool, hnp.array_shapes(min_dims=3, max_dims=3, max_side=9)))
def test_round_trip(mask):
    assert np.array_equal(_runs.decode(_runs.encode(mask), mask.shape), mask)


@given(hnp.arrays(bool, hnp.array_shapes(min_dims=3, max_dims=3, max_side=9)))
def test_the_memory_order_of_the_array_has_no_effect(mask):
    assert _runs.encode(np.asfortranarray(mask)) == _runs.encode(mask)


@given(st.integers(1, 2**30), st.integers(1, 2**30))
def test_long_runs(first, second):
    lengths = np.array([first, second])
    assert np.array_equal(_runs.unpack(_runs.pack(lengths), first + second), lengths)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "malformed-runs"),
        ("A", "malformed-runs"),  # no byte
        ("!!!!", "malformed-runs"),
        ("AA AA", "malformed-runs"),
        ("Bg==", "malformed-runs"),
        ("Bg\n", "malformed-runs"),
        ("Bh", "malformed-runs"),  # Bg with a bit that no byte uses
        (text_of(0x86), "malformed-runs"),  # ends within a run
        (text_of(0x86, 0x00), "malformed-runs"),  # 6 padded with a zero group
        (text_of(2, 0, 4), "malformed-runs"),  # empty run in the middle
        (text_of(6, 0), "malformed-runs"),
        (text_of(0x80, 0x80, 0x80, 0x80, 0x80, 0x01), "malformed-runs"),
        (text_of(5), "wrong-total"),
        (text_of(7), "wrong-total"),
        (text_of(0xFF, 0xFF, 0xFF, 0xFF, 0x7F), "wrong-total"),
        ("Bé", "malformed-runs"),
        (None, "not-a-text"),
        (b"Bg", "not-a-text"),
        (["Bg"], "not-a-text"),
    ],
)
def test_every_other_text_is_refused(text, code):
    assert _runs.decode(text_of(6), (1, 2, 3)).sum() == 0
    with pytest.raises(LabelError) as refusal:
        _runs.decode(text, (1, 2, 3))
    assert (refusal.value.code, refusal.value.pointer) == (code, "/runs")


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=30), st.binary(max_size=12).map(lambda data: text_of(*data))))
def test_a_text_is_refused_or_is_the_only_one(text):
    try:
        mask = _runs.decode(text, (2, 3, 2))
    except LabelError:
        return
    assert _runs.encode(mask) == text


@given(st.lists(st.integers(1, 3), min_size=1, max_size=6))
def test_a_text_whose_runs_add_up_is_read(lengths):
    text = text_of(*lengths)
    assert _runs.encode(_runs.decode(text, (1, 1, sum(lengths)))) == text


@pytest.mark.parametrize("shape", [(2**10, 2**10, 2**10 + 1), (0, 1, 1), (-1, -1, 1), (1, 10**30, 1), ()])
def test_no_shape_is_allocated_before_it_is_checked(shape):
    with pytest.raises(LabelError) as refusal:
        _runs.decode(text_of(1), shape)
    assert refusal.value.pointer == "/shape"


def test_a_text_that_is_too_long_is_not_decoded(monkeypatch):
    monkeypatch.setattr(_runs, "MAX_TEXT", 4)
    with pytest.raises(LabelError) as refusal:
        _runs.decode(text_of(1, 1, 1, 1), (1, 1, 4))
    assert refusal.value.code == "too-large"
    with pytest.raises(LabelError) as refusal:
        _runs.encode(np.array([0, 1, 0, 1], dtype=bool))
    assert refusal.value.code == "too-large"


@given(hnp.arrays(bool, (2, 9, 9)), st.integers(1, 4))
def test_pieces_do_not_show(mask, piece):
    runs = [number for length in _runs.lengths_of(mask).tolist()[1:] for number in (length, 200)]
    runs = [0, *runs] if runs else [500]
    total = sum(runs)
    text = _runs.pack(np.array(runs))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_runs, "_PIECE", piece)
        assert _runs.unpack(text, total).tolist() == runs
        for wrong in (total - 1, total + 1):
            with pytest.raises(LabelError):
                _runs.unpack(text, wrong)


def test_an_empty_run_at_the_start_of_a_piece(monkeypatch):
    monkeypatch.setattr(_runs, "_PIECE", 1)
    assert _runs.unpack(text_of(0, 6), 6).tolist() == [0, 6]
    with pytest.raises(LabelError, match="empty"):
        _runs.unpack(text_of(3, 0, 3), 6)
    with pytest.raises(LabelError, match="longer than any mask"):
        _runs.unpack(text_of(*[0x80] * 9, 1), 6)
