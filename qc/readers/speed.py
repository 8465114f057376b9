"""Reads that took much less or much more time than the reader's others."""

import numpy as np

from qc.agreement.base import TOO_FEW, ZERO_VARIANCE
from qc.readers.base import NOT_POSITIVE, Chart, ReaderStatistic, no_chart
from qc.readings.series import Series

# Median absolute deviation of a normal distribution, in standard deviations, inverted.
_NORMAL = 1.482602218505602
_ROUNDING = 1e-12


def speed(reading: Series, *, limit: float = 3.5, fastest: float = 0.0) -> Chart:
    """Return the robust z of the logarithm of the seconds, (ln t − median)/(1.4826 · MAD).

    Parameters
    ----------
    reading : Series
        Seconds a read of one reader and one kind of task, above 0.
    limit : float
        |z| above which a read is conspicuous.
    fastest : float
        Seconds below which nobody can do the task; 0 where unknown.

    Returns
    -------
    Chart
        One point a read; signals are the reads with |z| above the limit. ``details.too_fast`` lists those of them that
        also took less than ``fastest``. Undefined with ``too_few_items`` without reads, with ``zero_variance`` where
        more than half of the reads took the same time, with ``not_positive`` where a time is not above 0.

    References
    ----------
    Iglewicz B, Hoaglin DC. How to Detect and Handle Outliers, 1993. ISBN 978-0-87389-247-6

    Leys C et al. Detecting outliers: do not use standard deviation around the mean, use absolute deviation around the
    median. J Exp Soc Psychol 49:764-766, 2013. doi:10.1016/j.jesp.2013.03.013

    Examples
    --------
    >>> speed(Series(np.array([31.0, 28, 35, 30, 33, 29, 4, 32, 30, 210]), "s"), fastest=5.0).details["too_fast"]
    [6]
    """
    method = f"robust z of log seconds, limit {limit:g}"
    if not reading.n_units:
        return no_chart(method, 0, TOO_FEW)
    if (reading.values <= 0).any():
        return no_chart(method, reading.n_units, NOT_POSITIVE)
    logs = np.log(reading.values)
    median = float(np.median(logs))
    deviation = float(np.median(np.abs(logs - median)))
    if deviation <= _ROUNDING:
        return no_chart(method, reading.n_units, ZERO_VARIANCE)
    z = (logs - median) / (_NORMAL * deviation)
    signals = np.flatnonzero(np.abs(z) > limit).tolist()
    n = reading.n_units
    return Chart(
        points=tuple(z.tolist()),
        lower=(-limit,) * n,
        upper=(limit,) * n,
        centre=0.0,
        signals=tuple(signals),
        method=method,
        n_units=n,
        details={
            "median_log": median,
            "deviation": _NORMAL * deviation,
            "too_fast": [place for place in signals if z[place] < 0 and reading.values[place] < fastest],
        },
    )


SPEC = ReaderStatistic(
    title="Speed",
    function=speed,
    accepts=Series,
    scales=frozenset(),
    reference="Iglewicz & Hoaglin 1993; Leys 2013, doi:10.1016/j.jesp.2013.03.013",
    says="Reads that took far less or more time than the reader's others; time alone is never a verdict on quality.",
    in_order=True,
)
