"""Coefficients of a large reading beside statsmodels: equality first, then interleaved times.

python benchmarks/agreement.py [--units 1000000] [--rounds 5] [--json]
"""

import argparse
import gc
import json
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from statsmodels.stats.inter_rater import aggregate_raters
from statsmodels.stats.inter_rater import fleiss_kappa as peer_fleiss

from qc.agreement.fleiss_kappa import fleiss_kappa
from qc.agreement.gwet_ac import gwet_ac
from qc.agreement.krippendorff_alpha import krippendorff_alpha
from qc.agreement.percent import percent_agreement
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale

RATERS = ["a", "b", "c", "d", "e"]
SCALE = Scale("nominal", ("1", "2", "3", "4", "5"))
NAIVE_REPLICATES = 2


def ratings_of(units: int) -> np.ndarray:
    """Return five raters of a hidden truth, each right in 70 %; none missing, because the peer cannot."""
    generator = np.random.Generator(np.random.PCG64(1))
    truth = generator.choice(5, size=units, p=[0.4, 0.25, 0.2, 0.1, 0.05])
    noise = generator.integers(0, 5, size=(units, 5))
    return np.where(generator.random((units, 5)) < 0.7, truth[:, None], noise).astype(np.int8)


def seconds(work: Callable[[], Any]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleaved(ours: Callable[[], Any], peer: Callable[[], Any], rounds: int) -> tuple[float, float]:
    times = [(seconds(ours), seconds(peer)) for _ in range(rounds)]
    return statistics.median(t[0] for t in times), statistics.median(t[1] for t in times)


def coefficients(ratings: np.ndarray) -> tuple[float | None, ...]:
    table = PatternTable.from_codes(ratings, raters=RATERS, scale=SCALE)
    return tuple(f(table, replicates=1).value for f in (fleiss_kappa, krippendorff_alpha, gwet_ac))


def peer_once(ratings: np.ndarray) -> float:
    return float(peer_fleiss(aggregate_raters(ratings)[0]))


def point_case(ratings: np.ndarray, rounds: int) -> dict[str, Any]:
    difference = abs((coefficients(ratings)[0] or 0.0) - peer_once(ratings))
    assert difference < 1e-9, difference
    ours_s, peer_s = interleaved(lambda: coefficients(ratings), lambda: peer_once(ratings), rounds)
    return line(f"table + Fleiss + alpha + AC1, {len(ratings)} x 5", ours_s, "statsmodels Fleiss alone", peer_s)


def bounds_of(ratings: np.ndarray, clusters: Any) -> tuple[Any, ...]:
    table = PatternTable.from_codes(ratings, raters=RATERS, scale=SCALE, clusters=clusters)
    statistics_ = (percent_agreement, fleiss_kappa, krippendorff_alpha, gwet_ac)
    return tuple(f(table, replicates=2000) for f in statistics_)


def naive_bootstrap(ratings: np.ndarray) -> list[float]:
    generator = np.random.Generator(np.random.PCG64(2))
    return [peer_once(ratings[generator.integers(0, len(ratings), size=len(ratings))]) for _ in range(NAIVE_REPLICATES)]


def bootstrap_cases(ratings: np.ndarray) -> list[dict[str, Any]]:
    peer_s = seconds(lambda: naive_bootstrap(ratings)) / NAIVE_REPLICATES * 2000
    patients = np.random.Generator(np.random.PCG64(3)).integers(0, len(ratings) // 3, size=len(ratings)).tolist()
    peer = f"resampling units with statsmodels, Fleiss alone, from {NAIVE_REPLICATES} replicates"
    found = bounds_of(ratings, None)[1]
    drawn = naive_bootstrap(ratings)
    assert all(found.low - 0.01 < value < found.high + 0.01 for value in drawn), (found, drawn)
    return [
        line(f"4 coefficients, 2000 replicates, {name}, {len(ratings)} x 5", seconds(work), peer, peer_s)
        for name, work in (
            ("units", lambda: bounds_of(ratings, None)),
            ("patients", lambda: bounds_of(ratings, patients)),
        )
    ]


def line(case: str, ours_s: float, peer: str, peer_s: float) -> dict[str, Any]:
    return {
        "case": case,
        "ours_s": round(ours_s, 4),
        "peer": peer,
        "peer_s": round(peer_s, 4),
        "ratio": round(peer_s / ours_s, 1),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    ratings = ratings_of(options.units)
    for case in [point_case(ratings, options.rounds), *bootstrap_cases(ratings)]:
        if options.json:
            print(json.dumps(case))
        else:
            print(f"{case['case']:<60} {case['ours_s']:>9.3f} s  {case['peer_s']:>10.3f} s  {case['ratio']:>9.1f}x")


if __name__ == "__main__":
    main()
