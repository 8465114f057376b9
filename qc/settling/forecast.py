"""How many disputes further cases will bring, and how many hours they cost, from the cases that were read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qc.readings.base import FloatArray, IntArray

LEVEL = 0.95
REPLICATES = 4000
LEAST_REPLICATES = 400
# Replicates × patients that are held at a time.
MOST_CELLS = 20_000_000
# Below this many patients the spread between them is not known well enough to say anything.
FEWEST_SUBJECTS = 10


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected, with a prediction interval.

    Parameters
    ----------
    n_cases, n_subjects : int
        Cases and patients that it rests on.
    n_ahead : int
        Cases that are still to come.
    disputes, low, high : float or None
        Disputes expected among these, and the interval that holds what will be counted in 95 % of such forecasts;
        None with too few patients.
    hours, hours_low, hours_high : float or None
        The same in hours of physicians; None where no decision was timed.
    minutes : float or None
        Median minutes of a decision, from holding a dispute to signing it.
    n_timed : int
        Decisions that were timed.
    """

    n_cases: int
    n_subjects: int
    n_ahead: int
    disputes: float | None
    low: float | None
    high: float | None
    hours: float | None
    hours_low: float | None
    hours_high: float | None
    minutes: float | None
    n_timed: int


def forecast(
    subjects: Sequence[tuple[int, int]], *, n_ahead: int, minutes: Sequence[float] = (), seed: int = 0
) -> Forecast:
    """Return how many disputes ``n_ahead`` further cases will bring.

    Patients are resampled twice: once for what is not known of the rate, once for the patients who are still to come
    (the bootstrap prediction of Mojirsheibani M, Tibshirani R. Some results on bootstrap prediction intervals. Can J
    Stat 24:549-568, 1996). Cases of one patient stay together.

    Parameters
    ----------
    subjects : sequence of (int, int)
        Cases and disputes of each patient that was read.
    n_ahead : int
        Cases still to come.
    minutes : sequence of float
        Minutes of each decision so far.
    seed : int
        Of the resampling.
    """
    counts = np.array(subjects, dtype=np.int64).reshape(-1, 2)
    n_cases, timed = int(counts[:, 0].sum()), [float(one) for one in minutes if one > 0]
    typical = float(np.median(timed)) if timed else None
    if len(counts) < FEWEST_SUBJECTS or not n_cases or n_ahead < 1:
        return Forecast(n_cases, len(counts), n_ahead, None, None, None, None, None, None, typical, len(timed))
    generator = np.random.Generator(np.random.PCG64(seed))
    totals = _totals(counts, n_ahead, generator)
    tail = (1 - LEVEL) / 2
    low, high = (float(np.quantile(totals, share)) for share in (tail, 1 - tail))
    mean = n_ahead * float(counts[:, 1].sum()) / n_cases
    hours: tuple[float | None, float | None, float | None] = (None, None, None)
    if timed:
        # A sum of many decisions lies near its mean, which a few slow ones raise above the median.
        each = generator.choice(np.array(timed), size=(len(totals), len(timed))).mean(axis=1)
        spent = totals * each / 60
        hours = (
            mean * float(np.mean(timed)) / 60,
            float(np.quantile(spent, tail)),
            float(np.quantile(spent, 1 - tail)),
        )
    return Forecast(n_cases, len(counts), n_ahead, mean, low, high, *hours, typical, len(timed))


def _totals(counts: IntArray, n_ahead: int, generator: np.random.Generator) -> FloatArray:
    """Return the disputes among ``n_ahead`` cases of patients drawn from a redrawn pilot (replicates,)."""
    n_subjects = len(counts)
    ahead = max(1, round(n_ahead / float(counts[:, 0].mean())))
    replicates = max(LEAST_REPLICATES, min(REPLICATES, MOST_CELLS // n_subjects))
    # How often each patient is in the redrawn pilot, and how often among the patients to come.
    pilots = generator.multinomial(n_subjects, np.full(n_subjects, 1 / n_subjects), size=replicates) / n_subjects
    drawn = generator.multinomial(ahead, pilots)
    cases, disputes = (drawn @ counts[:, 0]).astype(np.float64), drawn @ counts[:, 1]
    # The last patient may bring a case more or less than are wanted.
    totals: FloatArray = np.rint(disputes * (n_ahead / cases))
    return totals
