import numpy as np
import pytest

from annotations.labels.base import Geometry
from annotations.labels.mask import mask_of
from qc.settling.combining import INTERSECTION, UNION, combined
from tests.factories import box_mask

GRID = Geometry((3, 12, 12), (2.0, 1.0, 1.0))


def outline(x0, x1, rule, z=1):
    points = [[x0, 2], [x1, 2], [x1, 8], [x0, 8]]
    return {"kind": "polygon", "rule": rule, "rings": [{"slice": z, "hole": False, "points": points}]}


def array(label):
    return mask_of(label).array()


def test_union_and_intersection_are_those_of_the_voxels():
    first, second = box_mask(0, 2, 2, 8, 2, 8), box_mask(0, 2, 5, 11, 2, 8)
    reads = [("ada", first), ("ben", second)]
    geometry = Geometry(tuple(first["shape"]), None)
    assert np.array_equal(array(combined(reads, UNION, geometry)), array(first) | array(second))
    assert np.array_equal(array(combined(reads, INTERSECTION, geometry)), array(first) & array(second))
    assert combined(reads[::-1], INTERSECTION, geometry) == combined(reads, INTERSECTION, geometry)


def test_two_pieces_of_one_reader_are_one_opinion():
    left, right, whole = box_mask(0, 1, 2, 4, 2, 8), box_mask(0, 1, 6, 8, 2, 8), box_mask(0, 1, 2, 8, 2, 8)
    reads = [("ada", left), ("ada", right), ("ben", whole)]
    geometry = Geometry(tuple(left["shape"]), None)
    assert np.array_equal(array(combined(reads, INTERSECTION, geometry)), array(left) | array(right))


def test_every_outline_is_painted_by_its_own_rule():
    inner = combined([("ada", outline(2, 8, "outline_excluded"))], UNION, GRID)
    outer = combined([("ada", outline(2, 8, "pixel_centre"))], UNION, GRID)
    assert array(inner).sum() < array(outer).sum()
    both = [("ada", outline(2, 8, "outline_excluded")), ("ben", outline(2, 8, "pixel_centre"))]
    assert combined(both, INTERSECTION, GRID) == inner
    assert combined(both, UNION, GRID) == outer


def test_nothing_in_common_is_no_region():
    apart = [("ada", box_mask(0, 1, 0, 2, 0, 2)), ("ben", box_mask(0, 1, 5, 7, 5, 7))]
    geometry = Geometry(tuple(apart[0][1]["shape"]), None)
    assert combined(apart, INTERSECTION, geometry) is None
    assert combined([("ada", {"kind": "nothing_found"})], UNION, geometry) is None
    assert combined([], UNION, None) is None


def test_boxes_meet_in_a_box_and_are_held_by_one():
    reads = [
        ("ada", {"kind": "box", "low": [0, 0, 0], "high": [1, 6, 6]}),
        ("ben", {"kind": "box", "low": [0, 2, 3], "high": [1, 9, 8]}),
    ]
    assert combined(reads, UNION, None) == {"kind": "box", "low": [0, 0, 0], "high": [1, 9, 8]}
    assert combined(reads, INTERSECTION, None) == {"kind": "box", "low": [0, 2, 3], "high": [1, 6, 6]}
    far = {"kind": "box", "low": [0, 20, 20], "high": [1, 22, 22]}
    assert combined([*reads, ("cyd", far)], INTERSECTION, None) is None


def test_another_way_is_refused():
    with pytest.raises(ValueError, match="union, intersection"):
        combined([], "average", None)
