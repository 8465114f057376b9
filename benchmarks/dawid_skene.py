"""Dawid–Skene by maximum likelihood beside crowd-kit, where it is installed: equality first, then interleaved times.

Run from the repository: ``python -m benchmarks.dawid_skene [--labels 1000000] [--rounds 3] [--json]``. crowd-kit pulls
in transformers and pyarrow, so it wants an environment of its own (``pip install crowd-kit==1.4.2 numpy scipy``).
Both sides make the same number of iterations; ours starts from the raw matrix of ratings and counts its patterns first.
"""

import argparse
import gc
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from qc.consensus._em import Search
from qc.consensus.base import ProjectConsensus
from qc.consensus.dawid_skene import dawid_skene
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale

ITERATIONS = 10
SEED = 20261125
# crowd-kit smooths zero cells by 1e-10 in its own way, and both sides add in another order.
MOST_APART = 1e-6


@dataclass(frozen=True)
class Study:
    """Who said what: ratings (units, readers) with -1 for none."""

    name: str
    ratings: NDArray[np.int16]
    n_codes: int

    @property
    def readers(self) -> list[str]:
        return [f"reader {place:04}" for place in range(self.ratings.shape[1])]

    @property
    def scale(self) -> Scale:
        return Scale("nominal", tuple(str(code) for code in range(self.n_codes)))


def sparse_study(n_labels: int, n_readers: int = 100, n_codes: int = 10, per_unit: int = 10) -> Study:
    """Return units that ten of a hundred readers rated, each reader right in 55 to 95 %."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    n_units = n_labels // per_unit
    truth = generator.integers(0, n_codes, size=n_units)
    skill = generator.uniform(0.55, 0.95, size=n_readers)
    ratings = np.full((n_units, n_readers), -1, dtype=np.int16)
    chosen = np.argsort(generator.random((n_units, n_readers), dtype=np.float32), axis=1)[:, :per_unit]
    is_right = generator.random(chosen.shape) < skill[chosen]
    wrong = generator.integers(0, n_codes, size=chosen.shape)
    said = np.where(is_right, truth[:, None], wrong).astype(np.int16)
    np.put_along_axis(ratings, chosen, said, axis=1)
    return Study(f"{n_labels} labels, {n_readers} readers, {n_codes} codes", ratings, n_codes)


def panel_study(n_units: int = 10_000, n_readers: int = 5, n_codes: int = 3) -> Study:
    """Return a fixed panel in which every reader rated every unit."""
    return sparse_study(n_units * n_readers, n_readers, n_codes, n_readers)


def ours(study: Study) -> tuple[PatternTable, ProjectConsensus]:
    table = PatternTable.from_codes(study.ratings, raters=study.readers, scale=study.scale)
    # A tolerance of 0 never stops early unless nothing moves at all.
    search = Search(tolerance=0.0, max_iterations=ITERATIONS)
    return table, dawid_skene(table, prior=(0.0, 0.0, 0.0), search=search)


def frame_of(study: Study) -> Any:
    task, worker = np.nonzero(study.ratings >= 0)
    columns = {"task": task, "worker": worker, "label": study.ratings[task, worker]}
    return import_module("pandas").DataFrame(columns)


def peer(frame: Any) -> Any:
    method = import_module("crowdkit.aggregation").DawidSkene(n_iter=ITERATIONS, tol=-1.0)
    return method.fit_predict_proba(frame)


def difference(study: Study, frame: Any) -> float:
    table, found = ours(study)
    row = {pattern.tobytes(): place for place, pattern in enumerate(table.patterns)}
    place = [row[ratings.tobytes()] for ratings in study.ratings.astype(table.patterns.dtype)]
    theirs = peer(frame).sort_index()[list(range(study.n_codes))].to_numpy()
    return float(np.abs(found.posterior[place] - theirs).max())


def seconds(work: Callable[[], Any]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measured(study: Study, rounds: int) -> dict[str, Any]:
    has_peer = find_spec("crowdkit") is not None
    frame = frame_of(study) if has_peer else None
    ours(study)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    apart = difference(study, frame) if has_peer else None
    if apart is not None and apart > MOST_APART:
        raise SystemExit(f"{study.name}: posteriors differ by {apart:.2e}; nothing is timed.")
    times = [(seconds(lambda: ours(study)), seconds(lambda: peer(frame)) if has_peer else None) for _ in range(rounds)]
    ours_s = statistics.median(time for time, _ in times)
    peers = [time for _, time in times if time is not None]
    peer_s = statistics.median(peers) if peers else None
    return {
        "case": f"Dawid–Skene, {study.name}, {ITERATIONS} iterations",
        "ours_s": round(ours_s, 4),
        "peer": "crowd-kit" if has_peer else None,
        "peer_s": None if peer_s is None else round(peer_s, 4),
        "ratio": None if peer_s is None else round(peer_s / ours_s, 1),
        "peak_mib": round(peak),
        "difference": apart,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for study in (panel_study(), sparse_study(options.labels)):
        case = measured(study, options.rounds)
        if options.json:
            print(json.dumps(case))
            continue
        print(row(case))


def row(case: Mapping[str, Any]) -> str:
    """Return the figures of a case as one line for people."""
    beside = "crowd-kit is not installed" if case["peer_s"] is None else f"{case['peer_s']:.3f} s"
    ours = f"{case['case']:<75} {case['ours_s']:>9.3f} s  {case['peak_mib']} MiB"
    return f"{ours}  {beside}  {case['ratio']}x  apart {case['difference']}"


if __name__ == "__main__":
    main()
