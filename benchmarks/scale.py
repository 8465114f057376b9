"""Agreement of up to ten million ratings, by shards that merge and in one piece: the same digits; it prints the growth.

python benchmarks/scale.py [--largest 10000000] [--shard 500000] [--json]

Ratings of five readers in five categories are made shard by shard, each shard is reduced to its pattern table by a
process of its own, the tables come back as they would be stored, are merged, and every coefficient is computed from the
merged table with its bounds. The digits must be those of one table over everything. Reading rows from a database is not
in it: docs/scale.md says what that costs.
"""

import argparse
import json
import math
import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from qc.readings.pattern_table import PatternTable, merge_all
from qc.readings.scale import Scale
from qc.registry import STATISTICS

READERS = ("r1", "r2", "r3", "r4", "r5")
CODES = ("a", "b", "c", "d", "e")
NAMES = ("percent", "fleiss_kappa", "krippendorff_alpha", "gwet_ac", "conger_kappa", "brennan_prediger")
SCALE = Scale("nominal", CODES)
SMALLEST = 100_000


def ratings_of(shard: int, units: int) -> np.ndarray:
    """Return the answers (units, readers) of one shard; one in twenty is missing."""
    generator = np.random.Generator(np.random.PCG64([20261127, shard]))
    truth = generator.choice(5, size=(units, 1), p=[0.4, 0.3, 0.15, 0.1, 0.05])
    wrong = generator.integers(0, 5, size=(units, 5))
    said = np.where(generator.random((units, 5)) < 0.8, truth, wrong)
    return np.where(generator.random((units, 5)) < 0.05, -1, said)


def table_of(ratings: np.ndarray) -> PatternTable:
    """Return the pattern table of answers."""
    return PatternTable.from_codes(ratings, raters=READERS, scale=SCALE)


def one_shard(asked: tuple[int, int]) -> tuple[dict[str, Any], float]:
    """Return a shard's table as it would be stored, and the seconds of reducing it."""
    ratings = ratings_of(*asked)
    start = time.perf_counter()
    return table_of(ratings).as_dict(), time.perf_counter() - start


def coefficients(table: PatternTable) -> list[float | None]:
    """Return every coefficient's value."""
    return [STATISTICS[name].function(table, replicates=200).value for name in NAMES]


def sharded(n_ratings: int, shard: int, pool: Any) -> tuple[list[float | None], float, float]:
    """Return the values, the seconds by the clock without making the ratings, and those of merging and computing."""
    units = n_ratings // len(READERS)
    asked = [(place, min(shard // 5, units - start)) for place, start in enumerate(range(0, units, shard // 5))]
    parts = pool.map(one_shard, asked, chunksize=1)
    start = time.perf_counter()
    merged = merge_all([PatternTable.from_dict(stored) for stored, _ in parts])
    values = coefficients(merged)
    last = time.perf_counter() - start
    return values, sum(seconds for _, seconds in parts) / pool._processes + last, last


def whole(n_ratings: int, shard: int) -> list[float | None]:
    """Return the values of one table over everything."""
    units = n_ratings // len(READERS)
    ratings = np.concatenate(
        [ratings_of(place, min(shard // 5, units - start)) for place, start in enumerate(range(0, units, shard // 5))]
    )
    return coefficients(table_of(ratings))


def main() -> None:
    """Grow by tens, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=int, default=10_000_000)
    parser.add_argument("--shard", type=int, default=500_000, help="ratings of a shard")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    taken: list[tuple[int, float]] = []
    # Libraries are loaded before the clock runs.
    whole(1_000, 1_000)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(one_shard, [(0, 10), (0, 10)], chunksize=1)
        n = SMALLEST
        while n <= options.largest:
            values, seconds, last = sharded(n, options.shard, pool)
            if values != whole(n, options.shard):
                raise SystemExit(f"{n} ratings: the shards do not give the digits of the whole")
            taken.append((n, seconds))
            line = {"ratings": n, "seconds": seconds, "merge_and_compute_s": last, "coefficients": len(values)}
            shown = f"{n:>12,} ratings {seconds:8.3f} s, of it {last:.3f} s merging and computing; the same digits"
            print(json.dumps(line) if options.json else shown, flush=True)
            n *= 10
    (first, least), (last_n, most) = taken[0], taken[-1]
    exponent = math.log(most / least) / math.log(last_n / first) if last_n > first else math.nan
    print(json.dumps({"exponent": exponent}) if options.json else f"time grows with the {exponent:.2f}th power")


if __name__ == "__main__":
    main()
