"""Consensus of masks and label maps beside SimpleITK and medpy, where they are installed: equality first, then times.

Run from the repository: ``python -m benchmarks.consensus [--large] [--only TEXT] [--json] [--rounds N]``. Peers are in
``benchmarks/requirements.txt``. Runs are interleaved, so that a busy machine hurts both sides alike; read the ratios.
SimpleITK's cost grows with its iterations and ours does not, so both make exactly ten.
"""

import argparse
import gc
import io
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from annotations.labels import _runs as codec
from benchmarks import dawid_skene
from benchmarks.volumes import Mask, label_maps, noise_masks, organ_masks
from qc.consensus._staple_em import TOLERANCE
from qc.consensus.majority_mask import majority_mask
from qc.consensus.multilabel_staple import multilabel_staple
from qc.consensus.staple import staple, staple_probability
from qc.readings.label_runs import LabelRuns
from qc.readings.masks import pair_counts
from qc.readings.packed import PackedMask
from qc.readings.runs import Runs

SMALL, LARGE = (100, 256, 256), (300, 512, 512)
SMALL_DEEP, LARGE_DEEP = (32, 256, 256), (64, 512, 512)
PASSES = 10
# Seconds from which a peer is asked once.
SLOW = 5.0
AS_ITK: dict[str, Any] = {"domain": "image", "beta_prior": None, "max_iterations": PASSES}
# SimpleITK adds voxels one by one, and is off by 1.5e-7 itself at 512×512×300.
SMALL_ENOUGH, EXACT, ROUGH = 20_000_000, 1e-9, 1e-6


@dataclass(frozen=True)
class Case:
    """One piece of work, ours and a peer's; ``goal`` is the ratio aimed at on the large size."""

    name: str
    ours: Callable[[], Any]
    peer_name: str = ""
    peer: Callable[[], Any] | None = None
    difference: Callable[[Any, Any], float] = lambda ours, theirs: 0.0
    most: float = 0.0
    goal: float | None = None


