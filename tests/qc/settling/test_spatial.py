"""Regions are settled on the box around them, and as if nothing had been cut."""

import tracemalloc

import numpy as np
import pytest

from annotations.labels import _runs
from annotations.labels.base import Geometry
from annotations.labels.mask import Mask
from qc.consensus.staple import staple
from qc.readings.cropped import Cropped
from qc.settling.base import QuestionSpec, Read
from qc.settling.spatial import bounds_of, kept, mask_label, painted, settle_masks

SHAPE = (9, 60, 70)
QUESTION = QuestionSpec(code="organ", kind="mask", scale="none", definition={})


def organs(n_readers: int = 4, error: float = 0.02) -> dict[str, np.ndarray]:
    generator = np.random.Generator(np.random.PCG64(3))
    truth = np.zeros(SHAPE, dtype=bool)
    truth[2:6, 20:33, 31:50] = True
    near = np.zeros(SHAPE, dtype=bool)
    near[1:8, 17:36, 28:52] = True
    return {f"r{place}": truth ^ (near & (generator.random(SHAPE) < error)) for place in range(n_readers)}


def reads(masks: dict[str, np.ndarray]) -> tuple[Read, ...]:
    return tuple(
        Read(reader, "organ", "", {"kind": "mask", "shape": list(SHAPE), "runs": _runs.encode(mask)}, place, "")
        for place, (reader, mask) in enumerate(masks.items())
    )


@pytest.mark.parametrize("domain", ["union_box", "image", [[0, 9], [10, 50], [20, 60]]])
@pytest.mark.parametrize("beta_prior", [None, (5.0, 1.5)])
def test_a_cut_is_answered_as_the_image(domain, beta_prior):
    masks = organs()
    whole = staple(masks, domain=domain, beta_prior=beta_prior)
    box = (slice(1, 9), slice(13, 40), slice(24, 56))
    cut = Cropped({reader: mask[box] for reader, mask in masks.items()}, SHAPE, tuple(side.start for side in box))
    part = staple(cut, domain=domain, beta_prior=beta_prior)
    assert part.parameters == whole.parameters
    assert part.details == whole.details
    assert (part.support, part.iterations) == (whole.support, whole.iterations)
    assert (part.value == whole.value[box]).all()
    assert whole.value.sum() == part.value.sum() > 0


@pytest.mark.parametrize(
    ("method", "parameters"),
    [("majority_mask", {}), ("staple", {"domain": "image"}), ("staple", {"domain": "union_box"}), ("staple", {})],
)
def test_what_is_settled_is_what_the_method_says_of_the_whole_images(method, parameters):
    masks = organs()
    policy = {"method": method, "method_parameters": parameters}
    settled = settle_masks(QUESTION, reads(masks), policy, Geometry(shape=SHAPE, spacing_mm=(2.0, 1.0, 1.0)))
    if method == "staple":
        value = staple(masks, **parameters).value
    else:
        value = sum(mask.astype(int) for mask in masks.values()) > 2
    assert settled.label["shape"] == list(SHAPE)
    assert (_runs.decode(settled.label["runs"], SHAPE) == value).all()
    first, second = masks["r0"], masks["r1"]
    assert settled.details["pairs"][0] == ["r0", "r1", first.sum(), second.sum(), (first & second).sum()]


def test_a_large_grid_is_never_painted():
    shape = (300, 512, 512)
    part = np.ones((3, 5, 7), dtype=bool)
    label = mask_label(part, (100, 103, 200, 205, 300, 307), shape)
    tracemalloc.start()
    region = kept(Mask(shape, label["runs"]))
    box = bounds_of(region)
    again = painted(region, box)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert box == (100, 103, 200, 205, 300, 307)
    assert (again == part).all()
    # The grid has 79 million voxels.
    assert peak < 1_000_000


def test_an_empty_mask_has_an_empty_box():
    assert bounds_of(kept(Mask((2, 3, 4), _runs.encode(np.zeros((2, 3, 4), dtype=bool))))) == (0, 0, 0, 0, 0, 0)
