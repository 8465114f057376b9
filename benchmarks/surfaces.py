"""Distances of mask surfaces and overlaps of masks beside medpy, MONAI and surface-distance: equality first.

python benchmarks/surfaces.py [--rounds 3] [--quick] [--json]

Peers are optional: each line says which one it was compared with, and a peer that is not installed is named.
surface-distance weighs surface elements, so that its HD95 differs by definition; it is compared for time, and for
the Hausdorff distance on shapes where both definitions agree within one voxel.
"""

import argparse
import gc
import importlib
import importlib.util
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from qc.agreement._mask_pair import compare_masks
from qc.agreement.assd import pair_assd
from qc.agreement.hausdorff import pair_hausdorff
from qc.agreement.hd95 import pair_hd95
from qc.agreement.surface_dice import pair_surface_dice
from qc.readings.masks import pair_counts

SPACING = (1.5, 0.8, 0.8)
TOLERANCE = 2.0
Masks = Mapping[str, np.ndarray]


def kidneys(shape: tuple[int, int, int], readers: int) -> Masks:
    """Return ellipsoids of the size of a kidney whose edges the readers draw a voxel or two apart."""
    generator = np.random.Generator(np.random.PCG64(11))
    centre, radii = np.array(shape) * 0.45, np.array([35.0, 40.0, 34.0])
    masks = {}
    for number in range(readers):
        mask = np.zeros(shape, dtype=bool)
        middle = centre + generator.normal(0, 0.7, 3)
        size = radii * generator.normal(1, 0.03, 3)
        low = np.maximum((middle - size - 2).astype(int), 0)
        high = np.minimum((middle + size + 3).astype(int), shape)
        box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        axes = np.meshgrid(*(np.arange(a, b) for a, b in zip(low, high, strict=True)), indexing="ij", sparse=True)
        mask[box] = sum(((axis - m) / s) ** 2 for axis, m, s in zip(axes, middle, size, strict=True)) < 1
        masks[f"reader {number + 1}"] = mask
    return masks


def distances(masks: Masks) -> list[tuple[float, ...]]:
    return [
        (pair_hausdorff(pair), pair_hd95(pair), pair_assd(pair), pair_surface_dice(pair))
        for pair in compare_masks(masks, spacing_mm=SPACING, tolerance_mm=TOLERANCE)
    ]


def overlaps(masks: Masks) -> list[tuple[float, float]]:
    found = []
    for pair in pair_counts(masks):
        both = pair.size_first + pair.size_second
        found.append((2 * pair.intersection / both, pair.intersection / (both - pair.intersection)))
    return found


def pairs_of(masks: Masks) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(masks[first], masks[second]) for first, second in combinations(sorted(masks), 2)]


def with_medpy(masks: Masks) -> list[tuple[float, ...]]:
    """Return assd and call hd95 as a user does: each makes its own distance maps of the whole grid. It has no NSD."""
    binary = importlib.import_module("medpy.metric.binary")
    found = []
    for first, second in pairs_of(masks):
        binary.hd95(first, second, SPACING)
        found.append((binary.assd(first, second, SPACING),))
    return found


def with_surface_distance(masks: Masks) -> list[tuple[float, ...]]:
    metrics = importlib.import_module("surface_distance")
    found = []
    for first, second in pairs_of(masks):
        maps = metrics.compute_surface_distances(first, second, SPACING)
        metrics.compute_robust_hausdorff(maps, 95)
        metrics.compute_average_surface_distance(maps)
        metrics.compute_surface_dice_at_tolerance(maps, TOLERANCE)
        found.append((metrics.compute_robust_hausdorff(maps, 100),))
    return found


def with_monai(masks: Masks) -> list[tuple[float, ...]]:
    torch, metrics = importlib.import_module("torch"), importlib.import_module("monai.metrics")
    found = []
    for first, second in pairs_of(masks):
        sides = [torch.from_numpy(side[None, None]) for side in (first, second)]
        metrics.compute_surface_dice(*sides, [TOLERANCE], include_background=True, spacing=SPACING)
        hd95 = metrics.compute_hausdorff_distance(*sides, include_background=True, percentile=95, spacing=SPACING)
        assd = metrics.compute_average_surface_distance(
            *sides, include_background=True, symmetric=True, spacing=SPACING
        )
        found.append((float(hd95), float(assd)))
    return found


