"""How often bounds at 95 % hold the true value: simulated, for each interval, at 20 and at 100 units.

python benchmarks/coverage.py [--rounds 1000] [--json]

The true value of a simulated design is that of a very large sample of it (of the model itself for numbers). Bounds that
are undefined count as a miss and are reported beside it. 1000 rounds leave an error of about 0.7 percentage points.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from qc.agreement._bootstrap import BCA, LINEARISED, LINEARISED_ARCTANH
from qc.agreement._two_raters import FLEISS_COHEN_EVERITT
from qc.agreement.base import FEW_RATERS, RARE_CATEGORY, RATERS_FIXED, SMALL_SAMPLE, Estimate
from qc.agreement.bland_altman import BLAND_ALTMAN_1986, BLAND_ALTMAN_1999, EXACT, bland_altman
from qc.agreement.brennan_prediger import brennan_prediger
from qc.agreement.cohen_kappa import cohen_kappa
from qc.agreement.conger_kappa import conger_kappa
from qc.agreement.fleiss_kappa import fleiss_kappa
from qc.agreement.gwet_ac import gwet_ac
from qc.agreement.icc_agreement import icc_agreement
from qc.agreement.icc_consistency import icc_consistency
from qc.agreement.icc_oneway import icc_oneway
from qc.agreement.krippendorff_alpha import krippendorff_alpha
from qc.agreement.lin_ccc import Z_TRANSFORM, lin_ccc
from qc.agreement.percent import percent_agreement
from qc.agreement.repeatability import repeatability
from qc.agreement.specific_agreement import specific_agreement
from qc.agreement.weighted_kappa import weighted_kappa
from qc.agreement.within_cv import within_cv
from qc.readings.number_table import NumberTable
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale

REPLICATES = 1000
LARGE = 200_000
LOW, HIGH = 0.93, 0.97
# Standard deviations of units, of raters and of error, in mm.
OF_UNITS, OF_RATERS, OF_ERROR = 6.0, 1.0, 2.0

Generator = np.random.Generator
Draw = Callable[[Generator, int], Any]
Method = Callable[..., Estimate]


@dataclass(frozen=True)
class Case:
    """One interval of one statistic under one design; ``truth`` None is taken from a large sample."""

    name: str
    method: Method
    draw: Draw
    truth: float | None = None


def readers(prevalence: float, kappa: float, raters: int) -> Draw:
    """Return readers of a beta-binomial: exchangeable, with this prevalence and Fleiss' kappa."""
    total = (1 - kappa) / kappa

    def draw(generator: Generator, n: int) -> PatternTable:
        positive = generator.beta(prevalence * total, (1 - prevalence) * total, n)
        ratings = (generator.random((n, raters)) < positive[:, None]).astype(int)
        names = [f"r{number}" for number in range(raters)]
        return PatternTable.from_codes(ratings, raters=names, scale=Scale("nominal", ("no", "yes")))

    return draw


def levels(raters: int) -> Draw:
    """Return readers who put a hidden quantity into five levels, each with an error of his own."""

    def draw(generator: Generator, n: int) -> PatternTable:
        hidden = generator.normal(0, 1, (n, 1)) + generator.normal(0, 0.6, (n, raters))
        ratings = np.digitize(hidden, [-1.2, -0.4, 0.4, 1.2])
        names = [f"r{number}" for number in range(raters)]
        return PatternTable.from_codes(ratings, raters=names, scale=Scale("ordinal", tuple("12345")))

    return draw


def sizes(raters: int, shift: float, missing: float = 0.0) -> Draw:
    """Return measurements of units by raters whose levels differ by a normal error (``shift`` its deviation)."""

    def draw(generator: Generator, n: int) -> NumberTable:
        values = 50 + generator.normal(0, OF_UNITS, (n, 1)) + generator.normal(0, OF_ERROR, (n, raters))
        values = values + generator.normal(0, shift, (1, raters))
        values[generator.random(values.shape) < missing] = np.nan
        return NumberTable.from_values(values, raters=[f"r{number}" for number in range(raters)], unit="mm")

    return draw


def part(method: Callable[..., dict[str, Estimate]], name: str) -> Method:
    return lambda reading, **options: method(reading, **options)[name]


def fixed(method: Method, **chosen: Any) -> Method:
    return lambda reading, **options: method(reading, **options, **chosen)


