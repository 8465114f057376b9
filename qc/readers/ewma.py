"""EWMA chart: whether the mean of what a reader does drifts slowly."""

import numpy as np

from qc.readers._baseline import Target, target_of
from qc.readers.base import NO_BASELINE, Chart, ReaderStatistic, no_chart
from qc.readings.series import Series


def ewma(
    reading: Series,
    *,
    target: Target | None = None,
    weight: float = 0.2,
    width: float = 3.0,
    baseline: int = 20,
    asymptotic: bool = False,
) -> Chart:
    """Return z_i = λ x_i + (1 − λ) z_{i−1} with the limits of its own age.

    Parameters
    ----------
    reading : Series
        Signed differences of grade or volume, log seconds …, in the order of reading.
    target : Target or None
        Centre and spread of single values while nothing changes; None takes them from the first reads.
    weight : float
        λ, above 0 and at most 1; 0.2 to 0.3 for slow drift.
    width : float
        Limits in standard deviations of z.
    baseline : int
        Number of first reads that stand for "unchanged" where no target is given.
    asymptotic : bool
        Whether limits are those of an old series; the limits of the first reads are narrower.

    Returns
    -------
    Chart
        One point a read, starting from the centre. Undefined with ``no_baseline`` where no target is given and the
        first reads are too few or do not vary.

    References
    ----------
    Roberts SW. Technometrics 1:239-250, 1959. doi:10.1080/00401706.1959.10489860

    Lucas JM, Saccucci MS. Technometrics 32:1-12, 1990. doi:10.1080/00401706.1990.10484583

    Examples
    --------
    >>> chart = ewma(Series(np.array([52.0, 47.0])), target=Target(50.0, 2.0539), weight=0.3)
    >>> [round(point, 2) for point in chart.points]
    [50.6, 49.52]
    """
    if not (0 < weight <= 1 and width > 0):
        raise ValueError("The weight lies above 0 and at most at 1, the width above 0.")
    kind = "asymptotic" if asymptotic else "time-varying"
    method = f"EWMA, weight {weight:g}, {kind} limits at {width:g} standard deviations"
    known = target or target_of(reading.values, baseline)
    if known is None or not reading.n_units:
        return no_chart(method, reading.n_units, NO_BASELINE)
    points = []
    level = known.centre
    for value in reading.values.tolist():
        level = weight * value + (1 - weight) * level
        points.append(level)
    age = np.arange(1, len(points) + 1)
    grown = 1.0 if asymptotic else 1 - (1 - weight) ** (2 * age)
    margin = np.broadcast_to(width * known.spread * np.sqrt(weight / (2 - weight) * grown), (len(points),))
    outside = np.abs(np.array(points) - known.centre) > margin
    return Chart(
        points=tuple(points),
        lower=tuple((known.centre - margin).tolist()),
        upper=tuple((known.centre + margin).tolist()),
        centre=known.centre,
        signals=tuple(np.flatnonzero(outside).tolist()),
        method=method,
        n_units=reading.n_units,
        details={"centre": known.centre, "spread": known.spread, "weight": weight, "width": width},
    )


SPEC = ReaderStatistic(
    title="EWMA chart",
    function=ewma,
    accepts=Series,
    scales=frozenset(),
    reference="Roberts 1959, doi:10.1080/00401706.1959.10489860",
    says=(
        "Whether the mean of what the reader does drifts slowly; a baseline of the reader's own first reads cannot "
        "show that these were off already."
    ),
    in_order=True,
)
