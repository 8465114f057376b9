import numpy as np
import pytest

from annotations.labels import _coco_rle, _runs
from annotations.labels.base import Geometry, LabelError, digest
from annotations.labels.mask import SPEC, Mask

ARRAY = np.zeros((3, 4, 5), dtype=bool)
ARRAY[1, 1:3, 2:5] = True
VALUE = {"kind": "mask", "shape": [3, 4, 5], "runs": _runs.encode(ARRAY)}
GRID = Geometry((3, 4, 5), None)


def coco(plane: np.ndarray, index: object, shape: object = (3, 4, 5)) -> dict[str, object]:
    return {"kind": "mask", "shape": list(shape), "coco_rle": _coco_rle.encode(plane), "slice": index}


def test_parse_dump_array_and_voxels():
    label = SPEC.parse(VALUE, {}, GRID)
    assert label == Mask((3, 4, 5), VALUE["runs"])
    assert label.dump() == VALUE
    assert np.array_equal(label.array(), ARRAY)
    assert label.voxels == 6


def test_an_empty_mask_is_a_mask():
    runs = _runs.encode(np.zeros((1, 2, 2), dtype=bool))
    assert SPEC.parse({"kind": "mask", "shape": [1, 2, 2], "runs": runs}, {}, None).voxels == 0


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize("plane", [ARRAY[1], ~ARRAY[1], ARRAY[0], ~ARRAY[0]])
def test_one_slice_of_coco_runs_becomes_the_same_canonical_label(plane, index):
    volume = np.zeros((3, 4, 5), dtype=bool)
    volume[index] = plane
    from_coco = SPEC.parse(coco(plane, index), {}, GRID)
    own = SPEC.parse({"kind": "mask", "shape": [3, 4, 5], "runs": _runs.encode(volume)}, {}, GRID)
    assert from_coco == own
    assert digest(from_coco) == digest(own)
    assert np.array_equal(from_coco.array(), volume)


@pytest.mark.parametrize(
    ("value", "code", "where"),
    [
        ({**VALUE, "shape": [3, 5, 4]}, "shape-mismatch", "/shape"),
        ({**VALUE, "shape": [3, 4]}, "bad-shape", "/shape"),
        ({**VALUE, "shape": [3, 4, True]}, "bad-shape", "/shape"),
        ({**VALUE, "shape": "345"}, "bad-shape", "/shape"),
        ({**VALUE, "shape": [3, 4, 0]}, "bad-shape", "/shape"),
        ({**VALUE, "shape": [2**11, 2**10, 2**10]}, "bad-shape", "/shape"),
        ({**VALUE, "runs": "Bg"}, "wrong-total", "/runs"),
        ({**VALUE, "slice": 1}, "unknown-member", "/slice"),
        ({**VALUE, "coco_rle": {}}, "unknown-member", "/runs"),
        ({"kind": "mask", "shape": [3, 4, 5]}, "missing-member", "/runs"),
        (coco(ARRAY[1], 3), "bad-slice", "/slice"),
        (coco(ARRAY[1], True), "bad-slice", "/slice"),
        (coco(ARRAY[1].T, 1), "shape-mismatch", "/coco_rle/size"),
    ],
)
def test_refusals(value, code, where):
    with pytest.raises(LabelError) as refusal:
        SPEC.parse(value, {}, GRID)
    assert (refusal.value.code, refusal.value.pointer) == (code, where)


def test_a_mismatch_names_both_shapes():
    with pytest.raises(LabelError, match=r"3 × 4 × 5 voxels along \(z, y, x\), the image 3 × 4 × 6"):
        SPEC.parse(VALUE, {}, Geometry((3, 4, 6), None))


def test_needs_no_definition():
    SPEC.check_definition({})
    SPEC.check_definition({"many": True})
    assert SPEC.scales == {"none"}
