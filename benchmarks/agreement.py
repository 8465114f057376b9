"""Coefficients of a large reading, and distances of masks, beside other libraries: equality first, then times.

python benchmarks/agreement.py [--units 1000000] [--rounds 3] [--irrcac PYTHON] [--quick] [--json]

statsmodels comes with the product. krippendorff and scikit-learn come from benchmarks/requirements.txt, best in an
environment of their own; where one is missing a line says so. irrCAC pins SciPy 1.12: make an environment for it alone
and name its interpreter with --irrcac. Run with OPENBLAS_NUM_THREADS=1: the matrices are small, and threads waiting for
each other on a busy machine cost more than they give.
"""

import argparse
import gc
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import numpy as np
from statsmodels.stats.inter_rater import aggregate_raters
from statsmodels.stats.inter_rater import fleiss_kappa as peer_fleiss

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import surfaces
from qc.agreement.brennan_prediger import brennan_prediger
from qc.agreement.category_kappa import category_kappa
from qc.agreement.cohen_kappa import cohen_kappa
from qc.agreement.conger_kappa import conger_kappa
from qc.agreement.fleiss_kappa import fleiss_kappa
from qc.agreement.gwet_ac import gwet_ac
from qc.agreement.krippendorff_alpha import krippendorff_alpha
from qc.agreement.light_kappa import light_kappa
from qc.agreement.percent import percent_agreement
from qc.agreement.prevalence import prevalence
from qc.agreement.specific_agreement import specific_agreement
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale

RATERS = ["a", "b", "c", "d", "e"]
SCALE = Scale("nominal", ("1", "2", "3", "4", "5"))
NAIVE_REPLICATES = 2
IRRCAC_UNITS = 100_000
TOLERANCE = 1e-9
MANY_RATERS = (
    percent_agreement,
    fleiss_kappa,
    category_kappa,
    conger_kappa,
    light_kappa,
    krippendorff_alpha,
    gwet_ac,
    brennan_prediger,
    specific_agreement,
    prevalence,
)


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


def coefficients(ratings: np.ndarray) -> list[float | None]:
    """Return Fleiss, alpha, AC1 and the kappa of each of the ten pairs."""
    table = PatternTable.from_codes(ratings, raters=RATERS, scale=SCALE)
    found = [method(table, replicates=1).value for method in (fleiss_kappa, krippendorff_alpha, gwet_ac)]
    return found + [cohen_kappa(table.select(pair), replicates=1).value for pair in combinations(RATERS, 2)]


def statsmodels_fleiss(ratings: np.ndarray) -> list[float]:
    return [float(peer_fleiss(aggregate_raters(ratings)[0]))]


def krippendorff_package(ratings: np.ndarray) -> list[float]:
    return [float(import_module("krippendorff").alpha(reliability_data=ratings.T, level_of_measurement="nominal"))]


def scikit_learn_pairs(ratings: np.ndarray) -> list[float]:
    score = import_module("sklearn.metrics").cohen_kappa_score
    return [float(score(ratings[:, first], ratings[:, second])) for first, second in combinations(range(5), 2)]


# Name, module, work, and where its numbers stand among ours.
PEERS = (
    ("statsmodels, Fleiss alone", "statsmodels", statsmodels_fleiss, slice(0, 1)),
    ("krippendorff, alpha alone", "krippendorff", krippendorff_package, slice(1, 2)),
    ("scikit-learn, ten Cohen alone", "sklearn", scikit_learn_pairs, slice(3, 13)),
)


def point_cases(ratings: np.ndarray, rounds: int) -> list[dict[str, Any]]:
    """P5: the table, Fleiss, alpha, AC1 and ten Cohen, beside each peer doing its part of them."""
    cases, ours = [], coefficients(ratings)
    for name, module, work, place in PEERS:
        if find_spec(module) is None:
            print(f"# {module} is not installed: no figures for it", file=sys.stderr)
            continue
        difference = max(abs(a - b) for a, b in zip(ours[place], work(ratings), strict=True))
        assert difference < TOLERANCE, (name, difference)
        ours_s, peer_s = interleaved(lambda: coefficients(ratings), lambda work=work: work(ratings), rounds)
        case = f"P5 table, Fleiss, alpha, AC1, 10 Cohen, {len(ratings)} x 5 (difference {difference:.0e})"
        cases.append(line(case, ours_s, name, peer_s))
    return cases


