"""What sending a case to an adjudicator is worth."""

from qc.planning.base import IMPOSSIBLE, NUMBER, NUMBERS, Parameter, Planned, StudyPlan
from qc.routing._value import value_of_adjudication

_SUM = 1e-6
_LARGE = 1e6


def adjudication_value(*, posterior: tuple[float, ...], accuracy: float, cost: float, minutes: float) -> Planned:
    """Return the share of errors that one opinion of an adjudicator is expected to avoid.

    Parameters
    ----------
    posterior : tuple of float
        Probability of each code, adding up to 1.
    accuracy : float
        Probability that the adjudicator names the true code.
    cost : float
        Cost of an error.
    minutes : float
        Minutes that the adjudicator is expected to need.

    Returns
    -------
    Planned
        The value; ``details.priority`` is value · cost / minutes, by which a queue is ordered. ``impossible`` where
        the probabilities do not add up to 1.

    References
    ----------
    Raiffa H, Schlaifer R. Applied Statistical Decision Theory, 1961. ISBN 978-0-471-38349-9

    Examples
    --------
    >>> round(adjudication_value(posterior=(0.9, 0.1, 0.0), accuracy=0.9, cost=1.0, minutes=1.0).value, 3)
    0.045
    """
    if len(posterior) < 2 or abs(sum(posterior) - 1) > _SUM:
        return Planned(None, "The probabilities of two codes or more add up to 1.", undefined=IMPOSSIBLE)
    value = float(value_of_adjudication([posterior], accuracy)[0])
    says = f"Asking avoids {value:.3f} errors a case." if value else "Asking could not change the answer."
    return Planned(value, says, {"error_now": 1 - max(posterior), "priority": value * cost / minutes})


SPEC = StudyPlan(
    title="Value of an adjudication",
    function=adjudication_value,
    parameters=(
        Parameter("posterior", NUMBERS, "probability of each code, adding up to 1"),
        Parameter("accuracy", NUMBER, "probability that the adjudicator names the true code", 0.95, high=1 + 1e-9),
        Parameter("cost", NUMBER, "cost of an error", 1.0, high=_LARGE),
        Parameter("minutes", NUMBER, "minutes that the adjudicator needs", 1.0, high=_LARGE),
    ),
    reference="Raiffa & Schlaifer 1961, ISBN 978-0-471-38349-9",
    says=(
        "Whether a case is worth an adjudicator's time, and before which others; where all readers err together the "
        "probabilities are wrong and so is the value, which is why accepted cases are audited at random."
    ),
)
