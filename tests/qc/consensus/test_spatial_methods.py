"""SIMPLE, shape-based averaging and soft consensus; and every mask method in every layout."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.ndimage import distance_transform_edt, label

from qc.consensus.base import DEGENERATE, INSUFFICIENT, NO_MAJORITY, SETTLED, TIE
from qc.consensus.majority_mask import majority_mask, vote_counts
from qc.consensus.shape_average import shape_average
from qc.consensus.simple import simple
from qc.consensus.soft_mask import disagreement_map, probability_map, soft_mask
from qc.consensus.staple import staple, staple_probability
from qc.readings.cropped import Cropped
from qc.readings.packed import PackedMask
from qc.readings.runs import Runs

MM = (2.5, 0.8, 0.8)
METHODS = {
    "majority": lambda masks: majority_mask(masks, spacing_mm=MM[-_axes(masks) :]),
    "soft": soft_mask,
    "staple": lambda masks: staple(masks, minimum=2),
    "simple": lambda masks: simple(masks, minimum=3),
    "shape": lambda masks: shape_average(masks, spacing_mm=MM[-_axes(masks) :]),
}


def _axes(masks) -> int:
    return len(next(iter(masks.values())).shape)


def ellipsoid(centre, radii, shape=(9, 30, 32)) -> np.ndarray:
    grid = np.ogrid[tuple(slice(0, length) for length in shape)]
    return sum(((axis - at) / radius) ** 2 for axis, at, radius in zip(grid, centre, radii, strict=True)) <= 1


READERS = {
    "a": ellipsoid((4, 14, 15), (3, 8, 9)),
    "b": ellipsoid((4, 15, 15), (3, 9, 8)),
    "c": ellipsoid((5, 14, 16), (3, 8, 8)),
    "d": ellipsoid((4, 14, 14), (2, 9, 9)),
    "e": ellipsoid((4, 13, 15), (3, 8, 9)),
}
OUTLIER = ellipsoid((4, 24, 26), (3, 4, 4))

PANELS = st.tuples(array_shapes(min_dims=2, max_dims=3, max_side=9), st.integers(2, 9)).flatmap(
    lambda one: st.lists(arrays(bool, one[0]), min_size=one[1], max_size=one[1])
)


def layouts(masks):
    yield {name: Runs.from_mask(mask) for name, mask in masks.items()}
    yield {name: PackedMask.from_mask(mask) for name, mask in masks.items()}


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=40, deadline=None)
@given(panel=PANELS)
def test_every_layout_gives_the_same_answer(name, panel):
    masks = {f"r{place}": mask for place, mask in enumerate(panel)}
    dense = METHODS[name](masks)
    for kept in layouts(masks):
        result = METHODS[name](kept)
        assert (result.outcome, result.iterations) == (dense.outcome, dense.iterations)
        assert result.support == pytest.approx(dense.support, abs=1e-12)
        assert set(result.details) == set(dense.details)
        if dense.outcome == SETTLED:
            assert type(result.value) is type(next(iter(kept.values())))
            assert (result.value.mask() == dense.value).all()


@settings(max_examples=40, deadline=None)
@given(PANELS)
def test_maps_are_the_same_in_every_layout(panel):
    masks = {f"r{place}": mask for place, mask in enumerate(panel)}
    share = np.mean(panel, axis=0)
    posterior = staple_probability(masks, minimum=2)
    for given_ in (masks, *layouts(masks)):
        assert np.abs(probability_map(given_) - share).max() < 1e-6
        assert np.abs(disagreement_map(given_) - 4 * share * (1 - share)).max() < 1e-6
        assert (vote_counts(given_) == np.sum(panel, axis=0)).all()
        found = staple_probability(given_, minimum=2)
        assert (found is None) == (posterior is None)
        if posterior is not None:
            assert np.abs(found - posterior).max() < 1e-6


def test_two_to_thirty_two_readers_from_smooth_runs():
    """Large smooth masks, so that runs are swept and not decoded."""
    generator = np.random.Generator(np.random.PCG64(4))
    shape = (12, 256, 256)
    for n_readers in (2, 7, 16, 32):
        masks = {
            f"r{place:02}": ellipsoid(np.array((6, 128, 128)) + generator.normal(0, 1, 3), (4, 70, 66), shape)
            for place in range(n_readers)
        }
        runs = {name: Runs.from_mask(mask) for name, mask in masks.items()}
        dense, swept = staple(masks, minimum=2), staple(runs, minimum=2)
        for rates in ("sensitivity", "specificity"):
            assert swept.details[rates] == pytest.approx(dense.details[rates], abs=1e-12)
        assert swept.details["volume_voxels"] == dense.details["volume_voxels"]
        assert (swept.value.mask() == dense.value).all()


def test_soft_consensus_names_the_regions_in_dispute():
    masks = {name: np.zeros((3, 12, 12), dtype=bool) for name in "abcd"}
    for mask in masks.values():
        mask[:, 2:6, 2:6] = True
    masks["a"][1, 2:6, 6:8] = True
    masks["b"][1, 2:6, 6:8] = True
    masks["c"][0, 9:11, 9:11] = True
    result = soft_mask(masks, least_component=4)
    assert result.outcome == SETTLED
    assert int(result.value.sum()) == 48
    assert result.details["components"] == [
        {"box": [[1, 2], [2, 6], [6, 8]], "voxels": 8, "disagreement": 1.0},
        {"box": [[0, 1], [9, 11], [9, 11]], "voxels": 4, "disagreement": 0.75},
    ]
    assert (result.details["undecided_voxels"], result.details["disputed_voxels"]) == (8, 12)
    assert result.details["mean_disagreement"] == pytest.approx((8 * 1 + 4 * 0.75) / 60)
    assert soft_mask(masks, least_component=5).details["n_components"] == 1
    cut = Cropped({name: mask[:, 1:, 1:] for name, mask in masks.items()}, (3, 12, 12), (0, 1, 1))
    assert soft_mask(cut, least_component=4).details == result.details


def test_components_are_those_of_plain_labelling():
    generator = np.random.Generator(np.random.PCG64(8))
    masks = {name: mask ^ (generator.random(mask.shape) < 0.02) for name, mask in READERS.items()}
    result = soft_mask(masks, least_component=3)
    votes = np.sum(list(masks.values()), axis=0)
    regions, count = label((votes > 0) & (votes < 5), structure=np.ones((3, 3, 3)))
    sizes = np.bincount(regions.ravel())[1:]
    assert result.details["n_components"] == int((sizes >= 3).sum())
    listed = [one["voxels"] for one in result.details["components"]]
    assert listed == sorted((size for size in sizes.tolist() if size >= 3), reverse=True)[:100]
    assert count > len(listed)


@pytest.mark.parametrize(("threshold", "least_votes"), [(0.5, 3), (0.6, 4), (0.75, 4), (0.8, 5)])
def test_the_share_must_be_passed(threshold, least_votes):
    result = soft_mask(READERS, threshold=threshold)
    votes = np.sum(list(READERS.values()), axis=0)
    assert (result.value == (votes >= least_votes)).all()
    assert result.support == pytest.approx(votes[votes >= least_votes].mean() / 5)


def test_simple_sets_the_outlier_aside():
    masks = {**READERS, "x": OUTLIER}
    result = simple(masks, alpha=1.0)
    assert (result.outcome, result.converged) == (SETTLED, True)
    assert result.details["set_aside"]["x"] == 1
    assert result.details["weights"]["x"] == 0
    majority = majority_mask(READERS).value
    dice = 2 * (majority & result.value).sum() / (majority.sum() + result.value.sum())
    assert dice > 0.97
    assert sum(weight > 0 for weight in result.details["weights"].values()) >= 3
    for name, mask in masks.items():
        found = 2 * (mask & result.value).sum() / (mask.sum() + result.value.sum())
        assert result.details["dice"][name] == pytest.approx(found)


def plain_simple(masks, alpha):
    """Langerak et al. 2010, section II-B, voxel by voxel, with plain loops."""
    names, kept = sorted(masks), set(masks)
    estimate = np.sum([masks[name] for name in names], axis=0) > len(names) / 2
    while True:
        dice = {n: 2 * (masks[n] & estimate).sum() / (masks[n].sum() + estimate.sum()) for n in names}
        values = [dice[name] for name in sorted(kept)]
        limit = np.mean(values) - alpha * np.std(values)
        below = sorted((dice[name], name) for name in kept if dice[name] < limit - 1e-9)
        below = below[: max(0, len(kept) - 3)]
        kept -= {name for _, name in below}
        share = sum(dice[name] * masks[name] for name in kept) / sum(dice[name] for name in kept)
        again = share > 0.5 + 1e-9
        if not below and (again == estimate).all():
            return again, kept
        estimate = again


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
def test_simple_is_that_of_a_voxel_loop(alpha):
    masks = {**READERS, "x": OUTLIER, "y": ellipsoid((4, 14, 15), (3, 12, 13))}
    value, kept = plain_simple(masks, alpha)
    result = simple(masks, alpha=alpha)
    assert (result.value == value).all()
    assert set(masks) - set(result.details["set_aside"]) == kept


def test_shape_average_is_that_of_whole_images():
    masks = {name: READERS[name] for name in "abc"}
    total = sum(
        distance_transform_edt(~m, sampling=MM) - distance_transform_edt(m, sampling=MM) for m in masks.values()
    )
    votes = np.sum(list(masks.values()), axis=0)
    result = shape_average(masks, spacing_mm=MM)
    assert (result.value == ((total < 0) | ((total == 0) & (votes >= 2)))).all()
    assert result.details["zero_voxels"] == int((total == 0).sum())
    assert result.details["majority_voxels"] == int((votes >= 2).sum())


def test_trimming_keeps_the_border_where_the_others_are():
    masks = {**READERS, "x": OUTLIER}
    truth = shape_average(READERS, spacing_mm=MM).value

    def dice(value):
        return 2 * (value & truth).sum() / (value.sum() + truth.sum())

    assert dice(shape_average(masks, spacing_mm=MM, trim=1).value) > dice(shape_average(masks, spacing_mm=MM).value)
    median = shape_average(READERS, spacing_mm=MM, trim=2)
    assert (median.value == majority_mask(READERS).value).all()


EMPTY = np.zeros((9, 30, 32), dtype=bool)


@pytest.mark.parametrize(
    ("result", "outcome", "reason"),
    [
        (lambda: shape_average({"a": READERS["a"]}, spacing_mm=MM), INSUFFICIENT, "too_few"),
        (lambda: shape_average(READERS), INSUFFICIENT, "no_spacing"),
        (lambda: shape_average({"a": READERS["a"], "b": EMPTY}, spacing_mm=MM), TIE, "half_empty"),
        (
            lambda: shape_average({"a": READERS["a"], "b": EMPTY, "c": EMPTY}, spacing_mm=MM),
            NO_MAJORITY,
            "mostly_empty",
        ),
        (lambda: shape_average({"a": READERS["a"], "b": ~EMPTY}, spacing_mm=MM), DEGENERATE, "no_background"),
        (
            lambda: shape_average({n: READERS[n] for n in "abcd"}, spacing_mm=MM, trim=1),
            INSUFFICIENT,
            "too_few_to_trim",
        ),
        (
            lambda: shape_average(
                {str(n): ellipsoid((4, 7 + 15 * (n % 2), 8 + 16 * (n // 2)), (1, 1, 1)) for n in range(3)},
                spacing_mm=MM,
            ),
            NO_MAJORITY,
            "nothing_shared",
        ),
        (lambda: simple({n: READERS[n] for n in "abc"}), INSUFFICIENT, "too_few"),
        (lambda: simple({"a": READERS["a"], "b": READERS["a"], "c": EMPTY, "d": EMPTY}), TIE, "half_undecided"),
        (lambda: simple({"a": READERS["a"], "b": OUTLIER, "c": EMPTY, "d": EMPTY}), NO_MAJORITY, "nothing_shared"),
        (lambda: soft_mask({"a": READERS["a"]}), INSUFFICIENT, "too_few"),
        (lambda: soft_mask({"a": READERS["a"], "b": OUTLIER}), TIE, "half_undecided"),
        (lambda: soft_mask({"a": READERS["a"], "b": OUTLIER, "c": EMPTY}), NO_MAJORITY, "nothing_shared"),
    ],
)
def test_what_cannot_be_settled_says_why(result, outcome, reason):
    found = result()
    assert (found.outcome, found.value, found.details["reason"]) == (outcome, None, reason)


@pytest.mark.parametrize("method", [lambda m: shape_average(m, spacing_mm=MM), simple, soft_mask])
def test_all_empty_and_unanimous(method):
    nothing = method(dict.fromkeys("abcd", EMPTY))
    assert (nothing.outcome, nothing.support, int(nothing.value.sum())) == (SETTLED, 1.0, 0)
    same = method(dict.fromkeys("abcd", READERS["a"]))
    assert (same.value == READERS["a"]).all()
    assert same.support == pytest.approx(1.0)


def test_one_of_three_alone_is_outvoted_by_the_empty():
    result = soft_mask({"a": READERS["a"], "b": EMPTY, "c": EMPTY})
    assert (result.outcome, int(result.value.sum()), result.support) == (SETTLED, 0, pytest.approx(2 / 3))


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: shape_average(READERS, spacing_mm=(1, 1)), "each axis"),
        (lambda: shape_average(READERS, spacing_mm=(1, 0, 1)), "positive"),
        (lambda: shape_average(READERS, spacing_mm=MM, trim=-1), "trim"),
        (lambda: simple(READERS, alpha=0), "alpha"),
        (lambda: soft_mask(READERS, threshold=0.4), "threshold"),
        (lambda: soft_mask(READERS, threshold=1), "threshold"),
        (lambda: soft_mask({"a": EMPTY, "b": Runs.from_mask(EMPTY)}), "layout"),
    ],
)
def test_parameters_are_checked(work, message):
    with pytest.raises(ValueError, match=message):
        work()