def irrcac_cases(ratings: np.ndarray, python: str) -> list[dict[str, Any]]:
    """P5 beside irrCAC, which runs in an environment of its own and rounds to five digits."""
    few = ratings[:IRRCAC_UNITS]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ratings.npy"
        np.save(file, few)
        script = Path(__file__).with_name("irrcac_peer.py")
        done = subprocess.run([python, str(script), str(file)], capture_output=True, text=True, check=True)
    peer = json.loads(done.stdout)
    ours = coefficients(few)[:3]
    difference = max(abs(a - b) for a, b in zip(ours, peer["found"], strict=True))
    assert difference < 1e-5, (ours, peer)
    ours_s = statistics.median(seconds(lambda: coefficients(few)) for _ in range(5))
    case = f"P5 table, Fleiss, alpha, AC1 (and 10 Cohen here), {len(few)} x 5 (difference {difference:.0e})"
    return [line(case, ours_s, "irrCAC, Fleiss, alpha and AC1", peer["seconds"])]


def bounds_of(ratings: np.ndarray, clusters: Any) -> list[Any]:
    """Return every coefficient of many raters and of the ten pairs, with bounds from 2,000 replicates."""
    table = PatternTable.from_codes(ratings, raters=RATERS, scale=SCALE, clusters=clusters)
    found = [method(table, replicates=2000) for method in MANY_RATERS]
    return found + [cohen_kappa(table.select(pair), replicates=2000) for pair in combinations(RATERS, 2)]


def naive_bootstrap(ratings: np.ndarray) -> list[float]:
    generator = np.random.Generator(np.random.PCG64(2))
    drawn = (generator.integers(0, len(ratings), size=len(ratings)) for _ in range(NAIVE_REPLICATES))
    return [statsmodels_fleiss(ratings[rows])[0] for rows in drawn]


def bootstrap_cases(ratings: np.ndarray) -> list[dict[str, Any]]:
    """P6: every coefficient with bounds, units and patients resampled, and how the cost grows with units."""
    peer_s = seconds(lambda: naive_bootstrap(ratings)) / NAIVE_REPLICATES * 2000
    patients = np.random.Generator(np.random.PCG64(3)).integers(0, len(ratings) // 3, size=len(ratings)).tolist()
    peer = f"resampling units with statsmodels, Fleiss alone, from {NAIVE_REPLICATES} replicates"
    found, drawn = bounds_of(ratings, None)[1], naive_bootstrap(ratings)
    assert all(found.low - 0.01 < value < found.high + 0.01 for value in drawn), (found, drawn)
    cases = [
        line(f"P6 all coefficients, 2000 replicates, {name}, {len(ratings)} x 5", seconds(work), peer, peer_s)
        for name, work in (
            ("units", lambda: bounds_of(ratings, None)),
            ("patients", lambda: bounds_of(ratings, patients)),
        )
    ]
    few = seconds(lambda: bounds_of(ratings[: len(ratings) // 10], None))
    case = f"P6 a tenth of the units ({len(ratings) // 10}) beside all: ratio is what ten times more cost"
    return [*cases, line(case, few, "all units", cases[0]["ours_s"])]


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
    parser.add_argument("--irrcac", default="", help="the python of an environment that holds irrCAC")
    parser.add_argument("--quick", action="store_true", help="surfaces on a smaller grid")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    ratings = ratings_of(options.units)
    apart = irrcac_cases(ratings, options.irrcac) if options.irrcac else []
    masks = surfaces.lines(options.rounds, is_quick=options.quick)
    for case in chain(point_cases(ratings, options.rounds), apart, bootstrap_cases(ratings), masks):
        if options.json:
            print(json.dumps(case), flush=True)
        elif "skipped" in case:
            print(f"{case['case']:<90} {case['peer']} is {case['skipped']}", flush=True)
        else:
            print(f"{case['case']:<90} {case['ours_s']:>9.3f} s  {case['peer_s']:>10.3f} s  {case['ratio']:>9.1f}x")


if __name__ == "__main__":
    main()
