"""Label maps: plurality and STAPLE against SimpleITK's numbers, a voxel-wise EM and every degenerate input."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from qc.consensus.base import DEGENERATE, INSUFFICIENT, SETTLED, TIE
from qc.consensus.multilabel_staple import multilabel_staple
from qc.consensus.multilabel_vote import multilabel_vote
from qc.readings import label_runs
from qc.readings.base import ReadingError
from qc.readings.cropped import Cropped
from qc.readings.label_runs import LabelRuns, count_labels, count_voxels
from tests.shared import shared

ITK = {"domain": "image", "start": "voting", "smoothing": 0}


def discs(*places: tuple[int, int, int], side: int = 24) -> np.ndarray:
    """Return discs (row, column, squared radius), labelled from 1, later ones on top."""
    rows, columns = np.ogrid[:side, :side]
    labels = np.zeros((side, side), dtype=np.uint8)
    for label, (row, column, squared) in enumerate(places, start=1):
        labels[(rows - row) ** 2 + (columns - column) ** 2 <= squared] = label
    return labels


MAPS = {
    "a": discs((9, 9, 30), (14, 14, 18)),
    "b": discs((9, 10, 26), (14, 15, 20)),
    "c": discs((10, 9, 34), (14, 14, 20)),
}
# SimpleITK 2.5.7, MultiLabelSTAPLEImageFilter with its defaults on these maps: said by row, true by column.
ITK_CONFUSION = {
    "a": [[0.996663226308, 0, 0.0629530101322], [0.00333677369181, 1, 0], [0, 0, 0.937046989868]],
    "b": [
        [0.969593740744, 0.166498352842, 0.0328603471715],
        [0.00934802894662, 0.833501647158, 0.0460842781902],
        [0.0210582303094, 0, 0.921055374638],
    ],
    "c": [
        [0.974536482298, 0.0441094888736, 0],
        [0.0210335244256, 0.931371791539, 0],
        [0.00442999327615, 0.0245187195874, 1],
    ],
}
ITK_VOXELS = {"0": 430, "1": 81, "2": 65}


def voxelwise(maps, labels, passes, tie_leaks=False, smoothing=0.0):
    """Rohlfing, Russakoff & Maurer 2004 voxel by voxel, as ITK starts it; ``tie_leaks`` repeats ITK 5.4's fault."""
    said = np.stack([maps[rater].ravel() for rater in sorted(maps)]).astype(int)
    k = len(labels)
    tally = np.stack([(said == label).sum(axis=0) for label in labels])
    tied = (tally == tally.max(axis=0)).sum(axis=0) > 1
    vote = np.where(tied, k, tally.argmax(axis=0))
    confusion = np.zeros((len(said), k + 1, k))
    for reader, row in enumerate(said):
        flat = confusion[reader].reshape(-1)
        for label, winner in zip(row, vote, strict=True):
            if winner < k or tie_leaks:
                # A row has k places, so that the place k is the first of the next row.
                flat[label * k + winner] += 1
    totals = confusion.sum(axis=2, keepdims=True)
    confusion = np.divide(confusion, totals, out=np.zeros_like(confusion), where=totals > 0)[:, :k]
    prior = np.array([(said == label).mean() for label in labels])
    for _ in range(passes + 1):
        weights = np.prod(confusion[np.arange(len(said))[:, None], said], axis=0) * prior
        totals = weights.sum(axis=1, keepdims=True)
        weights = np.divide(weights, totals, out=np.zeros_like(weights), where=totals > 0)
        last = confusion
        cells = np.stack([[weights[row == label].sum(axis=0) for label in labels] for row in said]) + smoothing
        confusion = cells / cells.sum(axis=1, keepdims=True)
    return last, weights.reshape(*next(iter(maps.values())).shape, k)


def matrices(result) -> np.ndarray:
    """Return (raters, said, true)."""
    return np.array([np.array(rows).T for rows in result.details["confusion"].values()])


