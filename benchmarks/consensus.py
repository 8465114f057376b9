"""STAPLE and voxel majority from dense masks, beside SimpleITK's filters when they are installed.

Run from the repository: ``python -m benchmarks.consensus [--large] [--json] [--rounds N]``. Equality is checked before
anything is timed; runs are interleaved, so that a busy machine hurts both sides alike; read the ratios.
"""

import argparse
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.consensus.majority_mask import majority_mask
from qc.consensus.staple import staple, staple_probability

Mask = NDArray[np.bool_]

SMALL, LARGE = (100, 256, 256), (300, 512, 512)
READERS = 5
# SimpleITK's cost grows with its iterations and ours does not, so both make exactly this many.
PASSES = 10
SEED = 20261125


@dataclass(frozen=True)
class Case:
    """One piece of work, ours and a peer's."""

    name: str
    ours: Callable[[], Any]
    peer_name: str
    peer: Callable[[], Any] | None
    difference: Callable[[Any, Any], float]
    most: float


def organ_masks(shape: tuple[int, int, int]) -> dict[str, Mask]:
    """Return five outlines of one ellipsoid that differ in place, size and along a wavy border."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    grid = np.meshgrid(*(np.linspace(-1, 1, length) for length in shape), indexing="ij", sparse=True)
    masks = {}
    for number in range(READERS):
        shift, size = generator.normal(0, 0.02, 3), 0.35 * generator.normal(1, 0.04)
        radius = sum(((axis - move) / size) ** 2 for axis, move in zip(grid, shift, strict=True))
        phase = generator.uniform(0, 6.28, 3)
        waves = sum(np.sin(14 * axis + turn) for axis, turn in zip(grid, phase, strict=True))
        masks[f"reader {number}"] = radius < 1 + 0.05 * waves
    return masks


def cases(masks: Mapping[str, Mask], sitk: Any) -> Iterator[Case]:
    """Yield the work, with a peer where ``sitk`` is present."""
    images = [] if sitk is None else [sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in masks.values()]

    def sitk_staple() -> tuple[list[float], NDArray[np.float64]]:
        peer = sitk.STAPLEImageFilter()
        peer.SetMaximumIterations(PASSES)
        probability = sitk.GetArrayFromImage(peer.Execute(images))
        return [*peer.GetSensitivity(), *peer.GetSpecificity()], probability

    def sitk_vote() -> NDArray[np.uint8]:
        votes: NDArray[np.uint8] = sitk.GetArrayFromImage(sitk.LabelVoting(images, 2))
        return votes

    def weights(result: Any) -> list[float]:
        return [*result.details["sensitivity"].values(), *result.details["specificity"].values()]

    def voxels(first: Any, second: Any) -> float:
        return float(np.count_nonzero(first != second))

    peer = "SimpleITK" if sitk is not None else ""
    yield Case(
        f"STAPLE mask, {PASSES} passes, whole image",
        lambda: staple(masks, domain="image", max_iterations=PASSES),
        peer,
        sitk_staple if sitk else None,
        lambda ours, theirs: float(np.abs(np.subtract(weights(ours), theirs[0])).max()),
        1e-6 if next(iter(masks.values())).size > 20_000_000 else 1e-9,
    )
    yield Case(
        f"STAPLE float32 map, {PASSES} passes, whole image",
        lambda: staple_probability(masks, domain="image", max_iterations=PASSES),
        peer,
        sitk_staple if sitk else None,
        lambda ours, theirs: float(np.abs(ours - theirs[1]).max()),
        1e-6,
    )
    yield Case("STAPLE mask, default domain and cap", lambda: staple(masks), "", None, voxels, 0)
    yield Case(
        "voxel majority with disputed regions",
        lambda: majority_mask(masks, spacing_mm=(1.0, 0.7, 0.7)),
        peer,
        sitk_vote if sitk else None,
        lambda ours, theirs: voxels(ours.value, theirs == 1),
        0,
    )


def measure(case: Case, rounds: int) -> dict[str, Any]:
    """Check that both sides agree, then time them in turn."""
    ours, difference = case.ours(), None
    if case.peer is not None:
        difference = case.difference(ours, case.peer())
        if difference > case.most:
            raise SystemExit(f"{case.name}: the two sides differ by {difference}, more than {case.most}")
    del ours
    times: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(rounds):
        times["ours"].append(_seconds(case.ours))
        if case.peer is not None:
            times["peer"].append(_seconds(case.peer))
    tracemalloc.start()
    case.ours()
    peak_mib = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    ours_s = statistics.median(times["ours"])
    peer_s = statistics.median(times["peer"]) if times["peer"] else None
    return {
        "case": case.name,
        "ours_s": round(ours_s, 5),
        "peer": case.peer_name or None,
        "peer_s": None if peer_s is None else round(peer_s, 4),
        "ratio": None if peer_s is None else round(peer_s / ours_s, 1),
        "peak_mib": round(peak_mib, 1),
        "difference": difference,
    }


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Run every case and write a table, or one JSON line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="512×512×300 instead of 256×256×100")
    parser.add_argument("--json", action="store_true", help="one JSON line a case")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    sitk = import_module("SimpleITK") if find_spec("SimpleITK") else None
    if sitk is None:
        sys.stderr.write("SimpleITK is not installed (benchmarks/requirements.txt): timed without a peer.\n")
    shape = LARGE if options.large else SMALL
    if not options.json:
        size = "×".join(map(str, reversed(shape)))
        sys.stdout.write(f"{READERS} readers, {size}, median of {options.rounds} interleaved rounds\n")
    for case in cases(organ_masks(shape), sitk):
        line = measure(case, options.rounds)
        sys.stdout.write((json.dumps(line) if options.json else _row(line)) + "\n")
        sys.stdout.flush()


def _row(line: Mapping[str, Any]) -> str:
    beside = ""
    if line["peer"]:
        beside = f"   {line['peer']} {line['peer_s']:9.3f} s   {line['ratio']:8.1f}×   differ {line['difference']:.1e}"
    return f"{line['case']:<46} {line['ours_s']:9.4f} s   {line['peak_mib']:7.1f} MiB{beside}"


if __name__ == "__main__":
    main()
