"""STAPLE against SimpleITK's numbers, a voxel-wise EM and its own warnings."""

import json

import numpy as np
import pytest

from qc.consensus.base import DEGENERATE, INSUFFICIENT, SETTLED
from qc.consensus.majority_mask import majority_mask
from qc.consensus.staple import staple, staple_probability
from tests.shared import shared


def disc(row: int, column: int, radius_squared: int, side: int = 20) -> np.ndarray:
    rows, columns = np.ogrid[:side, :side]
    return (rows - row) ** 2 + (columns - column) ** 2 <= radius_squared


DISCS = {"a": disc(9, 9, 20), "b": disc(9, 11, 20), "c": disc(10, 10, 34), "d": disc(8, 9, 9)}


def test_four_discs_as_simpleitk_sees_them():
    """SimpleITK 2.5.7, STAPLEImageFilter with its defaults on the same four discs, computed for this test."""
    result = staple(DISCS, domain="image", beta_prior=None)
    assert list(result.details["sensitivity"].values()) == pytest.approx(
        [0.7730965945449093, 0.7730965945368937, 1.0, 0.3249246556790983], abs=1e-9
    )
    assert list(result.details["specificity"].values()) == pytest.approx(
        [0.9999999999994512, 0.9999999999971487, 0.9364484874530308, 1.0], abs=1e-9
    )
    assert (result.iterations, result.converged, int(result.value.sum())) == (13, True, 87)
    probability = staple_probability(DISCS, domain="image", beta_prior=None)
    assert float(probability.sum(dtype=np.float64)) == pytest.approx(89.25146111017068, rel=1e-6)
    assert ((probability > 0.5) == result.value).all()


def voxelwise(masks: dict[str, np.ndarray], prior: float | None = None, beta=(1.0, 1.0), passes: int = 500):
    """Warfield, Zou & Wells 2004, equations 14, 18 and 19, one voxel at a time and with plain products."""
    decisions = np.stack([masks[rater].ravel() for rater in sorted(masks)]).astype(float)
    weights = decisions.mean(axis=0)
    prior = decisions.mean() if prior is None else prior
    last = None
    for _ in range(passes):
        p = ((decisions * weights).sum(axis=1) + beta[0] - 1) / (weights.sum() + sum(beta) - 2)
        q = (((1 - decisions) * (1 - weights)).sum(axis=1) + beta[0] - 1) / ((1 - weights).sum() + sum(beta) - 2)
        inside = prior * np.prod(np.where(decisions == 1, p[:, None], 1 - p[:, None]), axis=0)
        outside = (1 - prior) * np.prod(np.where(decisions == 1, 1 - q[:, None], q[:, None]), axis=0)
        weights = inside / (inside + outside)
        if last is not None and max(abs(p - last[0]).max(), abs(q - last[1]).max()) <= 1e-7:
            break
        last = p, q
    return p, q, weights.reshape(next(iter(masks.values())).shape)


def noisy(n_raters: int, seed: int, shape=(4, 12, 12), error: float = 0.15) -> dict[str, np.ndarray]:
    generator = np.random.Generator(np.random.PCG64(seed))
    truth = np.zeros(shape, dtype=bool)
    truth[1:3, 3:9, 3:9] = True
    return {f"r{number:02}": truth ^ (generator.random(shape) < error) for number in range(n_raters)}


@pytest.mark.parametrize(
    ("n_raters", "prior", "beta"),
    [(3, None, None), (5, 0.3, None), (4, None, (5.0, 1.5)), (9, None, None), (18, None, None)],
)
def test_patterns_are_exact(n_raters, prior, beta):
    masks = noisy(n_raters, seed=n_raters)
    result = staple(masks, domain="image", prior=prior, beta_prior=beta, max_iterations=500)
    p, q, weights = voxelwise(masks, prior, beta or (1.0, 1.0))
    assert list(result.details["sensitivity"].values()) == pytest.approx(list(p), abs=1e-12)
    assert list(result.details["specificity"].values()) == pytest.approx(list(q), abs=1e-12)
    assert (result.value == (weights > 0.5)).all()
    probability = staple_probability(masks, domain="image", prior=prior, beta_prior=beta, max_iterations=500)
    assert probability.dtype == np.float32
    assert np.abs(probability - weights).max() < 1e-7
    assert result.support == pytest.approx(weights[weights > 0.5].mean())