def test_three_maps_as_simpleitk_sees_them():
    result = multilabel_staple(MAPS, **ITK)
    assert (result.outcome, result.converged, result.details["undecided_voxels"]) == (SETTLED, True, 0)
    assert np.abs(matrices(result) - np.array(list(ITK_CONFUSION.values()))).max() < 1e-11
    found = {str(label): int((result.value == label).sum()) for label in range(3)}
    assert found == ITK_VOXELS
    assert result.details["label_voxels"] == {label: n for label, n in found.items() if label != "0"}


@pytest.mark.parametrize("passes", [1, 2, 7])
@pytest.mark.parametrize("smoothing", [0.0, 0.5])
def test_patterns_are_exact(passes, smoothing):
    settings_ = {**ITK, "smoothing": smoothing}
    result = multilabel_staple(MAPS, **settings_, max_iterations=passes)
    confusion, weights = voxelwise(MAPS, [0, 1, 2], passes, smoothing=smoothing)
    assert np.abs(matrices(result) - confusion).max() < 1e-12
    assert (result.value == weights.argmax(axis=-1)).all()
    assert (result.iterations, result.converged) == (passes, False)
    assert result.details["warnings"] == ["not_converged"]


def test_a_tie_leaks_in_itk_and_is_undecided_here():
    """Two raters, three tied voxels (C15): SimpleITK 2.5.7 gives every tie to label 0."""
    first = np.array([[0, 0, 1, 1, 2, 2, 1, 0]], dtype=np.uint8)
    second = np.array([[0, 1, 1, 2, 2, 0, 1, 0]], dtype=np.uint8)
    maps = {"a": first, "b": second}
    _, leaked = voxelwise(maps, [0, 1, 2], 100, tie_leaks=True)
    assert leaked.argmax(axis=-1).tolist() == [[0, 0, 1, 0, 2, 0, 1, 0]]
    result = multilabel_staple(maps, minimum=2, **ITK)
    assert result.value.tolist() == [[0, 255, 1, 255, 2, 255, 1, 0]]
    assert result.details["undecided_voxels"] == 3
    assert multilabel_vote(maps).value.tolist() == result.value.tolist()


def test_the_reference_maps():
    """C14 and C16: ties leak into ITK's start there, and both ends agree on every label."""
    with np.load(shared("reference/mlstaple.npz")) as stored:
        maps = {name: stored[name] for name in stored}
    result = multilabel_staple(maps, **ITK)
    # SimpleITK 2.5.7 on the same maps.
    assert [int((result.value == label).sum()) for label in range(3)] == [381, 146, 49]
    assert result.details["confusion"]["A0"][0][0] == pytest.approx(0.994915377, abs=1e-5)
    entries = json.loads(shared("reference/reference_values.json").read_text())
    expected = next(entry["expected"]["counts"] for entry in entries if entry["id"] == "C16_label_voting")
    vote = multilabel_vote(maps).value
    assert {label: int((vote == int(label)).sum()) for label in expected} == expected


def test_simpleitk_itself_gives_the_same():
    sitk = pytest.importorskip("SimpleITK", reason="SimpleITK is a peer of benchmarks/, not installed by the product")
    images = [sitk.GetImageFromArray(one) for one in MAPS.values()]
    for passes in (1, 3, 60):
        peer = sitk.MultiLabelSTAPLEImageFilter()
        peer.SetMaximumNumberOfIterations(passes)
        labels = sitk.GetArrayFromImage(peer.Execute(images))
        result = multilabel_staple(MAPS, **ITK, max_iterations=passes)
        confusion = np.array([np.array(peer.GetConfusionMatrix(i)).reshape(-1, 3)[:3] for i in range(3)])
        assert np.abs(matrices(result) - confusion).max() < 1e-12
        assert (result.value == labels).all()
    vote = sitk.GetArrayFromImage(sitk.LabelVoting(images, 255))
    assert (multilabel_vote(MAPS).value == vote).all()


