"""CUSUM of errors: whether a reader now errs more often than is accepted, read by read."""

from qc.agreement.base import TOO_FEW
from qc.readers._markov import Weights, average_run_length, limit_for, log_likelihood_weights
from qc.readers.base import NOT_BINARY, Chart, ReaderStatistic, no_chart
from qc.readings.series import Series


def error_cusum(
    reading: Series,
    *,
    p0: float = 0.10,
    p1: float = 0.20,
    weights: Weights | None = None,
    limit: float | None = None,
    run_length: float = 500.0,
) -> Chart:
    """Return the log-likelihood ratio CUSUM of a reader's errors, started again after a signal.

    Parameters
    ----------
    reading : Series
        1 for an error and 0 for a correct read, in the order of reading.
    p0, p1 : float
        Rate of errors that is accepted, and that is to be found.
    weights : Weights or None
        What an error adds and a correct read takes off; None takes ln(p1/p0) and −ln((1 − p1)/(1 − p0)). Whole numbers
        in about that proportion are easier to follow: 6 and 1 with the limit 25 for .10 → .20.
    limit : float or None
        The sum signals at this value or above; None takes the smallest with the mean run length asked for.
    run_length : float
        Mean number of reads before a false signal, where no limit is given.

    Returns
    -------
    Chart
        One point a read. ``details`` hold weights, limit, and the mean run lengths at p0 and p1 by a Markov
        chain. Undefined with ``too_few_items`` without reads, with ``not_binary`` for other values than 0 and 1.

    References
    ----------
    Reynolds MR, Stoumbos ZG. A CUSUM chart for monitoring a proportion when inspecting continuously.
    J Qual Technol 31:87-108, 1999. doi:10.1080/00224065.1999.11979900

    Examples
    --------
    >>> import numpy as np
    >>> chart = error_cusum(Series(np.array([0.0, 1, 1, 0, 1, 1, 1])), weights=Weights(6.0, 1.0), limit=25.0)
    >>> chart.points, chart.signals
    ((0.0, 6.0, 12.0, 11.0, 17.0, 23.0, 29.0), (6,))
    """
    steps = weights or log_likelihood_weights(p0, p1)
    method = f"CUSUM of errors, {p0:g} accepted, {p1:g} to be found"
    if not reading.n_units or not reading.is_binary:
        return no_chart(method, reading.n_units, TOO_FEW if reading.is_binary else NOT_BINARY)
    highest = limit_for(steps, p0, run_length) if limit is None else limit
    if highest <= 0:
        raise ValueError("The limit lies above 0.")
    points, signals, total = [], [], 0.0
    for place, is_error in enumerate(reading.values.tolist()):
        total = max(0.0, total + (steps.error if is_error else -steps.correct))
        points.append(total)
        if total >= highest:
            signals.append(place)
            total = 0.0
    n = len(points)
    details = {
        "weight_error": steps.error,
        "weight_correct": -steps.correct,
        "limit": highest,
        "reads_to_false_signal": average_run_length(steps, highest, p0),
        "reads_to_true_signal": average_run_length(steps, highest, p1),
    }
    return Chart(tuple(points), (None,) * n, (highest,) * n, 0.0, tuple(signals), method, n, details=details)


SPEC = ReaderStatistic(
    title="CUSUM of errors",
    function=error_cusum,
    accepts=Series,
    scales=frozenset(),
    reference="Reynolds & Stoumbos 1999, doi:10.1080/00224065.1999.11979900",
    says=(
        "Whether the reader now errs more often than is accepted; every chart signals falsely now and then, so that a "
        "signal asks for a look at the reads before it and proves nothing."
    ),
    in_order=True,
)