def cases() -> Iterator[Case]:
    plain, rare, pair = readers(0.3, 0.6, 3), readers(0.05, 0.6, 3), readers(0.3, 0.6, 2)
    for interval in (BCA, LINEARISED, LINEARISED_ARCTANH):
        for name, method in (("fleiss_kappa", fleiss_kappa), ("gwet_ac", gwet_ac), ("conger_kappa", conger_kappa)):
            yield Case(f"{name} {interval}", fixed(method, interval=interval), plain)
    yield Case("fleiss_kappa bca, prevalence 5 %", fleiss_kappa, rare)
    yield Case("brennan_prediger bca", brennan_prediger, plain)
    yield Case("percent bca", percent_agreement, plain)
    yield Case("krippendorff_alpha nominal bca", krippendorff_alpha, plain)
    yield Case("krippendorff_alpha ordinal bca", krippendorff_alpha, levels(3))
    yield Case("specific_agreement bca", part(specific_agreement, "yes"), plain)
    yield Case("specific_agreement, prevalence 5 %, 2 readers", part(specific_agreement, "yes"), readers(0.05, 0.6, 2))
    for interval in (BCA, FLEISS_COHEN_EVERITT):
        yield Case(f"cohen_kappa {interval}", fixed(cohen_kappa, interval=interval), pair)
        yield Case(f"weighted_kappa {interval}", fixed(weighted_kappa, interval=interval), levels(2))
    yield from number_cases()


def number_cases() -> Iterator[Case]:
    units, raters, error = OF_UNITS**2, OF_RATERS**2, OF_ERROR**2
    within = units / (units + error)
    yield Case("icc_oneway exact", part(icc_oneway, "single"), sizes(3, 0.0), within)
    yield Case("icc_oneway bca, cells missing", part(icc_oneway, "single"), sizes(4, 0.0, 0.2), within)
    yield Case("icc_consistency exact", part(icc_consistency, "single"), sizes(3, OF_RATERS), within)
    random = units / (units + raters + error)
    yield Case("icc_agreement Satterthwaite, 3 readers", part(icc_agreement, "single"), sizes(3, OF_RATERS), random)
    yield Case("icc_agreement Satterthwaite, 6 readers", part(icc_agreement, "single"), sizes(6, OF_RATERS), random)
    yield Case("icc_agreement REML bca, no shift", part(icc_agreement, "single"), sizes(4, 0.0, 0.15), within)
    yield Case(
        "icc_agreement REML bca, readers at random", part(icc_agreement, "single"), sizes(4, OF_RATERS, 0.15), random
    )
    for interval in (Z_TRANSFORM, BCA):
        yield Case(f"lin_ccc {interval}", fixed(lin_ccc, interval=interval), sizes(2, 0.0), within)
    spread = 1.96 * np.sqrt(2) * OF_ERROR
    for interval in (EXACT, BLAND_ALTMAN_1999, BLAND_ALTMAN_1986, BCA):
        method = fixed(part(bland_altman, "upper_limit"), interval=interval)
        yield Case(f"bland_altman limit {interval}", method, sizes(2, 0.0), spread)
    yield Case("bland_altman bias t", part(bland_altman, "bias"), sizes(2, 0.0), 0.0)
    yield Case("repeatability chi-square", part(repeatability, "within_sd"), sizes(2, 0.0), OF_ERROR)
    yield Case("within_cv bca", within_cv, sizes(2, 0.0))


def true_value(case: Case) -> float:
    if case.truth is not None:
        return case.truth
    generator = np.random.Generator(np.random.PCG64(99))
    found = case.method(case.draw(generator, LARGE), replicates=1)
    return float(found.value or 0.0)


def coverage(case: Case, n: int, rounds: int, truth: float) -> dict[str, Any]:
    generator = np.random.Generator(np.random.PCG64(n))
    hits, undefined, warned, widths = 0, 0, 0, []
    for number in range(rounds):
        found = case.method(case.draw(generator, n), seed=number, replicates=REPLICATES)
        if found.low is None or found.high is None:
            undefined += 1
            continue
        hits += found.low <= truth <= found.high
        warned += bool({SMALL_SAMPLE, RARE_CATEGORY, RATERS_FIXED, FEW_RATERS} & set(found.warnings))
        widths.append(found.high - found.low)
    share = hits / rounds
    return {
        "case": case.name,
        "units": n,
        "truth": round(truth, 4),
        "coverage": round(share, 3),
        "undefined": undefined,
        "rounds": rounds,
        "width": round(float(np.median(widths)), 4) if widths else None,
        "warned": warned,
        "verdict": verdict(share, warned + undefined, rounds),
    }


def verdict(share: float, cautious: int, rounds: int) -> str:
    """Return how the coverage compares with 93–97 %, and whether most estimates say so themselves."""
    if share > HIGH:
        return "wide"
    if share >= LOW:
        return "as stated"
    return "falls short, and says so" if 2 * cautious >= rounds else "FALLS SHORT"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--only", default="", help="a part of the names of the cases wanted")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for case in cases():
        if options.only not in case.name:
            continue
        truth = true_value(case)
        for n in (20, 100):
            row = coverage(case, n, options.rounds, truth)
            if options.json:
                print(json.dumps(row), flush=True)
                continue
            figures = f"{row['coverage']:>6.3f}  undefined {row['undefined']:>3}"
            print(f"{row['case']:<52} n {n:>3}  {figures}  {row['verdict']}", flush=True)


if __name__ == "__main__":
    main()
