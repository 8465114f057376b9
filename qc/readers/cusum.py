"""Tabular CUSUM: whether the mean of what a reader does has shifted, up or down."""

from qc.readers._baseline import Target, target_of
from qc.readers.base import NO_BASELINE, Chart, ReaderStatistic, no_chart
from qc.readings.series import Series

UPPER, LOWER = "upper", "lower"


def cusum(
    reading: Series, *, target: Target | None = None, slack: float = 0.5, limit: float = 5.0, baseline: int = 20
) -> dict[str, Chart]:
    """Return C⁺ = max(0, x − (µ + K) + C⁺) and C⁻ = max(0, (µ − K) − x + C⁻), started again after a signal.

    Parameters
    ----------
    reading : Series
        Signed differences of grade or volume …, in the order of reading.
    target : Target or None
        Centre and spread of single values while nothing changes; None takes them from the first reads.
    slack : float
        K in spreads: half the shift that is to be found.
    limit : float
        H in spreads; the sum signals above it.
    baseline : int
        Number of first reads that stand for "unchanged" where no target is given.

    Returns
    -------
    dict of str to Chart
        ``upper`` and ``lower``, one point a read, both in units of the series. Undefined with ``no_baseline`` where no
        target is given and the first reads are too few or do not vary.

    References
    ----------
    Page ES. Continuous inspection schemes. Biometrika 41:100-115, 1954. doi:10.1093/biomet/41.1-2.100

    Montgomery DC. Introduction to Statistical Quality Control, 7th edition, 2012, section 9.1. ISBN 978-1-118-14681-1

    Examples
    --------
    >>> import numpy as np
    >>> charts = cusum(Series(np.array([102.0, 94.5, 98.5])), target=Target(99.0, 2.0))
    >>> charts["upper"].points, charts["lower"].points
    ((2.0, 0.0, 0.0), (0.0, 3.5, 3.0))
    """
    if slack < 0 or limit <= 0:
        raise ValueError("The slack is not negative and the limit above 0.")
    method = f"tabular CUSUM, slack {slack:g} and limit {limit:g} spreads"
    known = target or target_of(reading.values, baseline)
    if known is None or not reading.n_units:
        return {name: no_chart(method, reading.n_units, NO_BASELINE) for name in (UPPER, LOWER)}
    gaps = (reading.values - known.centre).tolist()
    allowed, highest = slack * known.spread, limit * known.spread
    details = {"centre": known.centre, "spread": known.spread, "slack": allowed, "limit": highest}
    found = {}
    for name, sign in ((UPPER, 1.0), (LOWER, -1.0)):
        points, signals = _accumulated([sign * gap - allowed for gap in gaps], highest)
        n = len(points)
        found[name] = Chart(points, (None,) * n, (highest,) * n, 0.0, signals, method, n, details=details)
    return found


def _accumulated(steps: list[float], limit: float) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return the floored sums, and where they went above the limit and began anew."""
    points, signals, total = [], [], 0.0
    for place, step in enumerate(steps):
        total = max(0.0, total + step)
        points.append(total)
        if total > limit:
            signals.append(place)
            total = 0.0
    return tuple(points), tuple(signals)


SPEC = ReaderStatistic(
    title="Tabular CUSUM",
    function=cusum,
    accepts=Series,
    scales=frozenset(),
    reference="Page 1954, doi:10.1093/biomet/41.1-2.100",
    says=(
        "Whether the mean of what the reader does has shifted, sooner than a chart of single values would tell; a "
        "baseline of the reader's own first reads cannot show that these were off already."
    ),
    parts=True,
    in_order=True,
)
