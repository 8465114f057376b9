import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.labels import _rings
from annotations.labels._raster import rasterise
from annotations.labels.base import Geometry, LabelError, digest
from annotations.labels.polygon import SPEC, Polygon, Ring

CENTRE, TRACED = {"rule": "pixel_centre"}, {"rule": "outline_excluded"}
SQUARE = [[2, 2], [8, 2], [8, 6], [2, 6]]


def ring(points: object, index: object = 0, hole: object = False) -> dict[str, object]:
    return {"slice": index, "hole": hole, "points": points}


def value(*rings: object, **more: object) -> dict[str, object]:
    return {"kind": "polygon", "rings": list(rings), **more}


def refusal_of(raw: object, definition: dict[str, str] = CENTRE, geometry: Geometry | None = None) -> LabelError:
    with pytest.raises(LabelError) as refusal:
        SPEC.parse(raw, definition, geometry)
    return refusal.value


def test_parse_and_dump():
    label = SPEC.parse(value(ring(SQUARE, 12), ring([[3, 3], [4, 3], [4, 4]], 12, True)), CENTRE, None)
    assert label.rings[0] == Ring(12, False, ((2.0, 2.0), (8.0, 2.0), (8.0, 6.0), (2.0, 6.0)))
    dumped = label.dump()
    assert dumped["rule"] == "pixel_centre"
    assert set(dumped) == {"kind", "rule", "rings"}
    assert SPEC.parse(dumped, CENTRE, None) == label


def test_one_ring_has_one_form():
    closed = SPEC.parse(value(ring([*SQUARE, SQUARE[0], SQUARE[0]]), rule="pixel_centre"), CENTRE, None)
    assert digest(closed) == digest(SPEC.parse(value(ring(SQUARE)), CENTRE, None))
    with_zero = SPEC.parse(value(ring([[0, -0.0], [2, 0], [2, 2]])), CENTRE, None)
    assert digest(with_zero) == digest(SPEC.parse(value(ring([[0.0, 0.0], [2.0, 0], [2, 2]])), CENTRE, None))


def test_the_rule_is_part_of_the_digest():
    labels = [SPEC.parse(value(ring(SQUARE)), definition, None) for definition in (CENTRE, TRACED)]
    assert digest(labels[0]) != digest(labels[1])


def test_another_rule_is_refused():
    assert refusal_of(value(ring(SQUARE), rule="outline_excluded")).code == "wrong-rule"
    assert refusal_of(value(ring(SQUARE), rule=None)).pointer == "/rule"


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([[0, 0], [12, 0], [12, 15], [0, 15], [24, 0]], r"edges 1 and 3 cross near \(12\.0, 7\.5\)"),
        ([[0, 0], [2, 2], [2, 0], [0, 2]], r"edges 0 and 2 cross near \(1\.0, 1\.0\)"),
        ([[0, 0], [4, 0], [4, 4], [2, 0], [0, 4]], r"edges 0 and [23] touch near \(2\.0, 0\.0\)"),
        ([[0, 0], [4, 0], [6, 0], [4, 0], [4, 4]], r"overlap near"),
    ],
)
def test_a_drawn_ring_that_meets_itself_is_refused_and_told_where(points, message):
    refusal = refusal_of(value(ring(SQUARE), ring(points)))
    assert (refusal.code, refusal.pointer) == ("self-crossing", "/rings/1/points")
    with pytest.raises(LabelError, match=message):
        SPEC.parse(value(ring(points)), CENTRE, None)


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ([[1, 1]], "too-few-points"),
        ([[1, 1], [2, 2]], "too-few-points"),
        ([[1, 1], [2, 2], [1, 1], [2, 2]], "too-few-points"),
        ([[0, 0], [1, 1], [3, 3], [7, 7]], "zero-area"),
    ],
)
def test_a_drawn_ring_encloses_something(points, code):
    assert refusal_of(value(ring(points))).code == code


@pytest.mark.parametrize(
    "points",
    [
        [[1, 1]],
        [[1, 1], [2, 1]],
        [[1, 1], [2, 2], [3, 3]],
        [[0, 0], [2, 2], [2, 0], [0, 2]],
        [[0, 0], [4, 0], [6, 0], [4, 0], [4, 4]],
    ],
)
def test_a_traced_outline_is_taken_as_it_is(points):
    label = SPEC.parse(value(ring(points)), TRACED, None)
    assert [list(point) for point in label.rings[0].points] == points


def test_repeated_points_are_no_crossing():
    SPEC.parse(value(ring([[0, 0], [0, 0], [4, 0], [4, 4], [4, 4]])), CENTRE, None)