PANELS = st.tuples(array_shapes(min_dims=2, max_dims=3, max_side=6), st.integers(2, 5)).flatmap(
    lambda one: st.lists(arrays(np.uint8, one[0], elements=st.integers(0, 4)), min_size=one[1], max_size=one[1])
)


@settings(max_examples=60, deadline=None)
@given(PANELS)
def test_runs_and_voxels_count_alike(maps):
    runs = [LabelRuns.from_map(one) for one in maps]
    assert all((kept.map() == one).all() for kept, one in zip(runs, maps, strict=True))
    for found in (count_labels(runs), count_voxels(maps)):
        said = {tuple(row): count for row, count in zip(found.patterns.tolist(), found.counts.tolist(), strict=True)}
        slow, counts = np.unique(np.stack(maps, axis=-1).reshape(-1, len(maps)), axis=0, return_counts=True)
        assert {row: n for row, n in said.items() if n} == dict(zip(map(tuple, slow.tolist()), counts, strict=True))
        assert not found.patterns[0].any()


@settings(max_examples=40, deadline=None)
@given(PANELS)
def test_both_layouts_answer_alike(maps):
    named = {str(place): one for place, one in enumerate(maps)}
    runs = {name: LabelRuns.from_map(one) for name, one in named.items()}
    for method in (multilabel_vote, lambda given: multilabel_staple(given, minimum=2)):
        dense, sparse = method(named), method(runs)
        assert dense.outcome == sparse.outcome
        assert dense.details == sparse.details
        if dense.outcome == SETTLED:
            assert (sparse.value.map() == dense.value).all()
            assert int((dense.value == 255).sum()) == dense.details["undecided_voxels"]


def test_ragged_and_smooth_maps_take_both_ways(monkeypatch):
    generator = np.random.Generator(np.random.PCG64(9))
    ragged = {str(place): generator.integers(0, 200, (4, 9, 11), dtype=np.uint8) for place in range(9)}
    assert count_labels([LabelRuns.from_map(one) for one in ragged.values()]).heads is None
    assert (
        count_labels([LabelRuns.from_map(np.kron(one, np.ones((9, 9), np.uint8))) for one in MAPS.values()]).heads[0]
        == 0
    )
    whole = multilabel_vote(ragged)
    monkeypatch.setattr(label_runs, "_CHUNK", 17)
    assert multilabel_vote(ragged).details == whole.details


def test_two_hundred_and_fifty_five_labels_and_many_raters():
    generator = np.random.Generator(np.random.PCG64(10))
    truth = np.repeat(np.arange(255, dtype=np.uint8), 12).reshape(1, 60, 51)
    maps = {}
    for reader in range(12):
        wrong = generator.random(truth.shape) < 0.2
        maps[f"r{reader:02}"] = np.where(wrong, generator.integers(0, 255, truth.shape), truth).astype(np.uint8)
    result = multilabel_staple(maps, domain="image")
    assert result.outcome == SETTLED
    assert (result.value == truth).mean() > 0.999
    assert len(result.details["labels"]) == 255


def test_simulated_readers_are_recovered():
    generator = np.random.Generator(np.random.PCG64(11))
    truth = generator.choice(3, size=(40, 100), p=[0.6, 0.25, 0.15]).astype(np.uint8)
    rates = np.array([[0.95, 0.03, 0.02], [0.1, 0.85, 0.05], [0.2, 0.1, 0.7]])
    maps = {}
    for name in "abcde":
        draws = generator.random(truth.shape)[..., None]
        maps[name] = (draws > rates.cumsum(axis=1)[truth]).sum(axis=-1).astype(np.uint8)
    result = multilabel_staple(maps, domain="image")
    # 4,000 voxels, 600 of the rarest label: three standard errors of a share are 0.056.
    assert np.abs(matrices(result).transpose(0, 2, 1) - rates).max() < 0.06
    vote = multilabel_vote(maps)
    assert (result.value == truth).mean() >= (vote.value == truth).mean()


