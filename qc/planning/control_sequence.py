"""Control cases needed to catch a reader below a threshold, judged one by one."""

import math

from qc.planning.base import ALPHA, IMPOSSIBLE, NUMBER, POWER, Parameter, Planned, StudyPlan, whole


def control_sequence(*, acceptable: float, bad: float, alpha: float, power: float) -> Planned:
    """Return Wald's sequential test of a reader's accuracy: what to add, when to stop, how long it takes.

    Parameters
    ----------
    acceptable, bad : float
        Accuracy that is good enough, and the lower one that is to be caught.
    alpha : float
        Probability that an acceptable reader is flagged, about.
    power : float
        Probability that a bad one is, about.

    Returns
    -------
    Planned
        Mean number of controls for the worse of the two readers, rounded up. ``details`` hold ``pass_at`` and
        ``flag_at``, the sum's limits; ``correct`` and ``error``, what a control adds; and the mean numbers of controls
        of an acceptable and of a bad reader, the overshoot at the limits left out. ``impossible`` where bad is not
        below acceptable or the power not above alpha.

    References
    ----------
    Wald A. Sequential tests of statistical hypotheses. Ann Math Stat 16:117-186, 1945. doi:10.1214/aoms/1177731118

    Examples
    --------
    >>> plan = control_sequence(acceptable=0.9, bad=0.75, alpha=0.05, power=0.8)
    >>> round(plan.details["pass_at"], 3), round(plan.details["flag_at"], 3)
    (-1.558, 2.773)
    """
    if not (bad < acceptable and alpha < power):
        says = "The accuracy to be caught lies below the acceptable one, and the power above alpha."
        return Planned(None, says, undefined=IMPOSSIBLE)
    pass_at, flag_at = math.log((1 - power) / (1 - alpha)), math.log(power / alpha)
    correct, error = math.log(bad / acceptable), math.log((1 - bad) / (1 - acceptable))
    mean_acceptable = ((1 - alpha) * pass_at + alpha * flag_at) / (acceptable * correct + (1 - acceptable) * error)
    mean_bad = ((1 - power) * pass_at + power * flag_at) / (bad * correct + (1 - bad) * error)
    n = whole(max(mean_acceptable, mean_bad))
    says = (
        f"Start at 0, add {error:.3f} for an error and {correct:.3f} for a correct control; pass the reader at "
        f"{pass_at:.3f} or below, flag the reader at {flag_at:.3f} or above: about {n} controls."
    )
    details = {
        "pass_at": pass_at,
        "flag_at": flag_at,
        "correct": correct,
        "error": error,
        "expected_acceptable": mean_acceptable,
        "expected_bad": mean_bad,
    }
    return Planned(n, says, details)


SPEC = StudyPlan(
    title="Controls to catch a reader, one by one",
    function=control_sequence,
    parameters=(
        Parameter("acceptable", NUMBER, "accuracy that is good enough", 0.9),
        Parameter("bad", NUMBER, "accuracy that is to be caught"),
        ALPHA,
        POWER,
    ),
    reference="Wald 1945, doi:10.1214/aoms/1177731118",
    says=(
        "When to stop giving a reader control cases, and how many that takes on average; a single reader may need many "
        "more, and one between the two accuracies most of all."
    ),
)