@pytest.mark.parametrize(
    ("raw", "code", "where"),
    [
        (value(), "no-rings", "/rings"),
        ({"kind": "polygon"}, "missing-member", "/rings"),
        ({"kind": "polygon", "rings": {}}, "no-rings", "/rings"),
        (value(ring(SQUARE), colour="red"), "unknown-member", "/colour"),
        (value([]), "not-an-object", "/rings/0"),
        (value({"points": SQUARE, "hole": False}), "missing-member", "/rings/0/slice"),
        (value({**ring(SQUARE), "z": 1}), "unknown-member", "/rings/0/z"),
        (value(ring(SQUARE, -1)), "bad-slice", "/rings/0/slice"),
        (value(ring(SQUARE, True)), "bad-slice", "/rings/0/slice"),
        (value(ring(SQUARE, 10**30)), "bad-slice", "/rings/0/slice"),
        (value(ring(SQUARE, 0, 0)), "not-a-boolean", "/rings/0/hole"),
        (value(ring(SQUARE, 0, True)), "only-holes", "/rings"),
        (value(ring([])), "too-few-points", "/rings/0/points"),
        (value(ring("abc")), "too-few-points", "/rings/0/points"),
        (value(ring([[1, 2, 3], [1, 1], [2, 1]])), "bad-point", "/rings/0/points/0"),
        (value(ring([[1, 1], "12", [2, 1]])), "bad-point", "/rings/0/points/1"),
        (value(ring([[1, 1], [True, 2], [2, 1]])), "not-a-number", "/rings/0/points/1"),
        (value(ring([[1, 1], [math.nan, 2], [2, 1]])), "not-finite", "/rings/0/points/1/0"),
        (value(ring([[1, 1], [2, math.inf], [2, 1]])), "not-finite", "/rings/0/points/1/1"),
        (value(ring([[1, 1], [10**400, 2], [2, 1]])), "not-finite", "/rings/0/points/1"),
        (value(ring([[1, 1], [-0.6, 2], [2, 1]])), "outside-image", "/rings/0/points/1"),
        (value(ring([[1, 1], [1e7, 2], [2, 1]])), "outside-image", "/rings/0/points/1"),
    ],
)
def test_refusals(raw, code, where):
    refusal = refusal_of(raw)
    assert (refusal.code, refusal.pointer) == (code, where)


def test_points_are_counted_over_all_rings(monkeypatch):
    monkeypatch.setattr(_rings, "MAX_POINTS", 7)
    SPEC.parse(value(ring(SQUARE), ring(SQUARE[:3], 1)), CENTRE, None)
    refusal = refusal_of(value(ring(SQUARE), ring(SQUARE, 1)))
    assert (refusal.code, refusal.pointer) == ("too-many-points", "/rings/1/points")


def test_a_ring_too_intricate_to_check_is_refused_before_it_is_checked(monkeypatch):
    monkeypatch.setattr(_rings, "_MAX_PAIRS", 3)
    assert refusal_of(value(ring(SQUARE))).code == "too-intricate"


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=12))
def test_overlapping_pairs_are_counted(points):
    ends = list(zip(points, (*points[1:], points[0]), strict=True))
    spans = [[sorted((a[axis], b[axis])) for a, b in ends] for axis in (0, 1)]
    slow = min(sum(s[0] <= t[1] and t[0] <= s[1] for i, s in enumerate(axis) for t in axis[:i]) for axis in spans)
    assert _rings._overlapping_pairs(np.array(points, dtype=float)) == slow


@pytest.mark.parametrize(
    ("definition", "far"),
    [(CENTRE, 0.5), (TRACED, -0.5)],  # the last pixel ends at the size, its centre lies half a pixel before
)
def test_points_may_leave_the_image_by_half_a_pixel(definition, far):
    grid = Geometry((3, 10, 20), None)
    corner = [[-0.5, -0.5], [20 + far, -0.5], [20 + far, 10 + far]]
    label = SPEC.parse(value(ring(corner, 2)), definition, grid)
    _, z1, y0, y1, x0, x1 = label.bounds()
    assert (z1, y0, y1, x0, x1) == (3, 0, 10, 0, 20)
    for wrong in ([[0, 0], [20 + far + 0.01, 0], [3, 3]], [[0, 0], [5, 10 + far + 0.01], [3, 3]]):
        refusal = refusal_of(value(ring(wrong)), definition, grid)
        assert (refusal.code, refusal.pointer) == ("outside-image", "/rings/0/points/1")
    refusal = refusal_of(value(ring(corner, 3)), definition, grid)
    assert (refusal.code, refusal.pointer) == ("outside-image", "/rings/0/slice")


def test_bounds_of_the_rectangle():
    rings = (Ring(4, False, ((2.0, 2.0), (8.0, 2.0), (8.0, 6.0))), Ring(2, True, ((3.0, 3.0),)))
    assert Polygon("pixel_centre", rings).bounds() == (2, 5, 2, 6, 2, 8)
    assert Polygon("outline_excluded", rings).bounds() == (2, 5, 2, 7, 2, 9)


@given(
    st.lists(st.tuples(st.floats(-0.5, 15), st.floats(-0.5, 15)), min_size=1, max_size=6),
    st.sampled_from(["pixel_centre", "outline_excluded"]),
)
def test_bounds_hold_every_pixel_of_the_image(points, rule):
    label = Polygon(rule, (Ring(0, False, tuple(points)),))
    z0, z1, y0, y1, x0, x1 = label.bounds()
    assert min(z1 - z0, y1 - y0, x1 - x0) >= 1
    assert rasterise(label, label.bounds()).sum() == rasterise(label, (1, 20, 20)).sum()


@pytest.mark.parametrize("definition", [{}, {"rule": "nearest"}, {"rule": None}, {"rule": ["pixel_centre"]}])
def test_a_definition_states_the_rule(definition):
    with pytest.raises(LabelError) as refusal:
        SPEC.check_definition(definition)
    assert refusal.value.pointer == "/rule"
    SPEC.check_definition(CENTRE)
    SPEC.check_definition(TRACED)