def medpy_overlaps(masks: Masks) -> list[tuple[float, float]]:
    binary = importlib.import_module("medpy.metric.binary")
    return [(binary.dc(first, second), binary.jc(first, second)) for first, second in pairs_of(masks)]


def seconds(work: Callable[[], Any]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@dataclass(frozen=True)
class Case:
    """One comparison: what is measured, with whom, and which of our columns must agree within the slack."""

    name: str
    peer: str
    module: str
    ours: Callable[[Masks], Any]
    theirs: Callable[[Masks], Any]
    masks: Masks
    rounds: int
    slack: float
    columns: tuple[int, ...]


def compared(case: Case) -> dict[str, Any]:
    """Return one line; the values come first and must agree within the slack."""
    mine = np.array(case.ours(case.masks), dtype=float)[:, case.columns]
    difference = float(np.abs(mine - np.array(case.theirs(case.masks), dtype=float)).max())
    assert difference <= case.slack, (case.name, case.peer, difference)
    times = [
        (seconds(lambda: case.ours(case.masks)), seconds(lambda: case.theirs(case.masks))) for _ in range(case.rounds)
    ]
    ours_s, peer_s = statistics.median(t[0] for t in times), statistics.median(t[1] for t in times)
    tracemalloc.start()
    case.ours(case.masks)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    shape = " x ".join(map(str, next(iter(case.masks.values())).shape))
    return {
        "case": f"{case.name}, {shape}",
        "ours_s": round(ours_s, 4),
        "peer": case.peer,
        "peer_s": round(peer_s, 4),
        "ratio": round(peer_s / ours_s, 1),
        "peak_mib": round(peak, 1),
        "largest_difference": float(f"{difference:.2g}"),
    }


def cases(shape: tuple[int, int, int], rounds: int) -> list[Case]:
    two, five = kidneys(shape, 2), kidneys(shape, 5)
    voxel = float(np.linalg.norm(SPACING))
    pair, ten, dice = "HD95 + ASSD + NSD, kidney pair", "HD95 + ASSD + NSD, 10 pairs", "all-pairs Dice + IoU, 5 masks"
    deepmind = ("surface-distance", "surface_distance", distances, with_surface_distance)
    monai = ("MONAI", "monai", distances, with_monai)
    return [
        Case(pair, *deepmind, two, rounds, voxel, (0,)),
        Case(ten, *deepmind, five, rounds, voxel, (0,)),
        Case(pair, *monai, two, rounds, 1e-4, (1, 2)),
        Case(ten, *monai, five, 1, 1e-4, (1, 2)),
        Case(dice, "medpy", "medpy", overlaps, medpy_overlaps, five, rounds, 1e-12, (0, 1)),
        Case(pair, "medpy as called", "medpy", distances, with_medpy, two, 1, 1e-9, (2,)),
    ]


def lines(rounds: int, *, is_quick: bool) -> Iterator[dict[str, Any]]:
    """Yield the figures of every case, or the name of the peer that is missing."""
    for case in cases((128, 256, 256) if is_quick else (300, 512, 512), rounds):
        if importlib.util.find_spec(case.module) is None:
            yield {"case": case.name, "peer": case.peer, "skipped": "not installed"}
        else:
            yield compared(case)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a smaller grid of 128 x 256 x 256")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for found in lines(options.rounds, is_quick=options.quick):
        if options.json:
            print(json.dumps(found), flush=True)
        elif "skipped" in found:
            print(f"{found['case']:<56} {found['peer']:<18} not installed", flush=True)
        else:
            print(
                f"{found['case']:<56} {found['peer']:<18} {found['ours_s']:>9.4f} s {found['peer_s']:>9.3f} s "
                f"{found['ratio']:>8.1f}x  {found['peak_mib']:>7.1f} MiB  differ {found['largest_difference']:g}",
                flush=True,
            )


if __name__ == "__main__":
    main()
