"""When the readings that are asked for will be finished, from the readings of each day so far."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qc.agreement.base import TOO_FEW
from qc.readings.base import FloatArray, IntArray

LEVEL = 0.95
REPLICATES = 2000
WEEK = 7
# Two weeks show weekdays and weekends twice; below that the pace is not known well enough to say anything.
FEWEST_DAYS = 14
FEWEST_READS = 20
# Older days say how people used to read.
MOST_DAYS = 84
FARTHEST_DAYS = 3650
BEYOND = "beyond_ten_years"
STOPPED = "nothing_read_lately"


@dataclass(frozen=True, slots=True)
class Completion:
    """What is left and how many days it will take, with a prediction interval.

    Parameters
    ----------
    n_left, n_reads, n_days : int
        Readings left; readings and days that the forecast rests on.
    per_day : float or None
        Mean readings a day, days without any included.
    days, low, high : float or None
        Days from today: the median, and the interval that is meant to hold the true day in 95 % of such forecasts.
        ``high`` alone is None where more than one path in forty needs over ten years.
    undefined : str
        Why there is no forecast: ``too_few_items``, ``nothing_read_lately``, ``beyond_ten_years``; else empty.
    """

    n_left: int
    n_reads: int
    n_days: int
    per_day: float | None
    days: float | None
    low: float | None
    high: float | None
    undefined: str = ""


def completion(daily: Sequence[int], n_left: int, *, seed: int = 0) -> Completion:
    """Return how many days ``n_left`` readings will take.

    Weeks of seven days are drawn from the days so far, first as a redrawn history (what is not known of the pace), then
    from that history as the days to come (the spread of the days themselves), until everything is read. Whole weeks
    keep weekends and runs of busy days together (moving blocks on a circle: Politis DN, Romano JP. A circular block
    resampling procedure for stationary data. In: Exploring the limits of bootstrap, 263-270, Wiley, 1992).

    Parameters
    ----------
    daily : sequence of int
        Readings finished on each day, oldest first, up to yesterday; days without a reading are zeros.
    n_left : int
        Readings that are asked for and not finished.
    seed : int
        Of the resampling.
    """
    counts = np.array(daily, dtype=np.int64)[-MOST_DAYS:]
    total, n_days = int(counts.sum()), len(counts)
    per_day = total / n_days if n_days else None
    if n_left <= 0:
        return Completion(0, total, n_days, per_day, 0.0, 0.0, 0.0)
    reason = _silent_because(counts, total)
    if reason:
        return Completion(n_left, total, n_days, per_day, None, None, None, reason)
    generator = np.random.Generator(np.random.PCG64(seed))
    found = np.array([_one_path(counts, n_left, generator) for _ in range(REPLICATES)])
    tail = (1 - LEVEL) / 2
    low, middle, high = (float(one) for one in np.quantile(found, (tail, 0.5, 1 - tail), method="higher"))
    if not np.isfinite(middle):
        return Completion(n_left, total, n_days, per_day, None, None, None, BEYOND)
    return Completion(n_left, total, n_days, per_day, middle, low, high if np.isfinite(high) else None)


def _silent_because(counts: IntArray, total: int) -> str:
    if len(counts) < FEWEST_DAYS or total < FEWEST_READS:
        return TOO_FEW
    return "" if counts[-FEWEST_DAYS:].any() else STOPPED


def _one_path(counts: IntArray, n_left: int, generator: np.random.Generator) -> float:
    """Return on which day, from 1, one possible future is through; infinite where it takes over ten years."""
    history = _weeks(counts, len(counts), generator)
    pace = history.mean()
    if pace <= 0 or n_left / pace > FARTHEST_DAYS:
        return float("inf")
    # Half as long again, and three months more, is almost always enough; what is not is drawn on.
    done, day = 0.0, 0
    while day < FARTHEST_DAYS:
        ahead = int(min(FARTHEST_DAYS - day, 1.5 * (n_left - done) / pace + MOST_DAYS))
        path = done + np.cumsum(_weeks(history, ahead, generator))
        if path[-1] >= n_left:
            return float(day + 1 + np.searchsorted(path, n_left))
        done, day = float(path[-1]), day + ahead
    return float("inf")


def _weeks(counts: FloatArray | IntArray, n_days: int, generator: np.random.Generator) -> FloatArray:
    """Return ``n_days`` days as weeks drawn from a circle of days (n_days,)."""
    starts = generator.integers(0, len(counts), size=-(-n_days // WEEK))
    places = (starts[:, None] + np.arange(WEEK)[None, :]).ravel()[:n_days] % len(counts)
    drawn: FloatArray = counts[places].astype(np.float64)
    return drawn