def test_the_union_box_is_a_crop():
    """The default domain answers as the image domain does on the crop, and is stored with the prior."""
    padded = {rater: np.pad(mask, 30) for rater, mask in DISCS.items()}
    result = staple(padded)
    (rows, columns) = result.parameters["domain_box"]
    cropped = {rater: mask[slice(*rows), slice(*columns)] for rater, mask in padded.items()}
    whole = staple(cropped, domain="image")
    assert result.details["sensitivity"] == whole.details["sensitivity"]
    assert result.parameters["prior"] == whole.parameters["prior"]
    assert result.parameters["prior"] == np.mean(list(cropped.values()))
    union = np.any(list(padded.values()), axis=0)
    occupied = np.flatnonzero(union.any(axis=1))
    # Eleven rows: a tenth, rounded up, is 2, so the least margin of 3 holds.
    assert rows == [occupied[0] - 3, occupied[-1] + 1 + 3]


def test_background_moves_the_result_of_the_image_domain_only():
    """The background bias that makes the box the default."""
    padded = {rater: np.pad(mask, 40) for rater, mask in DISCS.items()}
    assert staple(padded).value.sum() == staple({r: np.pad(m, 10) for r, m in DISCS.items()}).value.sum()
    assert staple(padded, domain="image").parameters["prior"] < staple(DISCS, domain="image").parameters["prior"]


def test_warns_where_the_majority_tells_another_story():
    masks = {"a": disc(9, 9, 4), "b": disc(9, 9, 5), "c": disc(9, 9, 60), "d": disc(9, 9, 62)}
    padded = {rater: np.pad(mask, 30) for rater, mask in masks.items()}
    result = staple(padded, domain="image")
    majority = majority_mask(padded).value
    dice = 2 * (majority & result.value).sum() / (majority.sum() + result.value.sum())
    assert result.details["dice_with_majority"] == pytest.approx(dice)
    assert dice < 0.85
    assert result.details["warnings"] == ["differs_from_majority"]
    assert staple(DISCS).details["warnings"] == ["differs_from_majority"]


def test_unanimity():
    result = staple(dict.fromkeys("xyz", DISCS["c"]))
    assert result.outcome == SETTLED
    assert (result.value == DISCS["c"]).all()
    assert result.support == pytest.approx(1.0)
    assert result.details["dice_with_majority"] == 1.0


@pytest.mark.parametrize(("fill", "name"), [(False, "all_empty"), (True, "all_full")])
def test_all_empty_and_all_full_are_answered_without_iterating(fill, name):
    masks = {rater: np.full((3, 4, 5), fill) for rater in "abc"}
    result = staple(masks)
    assert (result.outcome, result.iterations, result.details["degenerate"]) == (SETTLED, 0, name)
    assert (result.value == fill).all()
    assert result.details["sensitivity"] == {"a": None, "b": None, "c": None}
    assert (staple_probability(masks) == fill).all()


@pytest.mark.parametrize("masks", [{}, {"a": DISCS["a"]}, {"a": DISCS["a"], "b": DISCS["b"]}])
def test_below_three_the_prior_alone_would_decide(masks):
    result = staple(masks)
    assert (result.outcome, result.value, result.details) == (INSUFFICIENT, None, {"reason": "too_few"})
    assert staple_probability(masks) is None


def test_two_when_asked_for_are_their_intersection():
    result = staple({"a": DISCS["a"], "b": DISCS["b"]}, minimum=2, domain="image", beta_prior=None)
    assert (result.value == (DISCS["a"] & DISCS["b"])).all()


def test_one_rater_is_too_few_whatever_is_asked():
    assert staple({"a": DISCS["a"]}, minimum=1).outcome == INSUFFICIENT


