"""p-chart: the share of errors in batches of reads."""

import math

from qc.agreement.base import TOO_FEW
from qc.readers.base import NOT_BINARY, Chart, ReaderStatistic, no_chart
from qc.readings.series import Series


def p_chart(reading: Series, *, batch: int = 20, centre: float | None = None, width: float = 3.0) -> Chart:
    """Return the share of errors in each batch, with limits p ± width · √(p(1 − p)/n), cut at 0 and 1.

    Parameters
    ----------
    reading : Series
        1 for an error and 0 for a correct read, in the order of reading.
    batch : int
        Reads of a batch; the last may be smaller and has wider limits.
    centre : float or None
        Rate of errors that is accepted; None takes the share of all reads, which hides an error rate that was high
        throughout.
    width : float
        Limits in standard deviations.

    Returns
    -------
    Chart
        One point a batch. Undefined with ``too_few_items`` without reads, with ``not_binary`` for other values than
        0 and 1.

    References
    ----------
    Montgomery DC. Introduction to Statistical Quality Control, 7th edition, 2012, section 7.2. ISBN 978-1-118-14681-1

    Examples
    --------
    >>> import numpy as np
    >>> p_chart(Series(np.array([0.0, 0, 0, 1, 1, 1, 1, 1])), batch=4, centre=0.1).signals
    (1,)
    """
    if batch < 1 or width <= 0 or not (centre is None or 0 <= centre <= 1):
        raise ValueError("A batch has a read, the width lies above 0, the centre from 0 to 1.")
    method = f"p-chart of batches of {batch}, limits at {width:g} standard deviations"
    if not reading.n_units or not reading.is_binary:
        return no_chart(method, reading.n_units, TOO_FEW if reading.is_binary else NOT_BINARY)
    values = reading.values
    p = float(values.mean()) if centre is None else centre
    parts = [values[start : start + batch] for start in range(0, len(values), batch)]
    points = [float(part.mean()) for part in parts]
    margins = [width * math.sqrt(p * (1 - p) / len(part)) for part in parts]
    lower = [max(0.0, p - margin) for margin in margins]
    upper = [min(1.0, p + margin) for margin in margins]
    signals = [place for place, point in enumerate(points) if not lower[place] <= point <= upper[place]]
    return Chart(
        points=tuple(points),
        lower=tuple(lower),
        upper=tuple(upper),
        centre=p,
        signals=tuple(signals),
        method=method,
        n_units=reading.n_units,
        details={"batch": batch, "sizes": [len(part) for part in parts]},
    )


SPEC = ReaderStatistic(
    title="p-chart of errors",
    function=p_chart,
    accepts=Series,
    scales=frozenset(),
    reference="Montgomery 2012, ISBN 978-1-118-14681-1",
    says=(
        "Whether the share of errors differs from batch to batch by more than chance; with few reads a batch or rare "
        "errors the limits are rough, and the CUSUM of errors tells sooner."
    ),
    in_order=True,
)
