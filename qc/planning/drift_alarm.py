"""When the CUSUM of a reader's errors is to signal."""

from qc.planning.base import IMPOSSIBLE, NUMBER, Parameter, Planned, StudyPlan
from qc.readers._markov import average_run_length, limit_for, log_likelihood_weights

# Rates closer than this are one rate to any chart of reasonable length.
_APART = 1.1


def drift_alarm(*, accepted: float, watched: float, run_length: float) -> Planned:
    """Return the smallest limit at which false signals are at least ``run_length`` reads apart on average.

    Parameters
    ----------
    accepted, watched : float
        Rate of errors that is accepted, and the higher one that is to be found.
    run_length : float
        Mean number of reads until a false signal.

    Returns
    -------
    Planned
        The limit of the sum that adds ``error`` for an error and ``correct`` for a correct read (``details``), with the
        mean numbers of reads until a false and a true signal by an exact Markov chain. ``impossible`` where the watched
        rate is not above the accepted one by a tenth of it.

    References
    ----------
    Reynolds MR, Stoumbos ZG. J Qual Technol 31:87-108, 1999. doi:10.1080/00224065.1999.11979900

    Examples
    --------
    >>> plan = drift_alarm(accepted=0.1, watched=0.25, run_length=600)
    >>> plan.details["reads_to_false_signal"] >= 600
    True
    """
    if watched < _APART * accepted:
        says = "The watched rate lies above the accepted one, by a tenth of it or more."
        return Planned(None, says, undefined=IMPOSSIBLE)
    weights = log_likelihood_weights(accepted, watched)
    limit = limit_for(weights, accepted, run_length)
    false, true = (average_run_length(weights, limit, p) for p in (accepted, watched))
    says = f"Signal at {limit:.3f}: a false signal every {false:.0f} reads, a true one after {true:.0f} reads."
    details = {
        "error": weights.error,
        "correct": -weights.correct,
        "reads_to_false_signal": false,
        "reads_to_true_signal": true,
    }
    return Planned(limit, says, details)


SPEC = StudyPlan(
    title="Limit of the CUSUM of errors",
    function=drift_alarm,
    parameters=(
        Parameter("accepted", NUMBER, "rate of errors that is accepted", 0.1, low=0.001, high=0.999),
        Parameter("watched", NUMBER, "rate of errors that is to be found", 0.2, low=0.001, high=0.999),
        Parameter("run_length", NUMBER, "mean number of reads until a false signal", 500.0, low=1.0, high=100_000.0),
    ),
    reference="Reynolds & Stoumbos 1999, doi:10.1080/00224065.1999.11979900",
    says=(
        "At what sum a reader's errors are to raise an alarm; many readers watched for long raise false alarms often, "
        "each at its own time."
    ),
)