def test_disjoint_raters_decide_nothing():
    masks = {"a": disc(4, 4, 9, 32), "b": disc(20, 20, 9, 32)}
    result = staple(masks, minimum=2, domain="image", beta_prior=None)
    assert (result.outcome, result.value) == (DEGENERATE, None)
    assert result.details["reason"] == "constant_posterior"
    assert result.details["fallback"] == "majority_mask"
    assert result.details["majority_voxels"] == 0
    assert staple_probability(masks, minimum=2, domain="image", beta_prior=None) is None


def test_label_inversion_is_caught():
    """Two raters of four mark the complement: somebody reads upside down, and the method cannot know who."""
    inside = disc(9, 9, 20)
    masks = {"a": inside, "b": inside, "c": ~inside, "d": ~disc(9, 10, 20)}
    result = staple(masks, domain="image")
    assert (result.outcome, result.details["reason"]) == (DEGENERATE, "label_inversion")
    worse = [
        p + q < 1
        for p, q in zip(result.details["sensitivity"].values(), result.details["specificity"].values(), strict=True)
    ]
    assert sum(worse) >= 2


def test_the_cap_is_honest():
    result = staple(noisy(4, seed=1, error=0.3), max_iterations=2)
    assert (result.iterations, result.converged) == (2, False)
    assert "not_converged" in result.details["warnings"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"prior": 0.0}, "prior"),
        ({"prior": 3.828125}, "prior"),
        ({"max_iterations": 501}, "max_iterations"),
        ({"max_iterations": 0}, "max_iterations"),
        ({"domain": "everywhere"}, "domain"),
        ({"domain": [[0, 0], [0, 20]]}, "domain"),
        ({"beta_prior": (0.5, 1.0)}, "beta_prior"),
    ],
)
def test_parameters_are_checked(parameters, message):
    """A prior of one or more makes SimpleITK run without end (observed with 3.828125)."""
    with pytest.raises(ValueError, match=message):
        staple(DISCS, **parameters)


def test_masks_of_255_are_refused():
    """SimpleITK answers NaN everywhere."""
    with pytest.raises(ValueError, match="bool"):
        staple({rater: mask.astype(np.uint8) * 255 for rater, mask in DISCS.items()})


def test_order_of_raters_never_matters():
    result, other = staple(DISCS), staple(dict(reversed(DISCS.items())))
    assert (result.value == other.value).all()
    assert result.details == other.details


SETS = ["disks4", "disks3", "disks2", "noisy4", "one_empty", "over_under", "nested5", "fov_full64"]


@pytest.mark.parametrize("name", SETS)
def test_reference_sets(name):
    """Sets computed with SimpleITK 2.5.7; at most one in a thousand million apart (C10, C22)."""
    entries = json.loads(shared("reference/reference_values.json").read_text())
    expected = next(entry["expected"][name] for entry in entries if entry["id"] == "C10_staple_binary")
    with np.load(shared("reference/staple_inputs.npz")) as inputs:
        masks = {str(number): inputs[f"{name}__{number}"].astype(bool) for number in range(expected["n_raters"])}
    with np.load(shared("reference/staple_sitk_outputs.npz")) as outputs:
        posterior = outputs[name]
    result = staple(masks, minimum=2, domain="image", beta_prior=None)
    assert list(result.details["sensitivity"].values()) == pytest.approx(expected["sensitivity"], abs=1e-9)
    assert list(result.details["specificity"].values()) == pytest.approx(expected["specificity"], abs=1e-9)
    assert result.parameters["prior"] == pytest.approx(expected["prior"], abs=1e-12)
    assert (result.iterations, int(result.value.sum())) == (expected["elapsed_iterations"], expected["n_gt_05"])
    assert (result.value == (posterior > 0.5)).all()
    probability = staple_probability(masks, minimum=2, domain="image", beta_prior=None)
    # The map is float32, so half a unit in its last place is allowed.
    assert np.abs(probability - posterior).max() < 6e-8


