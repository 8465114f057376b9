"""Points, boxes, stretches of time and rankings."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.consensus.base import INSUFFICIENT, SETTLED, TIE
from qc.consensus.box_fusion import box_fusion
from qc.consensus.interval_vote import interval_vote
from qc.consensus.landmark_mean import landmark_mean
from qc.consensus.rank_aggregation import rank_aggregation

quick = settings(max_examples=40, deadline=None)


def named(values):
    return {f"r{place}": value for place, value in enumerate(values)}


# --- points


def test_a_convex_quadrilateral_has_its_median_where_the_diagonals_cross():
    found = landmark_mean(named([(0, 0), (4, 0), (3, 3), (0, 3)]))
    assert found.value == pytest.approx((12 / 7, 12 / 7), abs=1e-9)
    assert found.converged


def test_a_triangle_with_a_wide_angle_has_its_median_at_that_corner():
    # The angle at (0, 0) is 135°, more than 120°.
    assert landmark_mean(named([(0, 0), (5, 0), (-3, 3)])).value == (0.0, 0.0)


def test_most_readers_in_one_place_are_the_median():
    assert landmark_mean(named([(1, 2, 3), (1, 2, 3), (9, 9, 9)])).value == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("points", "value"),
    [
        ([(0, 0), (2, 2)], (1.0, 1.0)),
        ([(0, 0), (1, 0), (4, 0), (9, 0)], (2.5, 0.0)),
        ([(0, 0), (1, 1), (7, 7)], (1.0, 1.0)),
        ([(3, 4)] * 3, (3.0, 4.0)),
    ],
)
def test_points_on_a_line_have_the_middle_of_their_medians(points, value):
    assert landmark_mean(named(points)).value == pytest.approx(value)


@quick
@given(st.lists(st.tuples(*[st.integers(-50, 50)] * 2), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_no_point_nearby_is_nearer_to_all(points, shuffler):
    found = landmark_mean(named(points))
    cloud = np.array(points, dtype=float)

    def total(place):
        return np.linalg.norm(cloud - place, axis=1).sum()

    here = total(np.array(found.value))
    steps = [(math.cos(a), math.sin(a)) for a in np.linspace(0, 2 * math.pi, 12)]
    assert all(
        here <= total(np.array(found.value) + size * np.array(step)) + 1e-7 for step in steps for size in (1e-3, 1)
    )
    other = list(points)
    shuffler.shuffle(other)
    assert landmark_mean(named(other)).value == pytest.approx(found.value, abs=1e-6)


def test_the_ellipse_has_the_spread_of_the_points():
    found = landmark_mean(named([(0, 0), (4, 0), (2, 1), (2, -1)]), method="mean")
    assert found.value == (2.0, 0.0)
    assert found.details["ellipse"]["sd_mm"] == pytest.approx([math.sqrt(8 / 3), math.sqrt(2 / 3)])
    assert np.abs(found.details["ellipse"]["axes"][0]) == pytest.approx([1, 0])
    assert found.details["mean_distance_mm"] == pytest.approx(1.5)


def test_points_that_do_not_fit_are_refused():
    assert landmark_mean(named([(0, 0)])).outcome == INSUFFICIENT
    for points in ([(0, 0), (0, 0, 0)], [(0,), (1,)], [(0, math.inf), (0, 0)]):
        with pytest.raises(ValueError, match="coordinate"):
            landmark_mean(named(points))
    with pytest.raises(ValueError, match="method"):
        landmark_mean(named([(0, 0), (1, 1)]), method="mode")


# --- boxes

SQUARE = (0, 0, 10, 10)


def test_boxes_are_averaged_over_those_who_drew_them():
    found = box_fusion(named([[SQUARE], [(1, 1, 11, 11)], [(0.5, 2, 10.5, 12)]]))
    assert found.value == ((0.5, 1.0, 10.5, 11.0),)
    assert found.support == 1.0


def test_from_four_boxes_on_a_stray_side_has_no_weight():
    found = box_fusion(named([[SQUARE], [SQUARE], [SQUARE], [(0, 0, 10, 14)]]))
    assert found.value == ((0.0, 0.0, 10.0, 10.0),)


def test_support_decides_and_half_is_a_tie():
    far = (100, 100, 110, 110)
    three = box_fusion(named([[SQUARE], [SQUARE], [far]]))
    assert three.value == ((0.0, 0.0, 10.0, 10.0),)
    assert three.support == pytest.approx(2 / 3)
    assert [cluster["verdict"] for cluster in three.details["clusters"]] == [SETTLED, "dropped"]
    assert box_fusion(named([[SQUARE], []])).outcome == TIE
    assert box_fusion(named([[SQUARE], []]), at_least=1).value == ((0.0, 0.0, 10.0, 10.0),)
    assert box_fusion(named([[SQUARE], []]), at_least=2).value == ()
    nobody = box_fusion(named([[], []]))
    assert (nobody.outcome, nobody.value, nobody.support) == (SETTLED, (), 1.0)


def test_a_reader_counts_once_in_a_cluster():
    doubled = box_fusion(named([[SQUARE, (0, 0, 10, 11)], [SQUARE]]))
    assert doubled.details["n_doubles"] == 1
    assert doubled.details["clusters"][0]["support"] == 1.0
    halves = box_fusion(named([[SQUARE], [(0, 0, 10, 6), (0, 4.5, 10, 10)]]), threshold=0.5)
    assert max(cluster["support"] for cluster in halves.details["clusters"]) == 1.0
    assert halves.details["n_split"] >= 1


def test_boxes_have_three_axes_too():
    cube = (0, 0, 0, 10, 10, 10)
    assert box_fusion(named([[cube], [(0, 0, 2, 10, 10, 12)]])).value == ((0.0, 0.0, 1.0, 10.0, 10.0, 11.0),)


@pytest.mark.parametrize("box", [(0, 0, 0, 10), (0, 0, 10), (0, 0, math.nan, 10), (5, 5, 1, 9)])
def test_a_malformed_box_is_refused(box):
    with pytest.raises(ValueError, match=r"sides"):
        box_fusion(named([[box], [SQUARE]]))


@pytest.mark.parametrize("bad", [{"threshold": 1.0}, {"minimum": 0}, {"at_least": 0}])
def test_bad_box_parameters_are_refused(bad):
    with pytest.raises(ValueError, match="threshold"):
        box_fusion({}, **bad)


CORNERS = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(1, 9), st.integers(1, 9))
BOX = CORNERS.map(lambda c: (c[0], c[1], c[0] + c[2], c[1] + c[3]))


@quick
@given(st.lists(st.lists(BOX, max_size=3), min_size=2, max_size=4))
def test_every_box_is_in_one_cluster_whatever_the_order_of_boxes(drawn):
    found = box_fusion(named(drawn))
    n_members = sum(len(cluster["raters"]) for cluster in found.details["clusters"])
    assert n_members + found.details["n_doubles"] == sum(map(len, drawn))
    assert all(len(set(cluster["raters"])) == len(cluster["raters"]) for cluster in found.details["clusters"])
    assert box_fusion(named([boxes[::-1] for boxes in drawn])) == found


# --- stretches of time


def test_time_is_voted_moment_by_moment():
    found = interval_vote(named([[(0, 4), (10, 12)], [(1, 5)], [(2, 6)]]))
    assert found.value == ((1.0, 5.0),)
    assert found.details["union_s"] == 8.0
    # 2 s of three, 2 s of two, and 4 s (two of them apart) of one: (2·3 + 2·2 + 4·2) / (8·3).
    assert found.support == pytest.approx(18 / 24)


def test_half_of_the_votes_is_a_tie_unless_the_stretch_is_short():
    pair = named([[(0, 10)], [(0.5, 10)]])
    assert interval_vote(pair).outcome == TIE
    settled = interval_vote(pair, tolerance_s=0.5)
    assert settled.value == ((0.5, 10.0),)
    assert settled.details["undecided"] == [[0.0, 0.5]]
    assert interval_vote(pair, tolerance_s=0.4).outcome == TIE


def test_nothing_marked_is_an_answer_and_spans_of_a_reader_join():
    assert interval_vote(named([[], []])).value == ()
    assert interval_vote(named([[], []])).support == 1.0
    joined = interval_vote(named([[(0, 2), (1, 3), (3, 4)], [(0, 4)]]))
    assert joined.value == ((0.0, 4.0),)
    assert joined.details["marked_s"] == {"r0": 4.0, "r1": 4.0}
    assert interval_vote(named([[(0, 1)]])).outcome == INSUFFICIENT


@pytest.mark.parametrize("span", [(1, 1), (2, 1), (0, math.inf)])
def test_a_malformed_span_is_refused(span):
    with pytest.raises(ValueError, match="span"):
        interval_vote(named([[span], []]))


@pytest.mark.parametrize("bad", [{"minimum": 0}, {"tolerance_s": -1.0}])
def test_bad_time_parameters_are_refused(bad):
    with pytest.raises(ValueError, match="minimum"):
        interval_vote({}, **bad)


SPANS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)).map(lambda s: (s[0], s[0] + s[1])), max_size=3)


@quick
@given(st.lists(SPANS, min_size=2, max_size=5))
def test_every_second_is_what_counting_says(readers):
    found = interval_vote(named(readers), tolerance_s=100)
    for second in range(27):
        votes = sum(any(start <= second < stop for start, stop in spans) for spans in readers)
        inside = any(start <= second < stop for start, stop in found.value)
        half = any(start <= second < stop for start, stop in found.details["undecided"])
        assert inside == (2 * votes > len(readers))
        assert half == (votes > 0 and 2 * votes == len(readers))


# --- rankings


def order(text):
    return [[item] for item in text]


def test_kemeny_takes_the_least_contradicted_order():
    found = rank_aggregation(named([order("abc"), order("bca"), order("abc"), order("acb")]))
    assert found.value == ("a", "b", "c")
    assert found.details["contradicted"] == 3
    assert found.support == 1 - 3 / 12


def test_a_cycle_is_a_tie_of_three_orders():
    found = rank_aggregation(named([order("abc"), order("bca"), order("cab")]))
    assert (found.outcome, found.details["n_best"], found.details["tiers"]) == (TIE, 3, [["a", "b", "c"]])


def test_what_all_best_orders_share_is_shown():
    found = rank_aggregation(named([order("abcd"), order("abdc")]))
    assert (found.outcome, found.details["n_best"]) == (TIE, 2)
    assert found.details["tiers"] == [["a"], ["b"], ["c", "d"]]


def test_equal_tiers_prefer_nothing():
    found = rank_aggregation(named([[["a", "b"]], [["b", "a"]]]))
    assert (found.outcome, found.support, found.details["preferences"]) == (TIE, None, 0)


def test_borda_beyond_eight_items():
    ten = "abcdefghij"
    found = rank_aggregation(named([order(ten), order(ten), order(ten[::-1])]))
    assert found.value == tuple(ten)
    assert found.parameters["method"] == "borda"
    tied = rank_aggregation(named([order(ten), order(ten[::-1])]))
    assert (tied.outcome, tied.details["tiers"]) == (TIE, [list(ten)])
    with pytest.raises(ValueError, match="at most 8"):
        rank_aggregation(named([order(ten)] * 2), method="kemeny")


def test_malformed_rankings_are_refused():
    assert rank_aggregation(named([order("ab")])).outcome == INSUFFICIENT
    assert rank_aggregation({}, minimum=1).outcome == INSUFFICIENT
    with pytest.raises(ValueError, match="twice"):
        rank_aggregation(named([order("aba"), order("ab")]))
    with pytest.raises(ValueError, match="kemeny or borda"):
        rank_aggregation({}, method="copeland")
    with pytest.raises(ValueError, match="at least 1"):
        rank_aggregation({}, minimum=0)


@quick
@given(st.lists(st.permutations("abcd"), min_size=2, max_size=5))
def test_kemeny_is_the_best_of_all_orders(rankings):
    found = rank_aggregation(named([order(items) for items in rankings]))
    costs = {
        tried: sum(
            items.index(second) < items.index(first)
            for items in rankings
            for first, second in itertools.combinations(tried, 2)
        )
        for tried in itertools.permutations("abcd")
    }
    best = [tried for tried, cost in costs.items() if cost == min(costs.values())]
    assert found.details["n_best"] == len(best)
    assert found.details["contradicted"] == min(costs.values())
    assert found.value == (best[0] if len(best) == 1 else None)