def test_a_cut_is_answered_as_the_image():
    maps = {name: np.pad(one, 30) for name, one in MAPS.items()}
    box = (slice(28, 56), slice(27, 57))
    cut = Cropped({name: one[box] for name, one in maps.items()}, (84, 84), (28, 27))
    for domain in ("image", "union_box", [[20, 70], [25, 60]]):
        whole, part = multilabel_staple(maps, domain=domain), multilabel_staple(cut, domain=domain)
        assert part.parameters == whole.parameters
        assert part.details == whole.details
        assert (part.value == whole.value[box]).all()


def test_all_empty_is_empty():
    maps = dict.fromkeys("abc", np.zeros((3, 4), dtype=np.uint8))
    for result in (multilabel_staple(maps), multilabel_vote(maps)):
        assert (result.outcome, result.support, int(result.value.sum())) == (SETTLED, 1.0, 0)


def test_unanimity():
    for result in (
        multilabel_staple(dict.fromkeys("abc", MAPS["a"])),
        multilabel_vote(dict.fromkeys("abc", MAPS["a"])),
    ):
        assert result.outcome == SETTLED
        assert (result.value == MAPS["a"]).all()
        assert result.support == pytest.approx(1.0, abs=1e-3)


def test_a_tie_everywhere_is_a_tie():
    one = np.ones((4, 4), dtype=np.uint8)
    assert multilabel_vote({"a": one, "b": one + 1}).outcome == TIE
    result = multilabel_staple({"a": one, "b": one + 1}, minimum=2, domain="image", start="voting")
    assert (result.outcome, result.value) == (TIE, None)


def test_too_few():
    for result in (multilabel_staple({"a": MAPS["a"], "b": MAPS["b"]}), multilabel_vote({"a": MAPS["a"]})):
        assert (result.outcome, result.value, result.details) == (INSUFFICIENT, None, {"reason": "too_few"})


def test_swapped_labels_are_an_inversion():
    """Two raters of four swap left and right: nobody can say which two."""
    left = MAPS["a"]
    right = np.array([0, 2, 1], dtype=np.uint8)[left]
    result = multilabel_staple({"a": left, "b": left, "c": right, "d": right}, domain="image")
    assert (result.outcome, result.value) in ((DEGENERATE, None), (TIE, None))


def test_marks_outside_the_domain_are_not_dropped():
    result = multilabel_staple(MAPS, domain=[[0, 10], [0, 24]])
    assert (result.outcome, result.details["reason"]) == (DEGENERATE, "outside_domain")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"domain": "everywhere"}, "domain"),
        ({"domain": [[3, 3], [0, 4]]}, "domain"),
        ({"start": "random"}, "start"),
        ({"smoothing": -1}, "smoothing"),
        ({"max_iterations": 501}, "max_iterations"),
    ],
)
def test_parameters_are_checked(parameters, message):
    with pytest.raises(ValueError, match=message):
        multilabel_staple(MAPS, **parameters)


@pytest.mark.parametrize(
    ("maps", "message"),
    [
        ({"a": MAPS["a"].astype(int), "b": MAPS["b"]}, "uint8"),
        ({"a": MAPS["a"], "b": np.full_like(MAPS["b"], 255)}, "undecided"),
        ({"a": MAPS["a"], "b": MAPS["b"][:3]}, "one shape"),
        ({"a": MAPS["a"], "b": LabelRuns.from_map(MAPS["b"])}, "one layout"),
        ({"a": MAPS["a"][0], "b": MAPS["b"][0]}, "two axes"),
    ],
)
def test_what_is_refused(maps, message):
    with pytest.raises(ValueError, match=message):
        multilabel_vote(maps)


def test_stored_label_runs():
    kept = LabelRuns.from_map(MAPS["a"])
    lengths = np.diff(kept.heads, append=kept.size)
    assert (LabelRuns.from_lengths(lengths, kept.labels, kept.shape).map() == MAPS["a"]).all()
    with pytest.raises(ReadingError):
        LabelRuns.from_lengths(lengths[:-1], kept.labels[:-1], kept.shape)