@pytest.mark.parametrize("background", [0, 25])
def test_simpleitk_itself_gives_the_same(background):
    sitk = pytest.importorskip("SimpleITK", reason="SimpleITK is a peer of benchmarks/, not installed by the product")
    masks = {rater: np.pad(mask, background) for rater, mask in DISCS.items()} | {
        "e": np.pad(disc(9, 10, 5), background)
    }
    peer = sitk.STAPLEImageFilter()
    posterior = sitk.GetArrayFromImage(
        peer.Execute([sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in masks.values()])
    )
    result = staple(masks, domain="image", beta_prior=None)
    assert list(result.details["sensitivity"].values()) == pytest.approx(list(peer.GetSensitivity()), abs=1e-9)
    assert list(result.details["specificity"].values()) == pytest.approx(list(peer.GetSpecificity()), abs=1e-9)
    assert result.iterations == peer.GetElapsedIterations()
    assert (result.value == (posterior > 0.5)).all()
    assert np.abs(staple_probability(masks, domain="image", beta_prior=None) - posterior).max() < 1e-6


def extended(masks: dict[str, np.ndarray], passes: int) -> np.ndarray:
    """The same equations on distinct voxels with counts, in the widest floats that the machine has."""
    stacked = np.stack([mask.ravel() for mask in masks.values()], axis=1)
    rows, counts = np.unique(stacked, axis=0, return_counts=True)
    decisions, counts = rows.astype(np.longdouble), counts.astype(np.longdouble)
    weights = decisions.mean(axis=1)
    prior = (counts @ decisions).sum() / (counts.sum() * decisions.shape[1])
    for _ in range(passes):
        p = (weights * counts) @ decisions / (weights * counts).sum()
        q = ((1 - weights) * counts) @ (1 - decisions) / ((1 - weights) * counts).sum()
        inside = prior * np.prod(np.where(decisions == 1, p, 1 - p), axis=1)
        outside = (1 - prior) * np.prod(np.where(decisions == 1, 1 - q, q), axis=1)
        weights = inside / (inside + outside)
    return np.concatenate((p, q))


def test_weights_are_those_of_extended_precision():
    masks = noisy(6, seed=12, shape=(20, 60, 60), error=0.1)
    result = staple(masks, domain="image", beta_prior=None, max_iterations=10)
    found = np.array([*result.details["sensitivity"].values(), *result.details["specificity"].values()])
    assert np.abs(found - extended(masks, 10)).max() < 1e-11


def test_the_beta_prior_keeps_an_empty_mask_possible():
    """Maximum likelihood says that who marked nothing never marks anything; five reads in favour say otherwise."""
    masks = {**DISCS, "e": np.zeros((20, 20), dtype=bool)}
    assert staple(masks, beta_prior=None).details["sensitivity"]["e"] == 0
    result = staple(masks)
    assert result.parameters["beta_prior"] == [5.0, 1.5]
    inside = sum(result.details["volume_voxels"].values())
    assert 0 < result.details["sensitivity"]["e"] < 5 / inside * 5


def test_a_stated_domain_is_one_of_the_image():
    padded = {rater: np.pad(mask, 30) for rater, mask in DISCS.items()}
    by_name = staple(padded)
    stated = staple(padded, domain=by_name.parameters["domain_box"])
    assert stated.details == by_name.details
    assert (stated.value == by_name.value).all()
    wide = staple(padded, domain=[[-5, 500], [0, 80]])
    assert wide.details == staple(padded, domain="image").details


def test_marks_outside_the_domain_are_not_dropped():
    result = staple(DISCS, domain=[[0, 10], [0, 20]])
    assert (result.outcome, result.value, result.details["reason"]) == (DEGENERATE, None, "outside_domain")
    assert staple_probability(DISCS, domain=[[0, 10], [0, 20]]) is None


def test_what_nobody_marked_is_never_painted():
    """A stated prior can make the background probable; where it would end, nobody has said."""
    generator = np.random.Generator(np.random.PCG64(2))
    masks = {rater: generator.random((20, 20)) < 0.3 for rater in "abc"}
    result = staple(masks, prior=0.9, max_iterations=1)
    assert (result.outcome, result.value, result.details["reason"]) == (DEGENERATE, None, "background_inside")


def test_no_interval_is_invented():
    assert staple(DISCS).details["intervals"] == "spatially_correlated"
