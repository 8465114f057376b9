import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from annotations.labels import _coco_rle
from annotations.labels.base import LabelError
from tests.shared import shared

# Written by pycocotools 2.0.11 for 4 × 6 masks.
PRINTED = [
    (["000000", "011000", "011100", "000000"], [5, 2, 2, 2, 3, 1, 9], "52201O6"),
    (["000000", "001100", "001100", "001100"], [9, 3, 1, 3, 8], "93107"),
    (["111111", "111111", "111111", "111111"], [0, 24], "0h0"),
    (["000000", "000000", "000000", "000000"], [24], "h0"),
    (["100000", "000000", "000000", "000001"], [0, 1, 22, 1], "01f00"),
]


@pytest.mark.parametrize(("rows", "counts", "text"), PRINTED)
def test_values_written_by_pycocotools(rows, counts, text):
    mask = np.array([[cell == "1" for cell in row] for row in rows])
    assert _coco_rle.encode(mask) == {"size": [4, 6], "counts": text}
    assert _coco_rle.encode_list(mask) == {"size": [4, 6], "counts": counts}
    for written in (counts, text):
        assert np.array_equal(_coco_rle.decode({"size": [4, 6], "counts": written}), mask)


def test_reference_values_beside_the_checkout():
    entries = json.loads(shared("reference/reference_values.json").read_text())
    (found,) = (entry["expected"] for entry in entries if entry["id"] == "B_coco_rle")
    cases = [case for case in found.values() if isinstance(case, dict)]
    assert len(cases) == 5
    for case in cases:
        rle = {"size": case["size"], "counts": case["counts_compressed"]}
        mask = _coco_rle.decode(rle)
        assert mask.tolist() == np.array(case["mask"], dtype=bool).tolist()
        assert _coco_rle.encode(mask) == rle
        assert _coco_rle.encode_list(mask)["counts"] == case["counts_uncompressed"]


def slow_text(counts: list[int]) -> str:
    """Write each length in five-bit groups, one character at a time."""
    text = ""
    for index, count in enumerate(counts):
        value = count - (counts[index - 2] if index > 2 else 0)
        while True:
            group, value = value % 32, value // 32
            finished = value == (-1 if group >= 16 else 0)
            text += chr(48 + group + (0 if finished else 32))
            if finished:
                break
    return text


@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=8), st.booleans())
def test_long_runs_equal_the_slow_way(runs, starts_with_one):
    counts = [0, *runs] if starts_with_one else runs
    mask = np.repeat(np.arange(len(counts)) % 2 == 1, counts)[:, None]
    rle = {"size": [sum(counts), 1], "counts": slow_text(counts)}
    assert _coco_rle.encode(mask) == rle
    assert np.array_equal(_coco_rle.decode(rle), mask)


@given(hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_round_trip(mask):
    assert np.array_equal(_coco_rle.decode(_coco_rle.encode(mask)), mask)
    assert np.array_equal(_coco_rle.decode(_coco_rle.encode_list(mask)), mask)


def test_empty_runs_are_read():
    assert _coco_rle.decode({"size": [1, 4], "counts": [1, 0, 1, 2]}).tolist() == [[False, False, True, True]]


@pytest.mark.parametrize(
    ("rle", "where"),
    [
        (None, ""),
        ([1], ""),
        ({"size": [2, 2]}, "/counts"),
        ({"size": [2, 2], "counts": [4], "more": 1}, "/more"),
        ({"size": [2], "counts": [4]}, "/size"),
        ({"size": [0, 2], "counts": [0]}, "/size"),
        ({"size": [True, 4], "counts": [4]}, "/size"),
        ({"size": [2.0, 2], "counts": [4]}, "/size"),
        ({"size": [2**20, 2**20], "counts": [2**40]}, "/size"),
        ({"size": [10**40, 1], "counts": "0"}, "/size"),
        ({"size": [2, 2], "counts": []}, "/counts"),
        ({"size": [2, 2], "counts": ""}, "/counts"),
        ({"size": [2, 2], "counts": 4}, "/counts"),
        ({"size": [2, 2], "counts": {"0": 4}}, "/counts"),
        ({"size": [2, 2], "counts": [3]}, "/counts"),
        ({"size": [2, 2], "counts": [5]}, "/counts"),
        ({"size": [2, 2], "counts": [5, -1]}, "/counts"),
        ({"size": [2, 2], "counts": [True, 3]}, "/counts"),
        ({"size": [2, 2], "counts": [4.0]}, "/counts"),
        ({"size": [2, 2], "counts": ["4"]}, "/counts"),
        ({"size": [2, 2], "counts": [10**30]}, "/counts"),
        ({"size": [2, 2], "counts": "T"}, "/counts"),  # says that more follows
        ({"size": [2, 2], "counts": " 4"}, "/counts"),
        ({"size": [2, 2], "counts": "4\u00e9"}, "/counts"),
        ({"size": [2, 2], "counts": "4\ud800"}, "/counts"),
        ({"size": [2, 2], "counts": "oooooooo0"}, "/counts"),  # longer than any mask
        ({"size": [2, 2], "counts": "O5"}, "/counts"),  # −1, 5
        ({"size": [2, 2], "counts": "5"}, "/counts"),
    ],
)
def test_malformed_runs_are_refused(rle, where):
    with pytest.raises(LabelError) as refusal:
        _coco_rle.decode(rle)
    assert refusal.value.pointer == "/coco_rle" + where


@settings(max_examples=300)
@given(st.text(st.characters(min_codepoint=40, max_codepoint=120), min_size=1, max_size=20))
def test_any_text_is_a_mask_or_refused(text):
    try:
        mask = _coco_rle.decode({"size": [3, 4], "counts": text})
    except LabelError:
        return
    assert mask.shape == (3, 4)
