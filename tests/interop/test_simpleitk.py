"""STAPLE beside SimpleITK itself, on the same masks with the same prior and the same convergence."""

import numpy as np
import pytest
import SimpleITK

from qc.consensus.majority_mask import majority_mask
from qc.consensus.multilabel_staple import multilabel_staple
from qc.consensus.staple import staple, staple_probability

SHAPE = (6, 24, 20)
MOST = 1e-6


def masks(n_readers, seed):
    """Return noisy readers of one blob, each with errors of their own."""
    generator = np.random.Generator(np.random.PCG64(seed))
    z, y, x = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    truth = ((z - 3) / 2.5) ** 2 + ((y - 12) / 7) ** 2 + ((x - 9) / 6) ** 2 <= 1
    found = {}
    for reader in range(n_readers):
        miss, extra = generator.uniform(0.02, 0.25), generator.uniform(0.005, 0.05)
        flip = generator.random(SHAPE)
        found[f"r{reader:02}"] = np.where(truth, flip > miss, flip < extra)
    return found


@pytest.mark.parametrize(("n_readers", "seed"), [(2, 1), (3, 2), (5, 3), (8, 4), (32, 5)])
def test_weights_and_probabilities_are_those_of_simpleitk(n_readers, seed):
    drawn = masks(n_readers, seed)
    peer = SimpleITK.STAPLEImageFilter()
    images = [SimpleITK.GetImageFromArray(mask.astype(np.uint8)) for mask in drawn.values()]
    probability = SimpleITK.GetArrayFromImage(peer.Execute(images))
    ours = staple(drawn, minimum=2, domain="image", beta_prior=None, max_iterations=500)
    assert ours.converged
    assert list(ours.details["sensitivity"].values()) == pytest.approx(peer.GetSensitivity(), abs=MOST)
    assert list(ours.details["specificity"].values()) == pytest.approx(peer.GetSpecificity(), abs=MOST)
    weights = staple_probability(drawn, minimum=2, domain="image", beta_prior=None, max_iterations=500)
    assert np.abs(weights - probability).max() < MOST


@pytest.mark.parametrize("prior", [0.05, 0.3])
def test_with_a_prior_of_one_s_own_too(prior):
    drawn = masks(4, 9)
    peer = SimpleITK.STAPLEImageFilter()
    peer.SetConfidenceWeight(prior / np.stack(list(drawn.values())).mean())
    peer.Execute([SimpleITK.GetImageFromArray(mask.astype(np.uint8)) for mask in drawn.values()])
    ours = staple(drawn, domain="image", beta_prior=None, prior=prior, max_iterations=500)
    assert list(ours.details["sensitivity"].values()) == pytest.approx(peer.GetSensitivity(), abs=MOST)
    assert list(ours.details["specificity"].values()) == pytest.approx(peer.GetSpecificity(), abs=MOST)


@pytest.mark.parametrize(("n_readers", "n_labels"), [(3, 3), (5, 6), (4, 40)])
def test_label_maps_are_those_of_simpleitk(n_readers, n_labels):
    generator = np.random.Generator(np.random.PCG64(n_labels))
    ramp = np.add.outer(np.add.outer(np.arange(6), np.arange(24)), np.arange(20)) % 47
    truth = np.digitize(ramp, np.linspace(0, 47, n_labels + 1)[1:-1])
    maps = {}
    for reader in range(n_readers):
        wrong = generator.random(SHAPE) < 0.05 + 0.05 * reader
        maps[f"r{reader}"] = np.where(wrong, generator.integers(0, n_labels, SHAPE), truth).astype(np.uint8)
    peer = SimpleITK.MultiLabelSTAPLEImageFilter()
    peer.SetMaximumNumberOfIterations(200)
    theirs = SimpleITK.GetArrayFromImage(peer.Execute([SimpleITK.GetImageFromArray(one) for one in maps.values()]))
    ours = multilabel_staple(maps, domain="image", start="voting", smoothing=0.0)
    decided = (ours.value != 255) & (theirs != n_labels)
    assert decided.mean() > 0.99
    assert (ours.value[decided] == theirs[decided]).all()


def test_the_vote_is_that_of_simpleitk():
    drawn = masks(5, 11)
    images = [SimpleITK.GetImageFromArray(mask.astype(np.uint8)) for mask in drawn.values()]
    voted = SimpleITK.GetArrayFromImage(SimpleITK.LabelVoting(images, 2)) == 1
    assert (majority_mask(drawn).value == voted).all()