class Peer:
    """SimpleITK's filters on one set of masks, each run once for equality and timed on its own."""

    def __init__(self, masks: Mapping[str, NDArray[Any]]) -> None:
        self.itk: Any = import_module("SimpleITK") if find_spec("SimpleITK") else None
        kept = [mask.astype(np.uint8) for mask in masks.values()] if self.itk else []
        self.images = [self.itk.GetImageFromArray(mask) for mask in kept]

    @property
    def name(self) -> str:
        return "SimpleITK" if self.itk else ""

    def staple(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        peer = self.itk.STAPLEImageFilter()
        peer.SetMaximumIterations(PASSES)
        probability = self.itk.GetArrayFromImage(peer.Execute(self.images))
        return np.array([*peer.GetSensitivity(), *peer.GetSpecificity()]), probability

    def labels(self) -> NDArray[np.uint8]:
        peer = self.itk.MultiLabelSTAPLEImageFilter()
        peer.SetMaximumNumberOfIterations(PASSES)
        found: NDArray[np.uint8] = self.itk.GetArrayFromImage(peer.Execute(self.images))
        return found

    def vote(self) -> NDArray[np.uint8]:
        found: NDArray[np.uint8] = self.itk.GetArrayFromImage(self.itk.LabelVoting(self.images, 2))
        return found


def weights_differ(ours: Any, theirs: Any) -> float:
    """Return the largest difference of sensitivities and specificities."""
    mine = [*ours.details["sensitivity"].values(), *ours.details["specificity"].values()]
    return float(np.abs(np.array(mine) - theirs[0]).max())


def ways_of(masks: dict[str, Mask], wanted: Mapping[str, float]) -> dict[str, Callable[[], Any]]:
    """Return STAPLE from every layout that is wanted."""
    shape = next(iter(masks.values())).shape
    total = int(np.prod(shape))
    lengths = {name: Runs.from_mask(mask).lengths() for name, mask in masks.items()} if "runs" in wanted else {}
    texts = {name: codec.pack(one) for name, one in lengths.items()} if "texts" in wanted else {}
    bits = {name: PackedMask.from_mask(mask) for name, mask in masks.items()} if "bits" in wanted else {}

    def from_texts() -> Any:
        return staple({n: Runs.from_lengths(codec.unpack(one, total), shape) for n, one in texts.items()}, **AS_ITK)

    return {
        "runs": lambda: staple({n: Runs.from_lengths(one, shape) for n, one in lengths.items()}, **AS_ITK),
        "texts": from_texts,
        "bits": lambda: staple(bits, **AS_ITK),
        "dense": lambda: staple(masks, **AS_ITK),
        "float32 map": lambda: staple_probability(masks, **AS_ITK),
    }


def staple_cases(title: str, masks: dict[str, Mask], goals: Mapping[str, float]) -> Iterator[Case]:
    """Yield STAPLE from every layout; the peer is asked once for all of them."""
    peer, ways = Peer(masks), ways_of(masks, goals)
    most = EXACT if next(iter(masks.values())).size <= SMALL_ENOUGH else ROUGH
    for way, goal in ((way, goal) for way, goal in goals.items() if way in ways):
        differ, limit = (map_differs, ROUGH) if way == "float32 map" else (weights_differ, most)
        yield Case(f"P1 {title}, {way}", ways[way], peer.name, peer.staple, differ, limit, goal)
    if "runs" in goals:
        name = f"P1 {title}, runs against"
        yield Case(
            f"{name} reading the voxels", ways["runs"], "reading them", lambda: read_all(masks), goal=goals.get("read")
        )
        yield Case(
            f"{name} extended precision", ways["runs"], "long doubles", lambda: extended(masks), weights_differ, 1e-11
        )


def map_differs(ours: Any, theirs: Any) -> float:
    """Return the largest difference of two probability maps."""
    return float(np.abs(ours - theirs[1]).max())


def read_all(masks: Mapping[str, Mask]) -> list[int]:
    """Read every voxel once, eight at a time."""
    return [int(mask.reshape(-1).view(np.uint64).max()) for mask in masks.values()]


def extended(masks: Mapping[str, Mask]) -> tuple[NDArray[Any], None]:
    """Return the same weights from the same counts, in the widest floats of the machine."""
    codes = np.zeros(next(iter(masks.values())).shape, dtype=np.uint64)
    for place, mask in enumerate(masks.values()):
        codes |= mask.astype(np.uint64) << np.uint64(place)
    found, counts = np.unique(codes, return_counts=True)
    decisions = ((found[:, None] >> np.arange(len(masks), dtype=np.uint64)) & np.uint64(1)).astype(np.longdouble)
    counts = counts.astype(np.longdouble)
    weights = decisions.mean(axis=1)
    prior = (counts @ decisions).sum() / (counts.sum() * len(masks))
    last = np.full(2 * len(masks), np.inf)
    for _ in range(PASSES):
        p = (weights * counts) @ decisions / (weights * counts).sum()
        q = ((1 - weights) * counts) @ (1 - decisions) / ((1 - weights) * counts).sum()
        inside = prior * np.prod(np.where(decisions == 1, p, 1 - p), axis=1)
        outside = (1 - prior) * np.prod(np.where(decisions == 1, 1 - q, q), axis=1)
        weights = inside / (inside + outside)
        moved, last = np.abs(np.concatenate((p, q)) - last).max(), np.concatenate((p, q))
        if moved <= TOLERANCE:
            break
    return last.astype(np.float64), None


def vote_case(masks: dict[str, Mask]) -> Iterator[Case]:
    peer = Peer(masks)

    def differ(ours: Any, theirs: Any) -> float:
        return float(np.count_nonzero(ours.value != (theirs == 1)))

    def work() -> Any:
        return majority_mask(masks, spacing_mm=(1.0, 0.7, 0.7))

    yield Case("majority with disputed regions, dense", work, peer.name, peer.vote, differ)


def label_cases(maps: dict[str, NDArray[np.uint8]]) -> Iterator[Case]:
    """Yield multi-label STAPLE from label runs and dense maps."""
    peer = Peer(maps)
    runs = {name: LabelRuns.from_map(one) for name, one in maps.items()}
    settings: dict[str, Any] = {"domain": "image", "start": "voting", "smoothing": 0, "max_iterations": PASSES}

    def differ(ours: Any, theirs: Any) -> float:
        value = ours.value.map() if isinstance(ours.value, LabelRuns) else ours.value
        return float(np.count_nonzero((value != theirs) & (value != 255)))

    for way, given in (("label runs", runs), ("dense", maps)):

        def work(given=given) -> Any:
            return multilabel_staple(given, **settings)

        yield Case(f"P2 multi-label STAPLE, 5 labels, {way}", work, peer.name, peer.labels, differ, 0, 80)


def pair_cases(masks: dict[str, Mask], ten: dict[str, Mask]) -> Iterator[Case]:
    """Yield Dice and IoU of all pairs from every layout, and what ten readers cost beside five."""
    medpy = import_module("medpy.metric.binary") if find_spec("medpy") else None
    runs, bits = ({n: keep(m) for n, m in masks.items()} for keep in (Runs.from_mask, PackedMask.from_mask))

    def peer() -> list[tuple[float, float]]:
        return [(medpy.dc(a, b), medpy.jc(a, b)) for a, b in combinations(masks.values(), 2)]

    def ours(given: Any) -> list[tuple[float, float]]:
        pairs = [(p.size_first + p.size_second, p.intersection) for p in pair_counts(given)]
        return [(2 * both / total, both / (total - both)) for total, both in pairs]

    def differ(mine: Any, theirs: Any) -> float:
        return float(np.abs(np.subtract(mine, theirs)).max())

    for way, given, goal in (("runs", runs, 150), ("bits", bits, 150), ("dense", masks, 20)):

        def work(given=given) -> Any:
            return ours(given)

        yield Case(f"P3 Dice and IoU of all pairs, {way}", work, "medpy" if medpy else "", peer, differ, 1e-12, goal)
    yield Case(
        "P3 all pairs, runs against reading the voxels",
        lambda: ours(runs),
        "reading them",
        lambda: read_all(masks),
        goal=3,
    )
    yield Case(
        "P3 all pairs, five readers against ten (at least 0.4)",
        lambda: ours(ten),
        "five",
        lambda: ours(masks),
        goal=0.4,
    )


def storage_cases(mask: Mask) -> Iterator[Case]:
    """Yield writing and reading of one stored mask beside a compressed npz."""
    text = codec.encode(mask)
    file = io.BytesIO()
    np.savez_compressed(file, mask)
    data = file.getvalue()
    sizes = f"{len(text) / 1024:.1f} KiB, npz {len(data) / 1024:.1f} KiB"

    def write() -> None:
        np.savez_compressed(io.BytesIO(), mask)

    def read() -> Mask:
        kept: Mask = np.load(io.BytesIO(data))["arr_0"]
        return kept

    def differ(mine: Any, theirs: Any) -> float:
        return float(np.count_nonzero(mine != theirs))

    yield Case(f"P9b encode ({sizes})", lambda: codec.encode(mask), "npz", write, goal=2)
    yield Case("P9b decode to voxels", lambda: codec.decode(text, mask.shape), "npz", read, differ, 0, 2)

    def kept() -> Any:
        return Runs.from_lengths(codec.unpack(text, mask.size), mask.shape)

    yield Case("P9b decode to runs", kept, "npz", read, lambda mine, theirs: differ(mine.mask(), theirs), 0, 2)


def cases(*, is_large: bool) -> Iterator[Case]:
    """Yield all work; each set of masks is dropped before the next is made."""
    shape, deep = (LARGE, LARGE_DEEP) if is_large else (SMALL, SMALL_DEEP)
    masks = organ_masks(shape)
    yield from staple_cases(
        "STAPLE 5", masks, {"runs": 1500, "read": 2, "texts": 1500, "bits": 100, "dense": 100, "float32 map": 70}
    )
    yield from vote_case(masks)
    yield from storage_cases(masks["reader 00"])
    yield from pair_cases(masks, organ_masks(shape, 10))
    del masks
    yield from staple_cases("STAPLE 5, noise", noise_masks(shape), {"bits": 300, "dense": 100})
    yield from staple_cases("STAPLE 16", organ_masks(deep, 16), {"runs": 700, "dense": 100})
    yield from staple_cases("STAPLE 32", organ_masks(deep, 32), {"runs": 250, "dense": 20})
    yield from label_cases(label_maps(deep))


class Meter:
    """Checks each case, times both sides in turn, and asks a slow peer once for all cases that compare with it."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.asked: tuple[Any, Any, Spent] | None = None

    def measure(self, case: Case) -> dict[str, Any]:
        has_peer = case.peer is not None and bool(case.peer_name)
        tracemalloc.start()
        ours = case.ours()
        peak_mib = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        difference, theirs = None, []
        if has_peer and case.peer is not None:
            found, spent = self._answer(case.peer)
            theirs.append(spent)
            difference = case.difference(ours, found)
            if difference > case.most:
                raise SystemExit(f"{case.name}: the two sides differ by {difference}, more than {case.most}")
            del found
        del ours
        mine: list[Spent] = []
        for _ in range(self.rounds):
            mine.append(spent_on(case.ours)[1])
            if theirs and case.peer is not None and theirs[0].wall < SLOW:
                theirs.append(spent_on(case.peer)[1])
        return report(case, mine, theirs, peak_mib, difference)

    def _answer(self, peer: Callable[[], Any]) -> tuple[Any, "Spent"]:
        if self.asked is None or self.asked[0] != peer:
            self.asked = None
            found, spent = spent_on(peer)
            if spent.wall < SLOW:
                return found, spent
            self.asked = peer, found, spent
        return self.asked[1], self.asked[2]


class Spent(NamedTuple):
    """Seconds on the clock, and of all processors; on a busy machine only the second can be compared."""

    wall: float
    cpu: float


def spent_on(work: Callable[[], Any]) -> tuple[Any, Spent]:
    gc.collect()
    start, busy = time.perf_counter(), time.process_time()
    found = work()
    return found, Spent(time.perf_counter() - start, time.process_time() - busy)


def report(
    case: Case, mine: list[Spent], theirs: list[Spent], peak_mib: float, difference: float | None
) -> dict[str, Any]:
    ours = Spent(*(statistics.median(part) for part in zip(*mine, strict=True)))
    line: dict[str, Any] = {"case": case.name, "ours_s": round(ours.wall, 5), "peer": None, "peer_s": None}
    line |= {"ratio": None, "cpu_ratio": None, "goal": case.goal, "peak_mib": round(peak_mib, 1)}
    line["difference"] = difference
    if theirs:
        peer = Spent(*(statistics.median(part) for part in zip(*theirs, strict=True)))
        line |= {"peer": case.peer_name, "peer_s": round(peer.wall, 4), "ratio": round(peer.wall / ours.wall, 2)}
        line["cpu_ratio"] = round(peer.cpu / ours.cpu, 2)
    return line


def main() -> None:
    """Run every case and write a table, or one JSON line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="512×512×300 and ×64 instead of 256×256×100 and ×32")
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    parser.add_argument("--json", action="store_true", help="one JSON line a case")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    missing = [name for name in ("SimpleITK", "medpy", "crowdkit") if not find_spec(name)]
    if missing:
        sys.stderr.write(f"{' and '.join(missing)} not installed (benchmarks/requirements.txt): timed without.\n")
    meter = Meter(options.rounds)
    for case in cases(is_large=options.large):
        if options.only in case.name:
            line = meter.measure(case)
            sys.stdout.write((json.dumps(line) if options.json else _row(line)) + "\n")
            sys.stdout.flush()
    for study in (dawid_skene.panel_study(), dawid_skene.sparse_study(1_000_000 if options.large else 100_000)):
        if options.only in study.name or options.only in "Dawid–Skene":
            line = dawid_skene.measured(study, options.rounds)
            sys.stdout.write((json.dumps(line) if options.json else dawid_skene.row(line)) + "\n")
            sys.stdout.flush()


def _row(line: Mapping[str, Any]) -> str:
    beside = ""
    if line["peer"]:
        goal = "" if line["goal"] is None else f" (goal {line['goal']:g})"
        beside = (
            f"   {line['peer']} {line['peer_s']:8.3f} s {line['ratio']:7.1f}× (cpu {line['cpu_ratio']:.1f}×){goal}"
            f"   differ {line['difference']:.1e}"
        )
    return f"{line['case']:<56} {line['ours_s']:9.4f} s   {line['peak_mib']:7.1f} MiB{beside}"


if __name__ == "__main__":
    main()
